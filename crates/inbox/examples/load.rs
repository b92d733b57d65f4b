//! What storing and working off costs, beside the same rows inserted by hand.
//!
//! ```sh
//! cargo run --release -p upvest-inbox --features postgres --example load -- postgres://user@localhost/database
//! cargo run --release -p upvest-inbox --example load -- sqlite:///tmp/load.db
//! ```
//!
//! It makes tables in the database, and leaves them there. A second argument is the number of events.

use std::error::Error;
use std::time::{Duration, Instant};

use upvest_inbox::sqlx::{self, Pool};
use upvest_inbox::webhooks::Event;
use upvest_inbox::{Backend, Inbox};

const GROUPS: u64 = 1000;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("the URL of a database is missing")?;
    let events = arguments
        .next()
        .map_or(Ok(30_000), |events| events.parse())?;
    #[cfg(feature = "postgres")]
    if url.starts_with("postgres") {
        let pool = sqlx::PgPool::connect(&url).await?;
        return measure(pool, events, raw::postgres).await;
    }
    let options = url.parse::<sqlx::sqlite::SqliteConnectOptions>()?;
    let options = options
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(60));
    let pool = sqlx::SqlitePool::connect_with(options).await?;
    measure(pool, events, raw::sqlite).await
}

async fn measure<DB: Backend>(
    pool: Pool<DB>,
    events: u64,
    insert: impl AsyncFn(&Pool<DB>, &[Event]) -> sqlx::Result<()>,
) -> Result<(), Box<dyn Error>> {
    let inbox = Inbox::new(pool.clone());
    inbox.migrate().await?;
    println!(
        "{:>12} {:>14} {:>14} {:>7} {:>14}",
        "per delivery", "stored a s", "by hand a s", "ratio", "worked a s"
    );
    // Numbers that no earlier run has used.
    let mut next = Instant::now().elapsed().subsec_nanos() as u64
        + std::time::SystemTime::UNIX_EPOCH.elapsed()?.as_millis() as u64 * 10_000_000;
    for per_delivery in [1, 10, 100, 1000] {
        let count = if per_delivery == 1 {
            events / 10
        } else {
            events
        };
        let mut batch = || {
            let batch: Vec<Event> = (next..next + count).map(event).collect();
            next += count;
            batch
        };
        // By turns, so that what else the machine does strikes both.
        let (mut stored, mut by_hand) = (Duration::ZERO, Duration::ZERO);
        let (ours, theirs) = (batch(), batch());
        for (ours, theirs) in ours.chunks(per_delivery).zip(theirs.chunks(per_delivery)) {
            let begin = Instant::now();
            inbox.store(ours).await?;
            stored += begin.elapsed();
            let begin = Instant::now();
            insert(&pool, theirs).await?;
            by_hand += begin.elapsed();
        }
        let worker = inbox.worker(|_, _| Box::pin(async { Ok(()) })).batch(200);
        let begin = Instant::now();
        let done = worker.drain().await?.done;
        let rate = |count: u64, time: Duration| count as f64 / time.as_secs_f64();
        println!(
            "{per_delivery:>12} {:>14.0} {:>14.0} {:>7.2} {:>14.0}",
            rate(count, stored),
            rate(count, by_hand),
            by_hand.as_secs_f64() / stored.as_secs_f64(),
            rate(done, begin.elapsed()),
        );
    }
    Ok(())
}

fn event(number: u64) -> Event {
    let group = number % GROUPS;
    let nanos = number % 1_000_000_000;
    Event::from_json(&format!(
        r#"{{"id":"00000000-0000-4000-8{:03x}-{:012x}","created_at":"2026-11-25T10:00:00.{nanos:09}Z","type":"CASH_BALANCE.UPDATED","webhook_id":"9df39835-be87-4243-9018-f2500b39cee6","object":{{"account_group_id":"00000000-0000-4000-9000-{group:012}","currency":"EUR","balance":"100.25","locked_for_trading":"10","pending_settlement":"10","available_for_withdrawal":"80","available_for_trading":"80"}}}}"#,
        number >> 48,
        number & 0xffff_ffff_ffff,
    ))
}

/// The same rows into one table with a primary key, in one statement.
mod raw {
    use super::*;

    const TABLE: &str = "CREATE TABLE IF NOT EXISTS load_by_hand (
        key uuid PRIMARY KEY, kind text NOT NULL, entity text NOT NULL, created_at bigint NOT NULL,
        webhook_id uuid, raw text NOT NULL, received_at bigint NOT NULL)";
    const ENTITY: &str = "00000000-0000-4000-9000-000000000001";

    fn created_at(event: &Event) -> i64 {
        let time = event
            .created_at()
            .and_then(|time| time.timestamp_nanos_opt());
        time.unwrap_or_default()
    }

    #[cfg(feature = "postgres")]
    pub(super) async fn postgres(pool: &sqlx::PgPool, events: &[Event]) -> sqlx::Result<()> {
        static TABLE_IS_THERE: tokio::sync::OnceCell<()> = tokio::sync::OnceCell::const_new();
        let create = async || sqlx::query(TABLE).execute(pool).await.map(drop);
        TABLE_IS_THERE.get_or_try_init(create).await?;
        let each = events.iter();
        let sql = "INSERT INTO load_by_hand SELECT * FROM unnest(
            $1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::uuid[], $6::text[], $7::bigint[])";
        sqlx::query(sql)
            .bind(each.clone().map(Event::key).collect::<Vec<_>>())
            .bind(
                each.clone()
                    .map(|event| event.event_type())
                    .collect::<Vec<_>>(),
            )
            .bind(vec![ENTITY; events.len()])
            .bind(each.clone().map(created_at).collect::<Vec<_>>())
            .bind(each.clone().map(Event::webhook_id).collect::<Vec<_>>())
            .bind(each.clone().map(Event::raw).collect::<Vec<_>>())
            .bind(vec![0i64; events.len()])
            .execute(pool)
            .await
            .map(drop)
    }

    pub(super) async fn sqlite(pool: &sqlx::SqlitePool, events: &[Event]) -> sqlx::Result<()> {
        sqlx::query(TABLE).execute(pool).await?;
        let mut query = sqlx::QueryBuilder::new("INSERT INTO load_by_hand ");
        query.push_values(events, |mut row, event| {
            row.push_bind(event.key())
                .push_bind(event.event_type())
                .push_bind(ENTITY)
                .push_bind(created_at(event))
                .push_bind(event.webhook_id())
                .push_bind(event.raw())
                .push_bind(0i64);
        });
        query.build().execute(pool).await.map(drop)
    }
}
