//! The server of the database crashes, or its disk is full.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use upvest_inbox::Inbox;
use upvest_inbox::sqlx::{self, PgPool, Postgres};
use upvest_inbox::webhooks::Event;
use upvest_webhooks::testing::ManualClock;

use crate::crashing::{all_done, check};
use crate::database::{EFFECTS, clock};
use crate::events::{event, number, take_effect};
use crate::process::{Process, tables_on};
use crate::server::Server;
use crate::two_processes::Two;

/// An inbox on a separate server.
async fn inbox(server: &Server, clock: &ManualClock) -> Inbox<Postgres> {
    let now = clock.clone();
    let inbox = Inbox::new(server.schema().await).clock(now);
    inbox.migrate().await.unwrap();
    sqlx::query(EFFECTS).execute(inbox.pool()).await.unwrap();
    inbox
}

async fn effects(pool: &PgPool) -> Vec<i64> {
    let sql = "SELECT number FROM effects ORDER BY number";
    sqlx::query_scalar(sql).fetch_all(pool).await.unwrap()
}

/// Until they are stored, as Upvest sends a delivery until it is acknowledged.
async fn store(inbox: &Inbox<Postgres>, events: &[Event]) {
    while let Err(error) = inbox.store(events).await {
        assert!(error.is_transient(), "{error:?}");
    }
}

#[tokio::test]
async fn a_crash_of_the_server_loses_and_repeats_nothing() {
    let Some(mut server) = Server::own() else {
        return;
    };
    let clock = clock();
    let inbox = inbox(&server, &clock).await;
    let events: Vec<Event> = (0..30).map(|number| event(number, number % 3)).collect();
    inbox.store(&events[..20]).await.unwrap();

    let (begun, crash) = oneshot::channel();
    let (begun, crashed) = (std::sync::Mutex::new(Some(begun)), Arc::new(Notify::new()));
    let goes_on = Arc::clone(&crashed);
    let worker = inbox.worker(move |event, transaction| {
        let begun = (number(event) == 7)
            .then(|| begun.lock().unwrap().take())
            .flatten();
        let goes_on = Arc::clone(&goes_on);
        Box::pin(async move {
            take_effect::<Postgres>(event, &mut *transaction).await?;
            if let Some(begun) = begun {
                let _ = begun.send(());
                goes_on.notified().await;
            }
            Ok(())
        })
    });
    let worker = worker.poll(Duration::from_millis(20));
    let (stop, stopped) = oneshot::channel::<()>();
    let working = tokio::spawn(worker.run(async { drop(stopped.await) }));

    crash.await.unwrap();
    server.crash();
    crashed.notify_one();
    clock.advance(Duration::from_secs(120)); // The lease of what was claimed has ended.
    store(&inbox, &events[15..]).await;
    let mut interval = tokio::time::interval(Duration::from_millis(20));
    while inbox.stats().await.map_or(1, |stats| stats.depth) > 0 {
        interval.tick().await;
    }
    drop(stop);
    working.await.unwrap();
    assert_eq!(effects(inbox.pool()).await, Vec::from_iter(0..30));
}

#[tokio::test]
async fn a_crash_of_the_server_stops_no_process_that_works_on_it() {
    let Some(mut server) = Server::own() else {
        return;
    };
    let (pool, schema, inbox) = tables_on(&server).await;
    let start = |job: &str| Process::start_at(job, server.port, &schema);
    let (mut one, mut other) = (start("worker"), start("worker"));
    let mut receiver = start("receiver 0 0");
    for _ in 0..2 {
        for process in [&mut one, &mut other, &mut receiver] {
            process.step().await.expect("it is at work");
        }
        server.crash();
    }
    while receiver.step().await.is_some() {}
    all_done(&inbox).await;
    check(&pool, "crashes of the server").await;
    one.kill().await;
    other.kill().await;
}

/// A file system of 8 MiB, where this user may make one.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let directory = tempfile::tempdir().unwrap();
        let options = "size=8m,mode=777";
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]);
        if !is_done(mount.arg(directory.path())) {
            eprintln!("this user may not mount a file system: this test has tried nothing");
            return None;
        }
        let disk = Self(directory);
        // The server's user has to get at it, and to own it.
        let open = |path: &Path| is_done(Command::new("chmod").arg("755").arg(path));
        let owner = is_done(Command::new("chown").arg("postgres").arg(disk.path()));
        (open(disk.0.path()) && owner).then_some(disk)
    }

    fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).status();
    }
}

fn is_done(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

#[tokio::test]
async fn a_disk_that_is_full_refuses_and_loses_nothing() {
    let (Some(server), Some(disk)) = (Server::own(), SmallDisk::mount()) else {
        return;
    };
    let mut two = Two::start_on(&server, "read-committed").await;
    let tablespace = format!(
        "CREATE TABLESPACE small LOCATION '{}'",
        disk.path().display()
    );
    let tables = [
        &*tablespace,
        "ALTER TABLE upvest_inbox_events SET TABLESPACE small",
        "CREATE TABLE filler (text text) TABLESPACE small",
        "INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 3000)",
    ];
    for sql in tables {
        sqlx::raw_sql(sql).execute(two.inbox.pool()).await.unwrap();
    }
    // By turns, two events each, until there is no room.
    let store = |number: u64| format!("store {number}/{number}/write,large 100{number}/1/write");
    let mut stored = 0;
    let turns = loop {
        let one = two.one.ask(&store(2 * stored)).await;
        let other = two.other.ask(&store(2 * stored + 1)).await;
        match [&*one, &*other] {
            ["stored 2", "stored 2"] => stored += 1,
            turns => break turns.map(str::to_owned),
        }
    };
    assert_eq!(turns[1], "refused");
    let events = |turns: u64| 4 * turns;
    let first = u64::from(turns[0] == "stored 2") * 2;
    let done = two.drain(50).await;
    assert_eq!(
        done,
        [events(stored) + first, 0, 0],
        "what is there is worked off"
    );

    let room = "DROP TABLE filler";
    sqlx::query(room).execute(two.inbox.pool()).await.unwrap();
    let again = two.one.ask(&store(2 * stored)).await;
    assert_eq!(again, format!("stored {}", 2 - first), "both or neither");
    let again = two.other.ask(&store(2 * stored + 1)).await;
    assert_eq!(again, "stored 2", "neither was there");
    assert_eq!(two.drain(50).await, [4 - first, 0, 0]);
}
