//! `upvest webhooks events`: what was received.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::Value;
use upvest::models::{DateTime, Uuid};
use upvest_http::Excerpt;
use upvest_inbox::sqlx::sqlite::SqliteRow;
use upvest_inbox::sqlx::{self, Row as _, SqlitePool};

use super::database::database;
use super::target::{Targets, address};
use crate::failure::{Failure, FailureKind, with_sources};
use crate::output;

/// What can be done with events that were received.
#[derive(Subcommand)]
pub(super) enum EventsCommand {
    /// List the events, the latest first
    List {
        #[command(flatten)]
        stored: Stored,
        /// How many events at most
        #[arg(long, default_value_t = 20)]
        limit: u32,
        /// Only events of this type
        #[arg(long, value_name = "TYPE")]
        kind: Option<String>,
    },
    /// Print an event, in JSON
    Show {
        /// The key of the event
        key: Uuid,
        #[command(flatten)]
        stored: Stored,
    },
    /// Send an event to an address again, by itself
    Replay {
        /// The key of the event
        key: Uuid,
        /// The address
        #[arg(long, value_name = "URL")]
        forward: String,
        #[command(flatten)]
        stored: Stored,
    },
}

/// Where they are.
#[derive(Args)]
pub(super) struct Stored {
    /// The SQLite file with the events [default: webhooks.db beside the profiles]
    #[arg(long, value_name = "PATH")]
    database: Option<PathBuf>,
}

impl Stored {
    async fn open(self) -> Result<SqlitePool, Failure> {
        let path = database(self.database)?;
        let found = crate::inbox::existing_sqlite(&path).await;
        found.map_err(|failure| failure.help("`upvest webhooks listen` makes it"))
    }
}

/// Does what was asked for.
pub(super) async fn run(command: EventsCommand) -> Result<ExitCode, Failure> {
    match command {
        EventsCommand::List {
            stored,
            limit,
            kind,
        } => list(&stored.open().await?, limit, kind).await?,
        EventsCommand::Show { key, stored } => {
            let raw = raw(&stored.open().await?, key).await?;
            // What cannot be read is shown as it came.
            match serde_json::from_str::<Value>(&raw) {
                Ok(event) => output::line(&format!("{event:#}"))?,
                Err(_) => output::line(&raw)?,
            }
        }
        EventsCommand::Replay {
            key,
            forward,
            stored,
        } => {
            let target = address(&forward)?;
            let raw = raw(&stored.open().await?, key).await?;
            let targets = Targets::new(None, false, Vec::new(), Vec::new())?;
            let sent = targets.send_event(&target, &raw).await;
            output::line(&sent.to_string())?;
            if !sent.is_taken() {
                return Ok(ExitCode::FAILURE);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(pool: &SqlitePool, limit: u32, kind: Option<String>) -> Result<(), Failure> {
    let sql = "SELECT key, kind, created_at, entity FROM upvest_inbox_events
                WHERE $1 IS NULL OR kind = $1 ORDER BY received_at DESC, created_at DESC LIMIT $2";
    let rows = sqlx::query(sql)
        .bind(kind)
        .bind(limit)
        .fetch_all(pool)
        .await;
    let rows = rows.map_err(|error| failed(&error))?;
    if rows.is_empty() {
        output::note("no such event has been received yet");
    }
    for row in rows {
        output::line(&line(&row).map_err(|error| failed(&error))?)?;
    }
    Ok(())
}

fn line(row: &SqliteRow) -> Result<String, sqlx::Error> {
    let key: Vec<u8> = row.try_get(0)?;
    let key = Uuid::from_slice(&key).unwrap_or_default();
    let (kind, created, entity): (String, i64, String) =
        (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?);
    let created = DateTime::from_timestamp_nanos(created).to_rfc3339();
    let shown = |text: &str| Excerpt::new(text).limit(60).to_string();
    Ok(format!(
        "{created}  {:<40}  {key}  {}",
        shown(&kind),
        shown(&entity)
    ))
}

async fn raw(pool: &SqlitePool, key: Uuid) -> Result<String, Failure> {
    let sql = "SELECT raw FROM upvest_inbox_events WHERE key = $1";
    let bytes = key.as_bytes().to_vec();
    let row = sqlx::query(sql).bind(bytes).fetch_optional(pool).await;
    let row = row.map_err(|error| failed(&error))?;
    let row =
        row.ok_or_else(|| Failure::new(FailureKind::Other, format!("there is no event {key}")))?;
    row.try_get(0).map_err(|error| failed(&error))
}

fn failed(error: &sqlx::Error) -> Failure {
    Failure::new(
        FailureKind::Other,
        format!("the database: {}", with_sources(error)),
    )
}
