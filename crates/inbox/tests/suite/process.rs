//! Separate processes, which are killed.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use upvest_inbox::sqlx::{self, PgPool, Postgres};
use upvest_inbox::{Backend, Handler, HandlerFuture, Inbox, StoredEvent, Worker};

use crate::database::Database;
use crate::events::{json, number};
use crate::server::Server;
use crate::signed::{delivery, verifier};

pub(crate) const DELIVERIES: u64 = 12;
pub(crate) const EVENTS: u64 = 5;

/// A process that does one job on an inbox, and writes a line for every step.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// `job` is `receiver N GROUP` (from delivery N on, about four groups from this one on), `worker` or
    /// `relay PORT`.
    pub(crate) fn start(job: &str, schema: &str) -> Self {
        let server = Server::get().expect("the caller has looked");
        Self::start_at(job, server.port, schema)
    }

    /// On the server with this port. `job` may be `actor ISOLATION` as well.
    pub(crate) fn start_at(job: &str, port: u16, schema: &str) -> Self {
        Self::start_on(job, &format!("{port} {schema}"))
    }

    /// `job` is `both N` (a receiver from delivery N on, and a worker), on the SQLite database in
    /// this file.
    #[cfg(feature = "sqlite")]
    pub(crate) fn start_on_file(job: &str, file: &std::path::Path) -> Self {
        Self::start_on(job, &format!("sqlite {}", file.display()))
    }

    fn start_on(job: &str, database: &str) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "process::job", "--nocapture"])
            .env("UPVEST_INBOX_TEST_JOB", job)
            .env("UPVEST_INBOX_TEST_DATABASE", database)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let input = child.stdin.take().unwrap();
        Self {
            child,
            input,
            lines,
        }
    }

    /// Writes to its standard input.
    pub(crate) async fn write_line(&mut self, line: &str) {
        let line = format!("{line}\n");
        self.input.write_all(line.as_bytes()).await.unwrap();
    }

    /// The next step that it has done; nothing when it has ended.
    pub(crate) async fn step(&mut self) -> Option<String> {
        while let Some(line) = self.lines.next_line().await.unwrap() {
            if let Some(step) = line.split("::").nth(1) {
                return Some(step.to_owned());
            }
        }
        None
    }

    /// By SIGKILL.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

pub(crate) fn step(text: impl std::fmt::Display) {
    println!("::{text}");
}

/// What the processes do; nothing when the tests are run.
#[tokio::test]
async fn job() {
    let Ok(job) = std::env::var("UPVEST_INBOX_TEST_JOB") else {
        return;
    };
    let database = std::env::var("UPVEST_INBOX_TEST_DATABASE").unwrap();
    let (port, schema) = database.split_once(' ').unwrap();
    let mut words = job.split(' ');
    let (job, argument, group) = (words.next().unwrap(), words.next(), words.next());
    #[cfg(feature = "sqlite")]
    if job == "both" {
        let inbox = Inbox::new(crate::database::sqlite_pool(schema.as_ref()).await);
        let from = argument.unwrap().parse().unwrap();
        tokio::join!(receive(&inbox, from, 0), write_steps(&inbox));
        return;
    }
    let pool = Server::pool_at(port.parse().unwrap(), schema);
    let inbox = Inbox::new(pool.clone());
    match (job, argument) {
        ("receiver", Some(from)) => {
            let group = group.unwrap().parse().unwrap();
            receive(&inbox, from.parse().unwrap(), group).await;
        }
        ("worker", None) => write_steps(&inbox).await,
        ("actor", Some(isolation)) => crate::actor::run(pool, isolation).await,
        #[cfg(feature = "nats")]
        ("relay", Some(port)) => {
            work(inbox.relay(crate::relaying::Steps::connect(port).await)).await;
        }
        _ => panic!("there is no job {job:?}"),
    }
}

/// Works until the process is killed, and writes each event into a table.
async fn write_steps<DB: Database>(inbox: &Inbox<DB>) {
    work(inbox.worker(write_step::<DB>)).await;
}

pub(crate) fn write_step<'a, DB: Database>(
    event: &'a StoredEvent,
    transaction: &'a mut DB::Connection,
) -> HandlerFuture<'a> {
    let (number, entity) = (number(event), &event.entity);
    let sql = format!("INSERT INTO steps (number, entity) VALUES ({number}, '{entity}')");
    Box::pin(async move {
        step(format_args!("begun {}", event.key));
        DB::execute(transaction, sql).await?;
        step(format_args!("written {}", event.key));
        Ok(())
    })
}

async fn receive<DB: Backend>(inbox: &Inbox<DB>, from: u64, group: u64) {
    let receiver = inbox.receiver(verifier());
    for number in from..DELIVERIES {
        let events = number * EVENTS..(number + 1) * EVENTS;
        // One of the last delivery comes once more.
        let again = (number * EVENTS).saturating_sub(1);
        let events: Vec<String> = events
            .chain([again])
            .map(|number| json(number, group + number % 4))
            .collect();
        step(format_args!("sending {number}"));
        while receiver.receive(&delivery(&events)).await.is_err() {
            step(format_args!("refused {number}"));
        }
        step(format_args!("acknowledged {number}"));
    }
}

async fn work<DB: Backend, H: Handler<DB>>(worker: Worker<DB, H>) {
    let worker = worker
        .lease(Duration::from_secs(3))
        .poll(Duration::from_millis(20))
        .attempts(1000)
        .pauses(|_| Duration::ZERO)
        .batch(4);
    worker.run(std::future::pending()).await;
}

/// Tables to work on, on the server of all tests; nothing where it is not installed.
pub(crate) async fn tables() -> Option<(PgPool, String, Inbox<Postgres>)> {
    Some(tables_on(Server::get()?).await)
}

pub(crate) async fn tables_on(server: &Server) -> (PgPool, String, Inbox<Postgres>) {
    let (pool, schema) = server.named_schema().await;
    let inbox = Inbox::new(pool.clone());
    inbox.migrate().await.unwrap();
    let steps =
        "CREATE TABLE steps (place bigserial, number bigint NOT NULL, entity text NOT NULL)";
    sqlx::query(steps).execute(&pool).await.unwrap();
    (pool, schema, inbox)
}
