//! Processes are killed, and connections broken, at random points. What is there afterwards?
//!
//! `UPVEST_INBOX_CRASH_RUNS` says how many runs there are.

use std::collections::HashMap;

use futures_util::StreamExt;
use upvest_inbox::Inbox;
use upvest_inbox::sqlx::{self, PgPool, Postgres};

#[cfg(feature = "sqlite")]
use crate::database::sqlite_pool;
#[cfg(feature = "sqlite")]
use crate::process::write_step;
use crate::process::{DELIVERIES, EVENTS, Process, tables};
use crate::server::Server;

/// A sequence of numbers that is the same in every run (SplitMix64, by Sebastiano Vigna).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// How many runs there are at a time: most of one is waiting.
const AT_A_TIME: usize = 8;

/// Does all runs, each by its number, and adds up how many processes were killed.
pub(crate) async fn each_run<F: Future<Output = u64>>(run: impl Fn(u64) -> F) {
    let runs = std::env::var("UPVEST_INBOX_CRASH_RUNS").ok();
    let runs = runs.map_or(4, |runs| runs.parse().expect("a number of runs"));
    let run = async |number| {
        let killed = run(number).await;
        println!("run {number}: {killed} processes were killed");
        killed
    };
    let killed = futures_util::stream::iter(0..runs).map(run);
    let killed: u64 = killed
        .buffer_unordered(AT_A_TIME)
        .fold(0, async |sum, one| sum + one)
        .await;
    println!("{runs} runs, in which {killed} processes were killed");
}

/// Delivers everything as Upvest does, each delivery until it is acknowledged, to a receiver that is
/// killed again and again. Returns how often.
async fn receive(schema: &str, mut random: Random, mut kills: u64) -> u64 {
    let (mut next, mut killed) = (0, 0);
    while next < DELIVERIES {
        let mut receiver = Process::start(&format!("receiver {next} 0"), schema);
        let mut steps = match kills {
            0 => u64::MAX,
            _ => random.below(2 * DELIVERIES),
        };
        loop {
            match receiver.step().await {
                Some(step) => {
                    if let Some(number) = step.strip_prefix("acknowledged ") {
                        next = number.parse::<u64>().unwrap() + 1;
                    }
                }
                None => break,
            }
            if steps == 0 {
                receiver.kill().await;
                (kills, killed) = (kills - 1, killed + 1);
                break;
            }
            steps -= 1;
        }
    }
    killed
}

/// Has a process work that is killed again and again, and leaves the last one running.
pub(crate) async fn work(job: &str, schema: &str, mut random: Random, kills: u64) -> Process {
    for _ in 0..kills {
        let mut worker = Process::start(job, schema);
        for _ in 0..=random.below(12) {
            if tokio::time::timeout(std::time::Duration::from_secs(2), worker.step())
                .await
                .is_err()
            {
                break; // There is nothing more to do.
            }
        }
        worker.kill().await;
    }
    Process::start(job, schema)
}

/// Breaks all connections that the processes have, at this many random times.
pub(crate) async fn break_connections(
    pool: &PgPool,
    schema: &str,
    mut random: Random,
    mut times: u64,
) {
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = $1 AND pid <> pg_backend_pid()";
    let mut interval = tokio::time::interval(std::time::Duration::from_millis(20));
    while times > 0 {
        for _ in 0..=random.below(20) {
            interval.tick().await;
        }
        let broken = sqlx::query(sql).bind(format!("{schema} job"));
        if !broken.fetch_all(pool).await.unwrap().is_empty() {
            times -= 1;
        }
    }
}

/// Waits until everything is worked off.
pub(crate) async fn all_done(inbox: &Inbox<Postgres>) {
    let mut interval = tokio::time::interval(std::time::Duration::from_millis(20));
    loop {
        interval.tick().await;
        let stats = inbox.stats().await.unwrap();
        assert_eq!(stats.parked, 0);
        if stats.depth == 0 {
            return;
        }
    }
}

const STEPS: &str = "SELECT number, entity FROM steps ORDER BY place";

