//! A separate process that does what it is sent, line by line: what two of them do to one database at
//! a time is decided by the test, not by chance.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin};
use tokio::sync::Mutex;
use upvest_inbox::sqlx::postgres::PgConnectOptions;
use upvest_inbox::sqlx::{self, PgConnection, PgPool, Postgres};
use upvest_inbox::webhooks::Event;
use upvest_inbox::{HandlerError, HandlerFuture, Inbox, StoredEvent};

use crate::crashing::Random;
use crate::events::{json, number, take_effect};
use crate::process::{Process, step};

/// An actor as the test sees it.
pub(crate) struct Actor(Process);

impl Actor {
    /// Its transactions have this isolation.
    pub(crate) fn start(isolation: &str, port: u16, schema: &str) -> Self {
        Self(Process::start_at(
            &format!("actor {isolation}"),
            port,
            schema,
        ))
    }

    /// Gives it a command: see [`run`]. `go` has a handler go on that waits.
    pub(crate) async fn tell(&mut self, command: &str) {
        self.0.write_line(command).await;
    }

    /// The next thing that it says.
    pub(crate) async fn hear(&mut self) -> String {
        self.0.step().await.expect("the process is there")
    }

    /// What it says once it has done this.
    pub(crate) async fn ask(&mut self, command: &str) -> String {
        self.tell(command).await;
        self.hear().await
    }
}

type Input = Arc<Mutex<Lines<BufReader<Stdin>>>>;

async fn next_line(input: &Input) -> Option<String> {
    input.lock().await.next_line().await.unwrap()
}

/// What the process does:
///
/// - `store NUMBER/GROUP/STEPS...` stores events and says `stored NEW`, or `refused` if the same may
///   succeed later. The last of the steps may be `large`, which is not a step.
/// - `drain BATCH` works off what is there, each event by its steps, and says `worked DONE FAILED PARKED`.
/// - `back SECONDS` puts its clock back, `ahead SECONDS` forward; it says nothing.
pub(crate) async fn run(pool: PgPool, isolation: &str) {
    let isolation = isolation.replace('-', "\\ ");
    let options = PgConnectOptions::clone(&pool.connect_options());
    let options = options.options([("default_transaction_isolation", isolation)]);
    let pool = PgPool::connect_lazy_with(options);
    let input: Input = Arc::new(Mutex::new(BufReader::new(tokio::io::stdin()).lines()));
    let mut inbox = Inbox::new(pool);
    while let Some(line) = next_line(&input).await {
        let (command, arguments) = line.split_once(' ').unwrap();
        match command {
            "store" => store(&inbox, arguments).await,
            "drain" => drain(&inbox, arguments.parse().unwrap(), &input).await,
            "back" => {
                let back = Duration::from_secs(arguments.parse().unwrap());
                inbox = inbox.clock(move || SystemTime::now() - back);
            }
            "ahead" => {
                let ahead = Duration::from_secs(arguments.parse().unwrap());
                inbox = inbox.clock(move || SystemTime::now() + ahead);
            }
            _ => panic!("there is no command {command:?}"),
        }
    }
}

async fn store(inbox: &Inbox<Postgres>, events: &str) {
    let events: Vec<Event> = events.split(' ').map(event).collect();
    match inbox.store(&events).await {
        Ok(new) => step(format_args!("stored {new}")),
        Err(error) if error.is_transient() => step("refused"),
        Err(error) => panic!("{error:?}"),
    }
}

/// The event `NUMBER/GROUP/STEPS`.
fn event(text: &str) -> Event {
    let mut parts = text.split('/');
    let mut part = || parts.next().unwrap();
    let (number, group, steps) = (part().parse().unwrap(), part().parse().unwrap(), part());
    let mut object = format!(r#""object":{{"steps":"{steps}","#);
    if steps.ends_with("large") {
        // What can be compressed would take no room.
        let mut random = Random(number);
        let noise = (0..40_000).map(|_| format!("{:x}", random.below(u64::MAX)));
        object += &format!(r#""noise":"{}","#, noise.collect::<String>());
    }
    Event::from_json(&json(number, group).replace(r#""object":{"#, &object))
}

async fn drain(inbox: &Inbox<Postgres>, batch: u32, input: &Input) {
    let input = Arc::clone(input);
    let worker = inbox.worker(move |event, transaction| handle(event, transaction, &input));
    let worker = worker.batch(batch).pauses(|_| Duration::ZERO);
    let worked = worker.drain().await.unwrap();
    let (done, failed, parked) = (worked.done, worked.failed, worked.parked);
    step(format_args!("worked {done} {failed} {parked}"));
}

fn handle<'a>(
    event: &'a StoredEvent,
    transaction: &'a mut PgConnection,
    input: &Input,
) -> HandlerFuture<'a> {
    let input = Arc::clone(input);
    Box::pin(async move {
        let content: serde_json::Value = serde_json::from_str(event.raw())?;
        let steps = content["object"]["steps"].as_str().unwrap_or_default();
        let is_first = event.attempt == 1;
        for step in steps.split(',') {
            match step {
                "write" => take_effect::<Postgres>(event, transaction).await?,
                "visit1" => visit(transaction, 1).await?,
                "visit2" => visit(transaction, 2).await?,
                "wait" if is_first => wait(event, &input).await,
                "retryable" if is_first => return Err(HandlerError::retryable("later")),
                "permanent" => return Err(HandlerError::permanent("never")),
                _ => {}
            }
        }
        Ok(())
    })
}

/// Says `waits NUMBER`, and waits for the command to go on.
async fn wait(event: &StoredEvent, input: &Input) {
    step(format_args!("waits {}", number(event)));
    assert_eq!(next_line(input).await.as_deref(), Some("go"));
}

/// Of the table that [`PLACES`] makes.
async fn visit(transaction: &mut PgConnection, place: i64) -> sqlx::Result<()> {
    let sql = "UPDATE places SET visits = visits + 1 WHERE id = $1";
    let visit = sqlx::query(sql).bind(place);
    visit.execute(transaction).await.map(drop)
}

pub(crate) const PLACES: &str = "CREATE TABLE places (id bigint PRIMARY KEY, visits bigint);
    INSERT INTO places VALUES (1, 0), (2, 0)";
