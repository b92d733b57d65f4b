//! `upvest inbox`: what operators do with an inbox of webhook events.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use upvest::models::{DateTime, Utc, Uuid};
use upvest_http::Excerpt;
use upvest_inbox::sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use upvest_inbox::sqlx::{Connection as _, PgConnection, PgPool, SqlitePool};
use upvest_inbox::{Backend, Inbox, Replay};

use crate::failure::{Failure, with_sources};
use crate::output;

/// The variable that names the database.
const VARIABLE: &str = "UPVEST_DATABASE_URL";

/// How long a database server has to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Look at an inbox of webhook events, and replay what is in it
#[derive(Args)]
pub(crate) struct InboxArguments {
    /// The database: a SQLite file, or `postgres://...`. An address with a password belongs in the
    /// variable UPVEST_DATABASE_URL
    #[arg(long, global = true, value_name = "DATABASE")]
    database: Option<String>,
    #[command(subcommand)]
    command: InboxCommand,
}

#[derive(Subcommand)]
enum InboxCommand {
    /// Show how many events are waiting, in progress, failed and parked
    Stats,
    /// List the events that are parked, longest first
    Parked {
        /// How many events at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Handle events again
    Replay {
        /// The key of one event
        #[arg(required_unless_present_any = ["parked", "since"])]
        key: Option<Uuid>,
        /// All events that are parked
        #[arg(long, conflicts_with = "key")]
        parked: bool,
        /// All events that were received since then: 2026-01-31T12:00:00Z
        #[arg(long, value_name = "TIME", conflicts_with_all = ["key", "parked"], value_parser = time)]
        since: Option<DateTime<Utc>>,
        /// Only events that were received before then
        #[arg(long, value_name = "TIME", requires = "since", value_parser = time)]
        until: Option<DateTime<Utc>>,
        /// Only events of this type
        #[arg(long, value_name = "TYPE", requires = "since")]
        kind: Option<String>,
    },
    /// Mark a parked event as done
    GiveUp {
        /// The key of the event
        key: Uuid,
    },
    /// Delete events that are done
    Forget {
        /// Only events that were received more than this many days ago
        #[arg(long, value_name = "DAYS")]
        days: u32,
    },
}

/// Does what was asked for.
pub(crate) async fn run(arguments: InboxArguments) -> Result<ExitCode, Failure> {
    let variable = || std::env::var(VARIABLE).ok().filter(|text| !text.is_empty());
    let Some(database) = arguments
        .database
        .map(without_password)
        .transpose()?
        .or_else(variable)
    else {
        return Err(Failure::configuration("no database was named")
            .help(format!("use `--database`, or the variable {VARIABLE}")));
    };
    let scheme = database.split_once("://").map(|(scheme, _)| scheme);
    if scheme.is_some_and(|scheme| !matches!(scheme, "postgres" | "postgresql" | "sqlite")) {
        return Err(
            Failure::configuration("an inbox cannot use a database of this kind")
                .help("name a SQLite file, or `postgres://...`"),
        );
    }
    let answer = if database.starts_with("postgres:") || database.starts_with("postgresql:") {
        act(&Inbox::new(postgres(&database).await?), arguments.command).await?
    } else {
        let file = database.trim_start_matches("sqlite:");
        let file = Path::new(file.strip_prefix("//").unwrap_or(file));
        let found = existing_sqlite(file).await;
        let pool = found.map_err(|failure| failure.help("name the SQLite file of the inbox"))?;
        act(&Inbox::new(pool), arguments.command).await?
    };
    output::line(&format!("{answer:#}"))?;
    Ok(ExitCode::SUCCESS)
}

/// A PostgreSQL database. A pool would try again and again, and not say why it cannot be reached.
async fn postgres(database: &str) -> Result<PgPool, Failure> {
    let first = tokio::time::timeout(TIMEOUT, PgConnection::connect(database)).await;
    let reached = match first {
        Ok(connection) => connection.map(drop).map_err(|error| with_sources(&error)),
        Err(_) => Err(format!("no answer in {} s", TIMEOUT.as_secs())),
    };
    reached.map_err(|reason| unreachable_database("the database", &reason))?;
    let pool = PgPool::connect(database).await;
    pool.map_err(|error| unreachable_database("the database", &with_sources(&error)))
}

/// A SQLite database in a file that is there.
///
/// # Errors
///
/// When the file is not there or cannot be opened.
pub(crate) async fn existing_sqlite(path: &Path) -> Result<SqlitePool, Failure> {
    match path.is_file() {
        true => sqlite(path, false).await,
        false => {
            let message = format!("there is no database `{}`", path.display());
            Err(Failure::configuration(message))
        }
    }
}

/// A SQLite database in a file. With `create`, a missing file is made.
///
/// # Errors
///
/// When it cannot be opened.
pub(crate) async fn sqlite(path: &Path, create: bool) -> Result<SqlitePool, Failure> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(create);
    let pool = SqlitePoolOptions::new().connect_with(options).await;
    pool.map_err(|error| {
        let name = format!("the database `{}`", path.display());
        unreachable_database(&name, &with_sources(&error))
    })
}