pub(crate) async fn check(pool: &PgPool, run: &str) {
    check_steps(&sqlx::query_as(STEPS).fetch_all(pool).await.unwrap(), run);
}

/// Every event took effect once, and those of an entity in their order.
fn check_steps(rows: &[(i64, String)], run: &str) {
    let mut numbers: Vec<i64> = rows.iter().map(|(number, _)| *number).collect();
    numbers.sort_unstable();
    let expected: Vec<i64> = (0..(DELIVERIES * EVENTS) as i64).collect();
    assert_eq!(numbers, expected, "{run}: each event took effect once");
    let mut groups = HashMap::<&str, Vec<i64>>::new();
    for (number, entity) in rows {
        groups.entry(entity).or_default().push(*number);
    }
    assert_eq!(groups.len(), 4);
    for (entity, numbers) in groups {
        assert!(
            numbers.is_sorted(),
            "{run}: {entity} is in order: {numbers:?}"
        );
    }
}

#[tokio::test]
async fn no_crash_loses_repeats_or_reorders_an_event() {
    if Server::get().is_some() {
        each_run(crash_on_postgres).await;
    }
}

/// Returns how many processes were killed.
async fn crash_on_postgres(run: u64) -> u64 {
    let (pool, schema, inbox) = tables().await.expect("the server is there");
    let random = |salt: u64| Random(run * 1000 + salt);
    let (receiver, one, other, ()) = tokio::join!(
        receive(&schema, random(1), 2),
        work("worker", &schema, random(2), 3),
        work("worker", &schema, random(3), 3),
        break_connections(&pool, &schema, random(4), 3),
    );
    all_done(&inbox).await;
    one.kill().await;
    other.kill().await;
    check(&pool, &format!("run {run}")).await;
    receiver + 8
}

/// A receiver and a worker in one process, as SQLite asks for.
#[cfg(feature = "sqlite")]
#[tokio::test]
async fn no_crash_loses_repeats_or_reorders_an_event_in_sqlite() {
    each_run(crash_on_sqlite).await;
}

#[cfg(feature = "sqlite")]
async fn crash_on_sqlite(run: u64) -> u64 {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("inbox.db");
    let pool = sqlite_pool(&file).await;
    let hour = std::time::Duration::from_secs(60 * 60);
    let inbox = Inbox::new(pool.clone()).clock(move || std::time::SystemTime::now() + hour);
    inbox.migrate().await.unwrap();
    let steps = "CREATE TABLE steps (place INTEGER PRIMARY KEY, number bigint, entity text)";
    sqlx::query(steps).execute(&pool).await.unwrap();

    let mut random = Random(run);
    let (mut next, mut killed) = (0, 0);
    while next < DELIVERIES {
        let mut process = Process::start_on_file(&format!("both {next}"), &file);
        for _ in 0..=random.below(60) {
            let step = process.step().await.unwrap();
            if let Some(number) = step.strip_prefix("acknowledged ") {
                next = number.parse::<u64>().unwrap() + 1;
            }
            if next == DELIVERIES {
                break;
            }
        }
        process.kill().await;
        killed += 1;
    }
    // An hour later, what the last process has claimed is free.
    let worker = inbox.worker(write_step::<sqlx::Sqlite>).attempts(1000);
    worker.drain().await.unwrap();
    let rows = sqlx::query_as(STEPS).fetch_all(&pool).await.unwrap();
    check_steps(&rows, &format!("SQLite, run {run}"));
    killed
}

#[tokio::test]
async fn two_receivers_and_four_separate_workers_share_one_inbox() {
    let Some((pool, schema, inbox)) = tables().await else {
        return;
    };
    let workers: Vec<Process> = (0..4).map(|_| Process::start("worker", &schema)).collect();
    tokio::join!(
        receive(&schema, Random(1), 0),
        receive(&schema, Random(2), 0)
    );
    all_done(&inbox).await;
    check(&pool, "four workers").await;
    for worker in workers {
        worker.kill().await;
    }
}
