//! Processes of their own, to be killed.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use upvest_inbox::sqlx::{self, PgPool, Postgres};
use upvest_inbox::{Handler, Inbox, Worker};

use crate::events::{json, number};
use crate::server::Server;
use crate::signed::{delivery, verifier};

pub(crate) const DELIVERIES: u64 = 12;
pub(crate) const EVENTS: u64 = 5;

/// A process that does one job on an inbox, and writes a line for every step.
pub(crate) struct Process {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// `job` is `receiver N` (from delivery N on), `worker` or `relay PORT`.
    pub(crate) fn start(job: &str, schema: &str) -> Self {
        let server = Server::get().expect("the caller has looked");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "process::job", "--nocapture"])
            .env("UPVEST_INBOX_TEST_JOB", job)
            .env(
                "UPVEST_INBOX_TEST_DATABASE",
                format!("{} {schema}", server.port),
            )
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
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

fn step(text: impl std::fmt::Display) {
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
    let inbox = Inbox::new(Server::pool_at(port.parse().unwrap(), schema));
    let mut words = job.split(' ');
    match (words.next(), words.next()) {
        (Some("receiver"), Some(from)) => receive(&inbox, from.parse().unwrap()).await,
        (Some("worker"), None) => {
            work(inbox.worker(|event, transaction| {
                Box::pin(async move {
                    step(format_args!("begun {}", event.key));
                    let sql = "INSERT INTO steps (number, entity) VALUES ($1, $2)";
                    let query = sqlx::query(sql).bind(number(event)).bind(&event.entity);
                    query.execute(transaction).await?;
                    step(format_args!("written {}", event.key));
                    Ok(())
                })
            }))
            .await
        }
        #[cfg(feature = "nats")]
        (Some("relay"), Some(port)) => {
            work(inbox.relay(crate::relaying::Steps::connect(port).await)).await;
        }
        _ => panic!("there is no job {job:?}"),
    }
}

async fn receive(inbox: &Inbox<Postgres>, from: u64) {
    let receiver = inbox.receiver(verifier());
    for number in from..DELIVERIES {
        let events = number * EVENTS..(number + 1) * EVENTS;
        // One of the last delivery comes once more.
        let again = (number * EVENTS).saturating_sub(1);
        let events: Vec<String> = events
            .chain([again])
            .map(|number| json(number, number % 4))
            .collect();
        step(format_args!("sending {number}"));
        while receiver.receive(&delivery(&events)).await.is_err() {
            step(format_args!("refused {number}"));
        }
        step(format_args!("acknowledged {number}"));
    }
}

async fn work<H: Handler<Postgres>>(worker: Worker<Postgres, H>) {
    let worker = worker
        .lease(Duration::from_millis(500))
        .poll(Duration::from_millis(20))
        .attempts(1000)
        .pauses(|_| Duration::ZERO)
        .batch(4);
    worker.run(std::future::pending()).await;
}

/// Tables to work on.
pub(crate) async fn tables() -> Option<(PgPool, String, Inbox<Postgres>)> {
    let (pool, schema) = Server::get()?.named_schema().await;
    let inbox = Inbox::new(pool.clone());
    inbox.migrate().await.unwrap();
    let steps =
        "CREATE TABLE steps (place bigserial, number bigint NOT NULL, entity text NOT NULL)";
    sqlx::query(steps).execute(&pool).await.unwrap();
    Some((pool, schema, inbox))
}