/// A point in time (RFC 3339).
fn time(text: &str) -> Result<DateTime<Utc>, &'static str> {
    text.parse().map_err(|_| "write 2026-01-31T12:00:00Z")
}

/// Refuses a password on the command line: others on this machine can read the list of processes.
fn without_password(database: String) -> Result<String, Failure> {
    let has_password = url::Url::parse(&database).is_ok_and(|url| url.password().is_some());
    match has_password {
        true => Err(
            Failure::usage("the database is named with a password on the command line")
                .help(format!("put it into the variable {VARIABLE}")),
        ),
        false => Ok(database),
    }
}

fn unreachable_database(name: &str, reason: &str) -> Failure {
    Failure::configuration(format!("{name} cannot be opened: {reason}"))
}

/// What failed in the database, in one line.
pub(crate) fn failed(error: &upvest_inbox::Error) -> Failure {
    Failure::new(crate::failure::FailureKind::Other, with_sources(error))
}

async fn act<DB: Backend>(inbox: &Inbox<DB>, command: InboxCommand) -> Result<Value, Failure> {
    let who = "upvest inbox";
    let answer = match command {
        InboxCommand::Stats => inbox.stats().await.map(|stats| {
            json!({
                "depth": stats.depth, "claimed": stats.claimed, "failed": stats.failed,
                "parked": stats.parked, "oldest": stats.oldest, "lag_seconds": stats.lag.as_secs(),
            })
        }),
        InboxCommand::Parked { limit } => inbox.parked(limit).await.map(|parked| {
            let events = parked.iter().map(|one| {
                json!({
                    "key": one.event.key, "type": one.event.event_type, "entity": one.event.entity,
                    "attempts": one.event.attempt, "parked_at": one.parked_at,
                    "error": Excerpt::new(&one.error).to_string(),
                })
            });
            events.collect()
        }),
        InboxCommand::Replay {
            key,
            parked,
            since,
            until,
            kind,
        } => {
            let replay = match (key, since) {
                (Some(key), _) => Replay::Event(key),
                (None, Some(since)) => {
                    let range = since..until.unwrap_or(DateTime::<Utc>::MAX_UTC);
                    kind.map_or(Replay::Received(range.clone()), |kind| {
                        Replay::EventType(kind, range)
                    })
                }
                (None, None) if parked => Replay::Parked,
                (None, None) => {
                    let failure = Failure::usage("no events to replay were named");
                    return Err(failure.help("name a key, or use `--parked` or `--since`"));
                }
            };
            inbox
                .replay(&replay, who)
                .await
                .map(|events| json!({ "replayed": events }))
        }
        InboxCommand::GiveUp { key } => inbox
            .give_up(key, who)
            .await
            .map(|done| json!({ "given_up": u8::from(done) })),
        InboxCommand::Forget { days } => {
            let age = Duration::from_secs(u64::from(days) * 24 * 60 * 60);
            inbox
                .forget(age)
                .await
                .map(|events| json!({ "forgotten": events }))
        }
    };
    answer.map_err(|error| failed(&error))
}
