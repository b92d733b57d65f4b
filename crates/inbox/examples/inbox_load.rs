//! What storing and handling events costs, beside the same rows inserted by one plain statement.
//!
//! ```sh
//! cargo run --release -p upvest-inbox --features postgres --example inbox_load -- postgres://user@localhost/database
//! cargo run --release -p upvest-inbox --example inbox_load -- sqlite:///tmp/load.db
//! ```
//!
//! A second argument is the number of events of each measurement, a third one how many are stored
//! beforehand, in the inbox and in the plain table. It makes tables in the database, and leaves
//! them there.

use std::error::Error;
use std::time::{Duration, Instant};

use upvest_inbox::models::Uuid;
use upvest_inbox::sqlx::{self, Pool};
use upvest_inbox::webhooks::Event;
use upvest_inbox::{Backend, Inbox};

const GROUPS: u64 = 1000;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().ok_or("the URL of a database is missing")?;
    let mut number = |otherwise: u64| {
        let number = arguments.next();
        number.map_or(Ok(otherwise), |number| number.parse())
    };
    let (events, stored) = (number(30_000)?, number(0)?);
    #[cfg(feature = "postgres")]
    if url.starts_with("postgres") {
        return measure(sqlx::PgPool::connect(&url).await?, events, stored).await;
    }
    let options = url.parse::<sqlx::sqlite::SqliteConnectOptions>()?;
    let options = options
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(60));
    let pool = sqlx::SqlitePool::connect_with(options).await?;
    measure(pool, events, stored).await
}

async fn measure<DB: Plain>(pool: Pool<DB>, events: u64, stored: u64) -> Result<()> {
    let inbox = Inbox::new(pool.clone());
    inbox.migrate().await?;
    DB::create(&pool).await?;
    DB::fill(&pool, stored).await?;
    println!(
        "{:>12} {:>12} {:>12} {:>7}",
        "per delivery", "stored a s", "plain a s", "ratio"
    );
    for per_delivery in [1, 10, 100, 1000] {
        let count = match per_delivery {
            1 => events / 10,
            _ => events,
        };
        let (stored, plain) = store(&inbox, count, per_delivery).await?;
        println!(
            "{per_delivery:>12} {:>12.0} {:>12.0} {:>7.2}",
            rate(count, stored),
            rate(count, plain),
            plain.as_secs_f64() / stored.as_secs_f64(),
        );
    }
    println!("{:>12} {:>12}", "workers", "worked a s");
    work(&inbox, 1).await?; // What was stored above.
    for workers in [1, 2, 4] {
        for batch in batch(events).chunks(1000) {
            inbox.store(batch).await?;
        }
        let (done, time) = work(&inbox, workers).await?;
        println!("{workers:>12} {:>12.0}", rate(done, time));
    }
    Ok(())
}

fn rate(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

/// How long it takes to store this many events, and the same number by a plain statement: by turns, so
/// that other load of the machine affects both.
async fn store<DB: Plain>(
    inbox: &Inbox<DB>,
    count: u64,
    per_delivery: usize,
) -> Result<(Duration, Duration)> {
    let (mut stored, mut plain) = (Duration::ZERO, Duration::ZERO);
    let (ours, theirs) = (batch(count), batch(count));
    for (ours, theirs) in ours.chunks(per_delivery).zip(theirs.chunks(per_delivery)) {
        let begin = Instant::now();
        inbox.store(ours).await?;
        stored += begin.elapsed();
        let begin = Instant::now();
        DB::insert(inbox.pool(), theirs).await?;
        plain += begin.elapsed();
    }
    Ok((stored, plain))
}

/// How many events this many workers handled, and how long that took.
async fn work<DB: Plain>(inbox: &Inbox<DB>, workers: usize) -> Result<(u64, Duration)> {
    let begin = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..workers {
        let worker = inbox.worker(|_, _| Box::pin(async { Ok(()) }));
        tasks.spawn(async move { worker.drain().await });
    }
    let mut done = 0;
    while let Some(worked) = tasks.join_next().await {
        done += worked??.done;
    }
    Ok((done, begin.elapsed()))
}

/// Events of many account groups by turns, with random ids.
fn batch(count: u64) -> Vec<Event> {
    (0..count).map(event).collect()
}

fn event(number: u64) -> Event {
    let (id, group) = (Uuid::new_v4(), number % GROUPS);
    Event::from_json(&format!(
        r#"{{"id":"{id}","created_at":"2026-11-25T10:00:00.{number:09}Z","type":"CASH_BALANCE.UPDATED","webhook_id":"9df39835-be87-4243-9018-f2500b39cee6","object":{{"account_group_id":"00000000-0000-4000-9000-{group:012}","currency":"EUR","balance":"100.25","locked_for_trading":"10","pending_settlement":"10","available_for_withdrawal":"80","available_for_trading":"80"}}}}"#
    ))
}

/// The same rows in one table with a primary key.
trait Plain: Backend {
    async fn create(pool: &Pool<Self>) -> sqlx::Result<()>;

    /// Inserts events with one statement.
    async fn insert(pool: &Pool<Self>, events: &[Event]) -> sqlx::Result<()>;

    /// Fills both tables to at least this many events, with random keys.
    async fn fill(pool: &Pool<Self>, events: u64) -> sqlx::Result<()>;
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS load_plain (
    key uuid PRIMARY KEY, kind text NOT NULL, entity text NOT NULL, created_at bigint NOT NULL,
    webhook_id uuid, raw text NOT NULL, received_at bigint NOT NULL)";
const ENTITY: &str = "00000000-0000-4000-9000-000000000001";

fn created_at(event: &Event) -> i64 {
    let time = event.created_at();
    let nanos = time.and_then(|time| time.timestamp_nanos_opt());
    nanos.unwrap_or_default()
}

#[cfg(feature = "postgres")]
impl Plain for sqlx::Postgres {
    async fn create(pool: &sqlx::PgPool) -> sqlx::Result<()> {
        sqlx::query(TABLE).execute(pool).await.map(drop)
    }

    async fn insert(pool: &sqlx::PgPool, events: &[Event]) -> sqlx::Result<()> {
        fn column<'a, T>(events: &'a [Event], get: impl Fn(&'a Event) -> T) -> Vec<T> {
            events.iter().map(get).collect()
        }

        let sql = "INSERT INTO load_plain SELECT * FROM unnest(
            $1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::uuid[], $6::text[], $7::bigint[])";
        let query = sqlx::query(sql)
            .bind(column(events, Event::key))
            .bind(column(events, Event::event_type))
            .bind(vec![ENTITY; events.len()])
            .bind(column(events, created_at))
            .bind(column(events, Event::webhook_id))
            .bind(column(events, Event::raw))
            .bind(vec![0i64; events.len()]);
        query.execute(pool).await.map(drop)
    }

    async fn fill(pool: &sqlx::PgPool, events: u64) -> sqlx::Result<()> {
        const BITE: u64 = 100_000;
        for table in ["upvest_inbox_events", "load_plain"] {
            let count = format!("SELECT count(*) FROM {table}");
            let there: i64 = sqlx::query_scalar(&count).fetch_one(pool).await?;
            let sql = format!(
                "INSERT INTO {table} SELECT gen_random_uuid(), 'CASH_BALANCE.UPDATED', $1, n, NULL, '{{}}', n
                   FROM generate_series(1, {BITE}) n"
            );
            for _ in 0..events.saturating_sub(there.unsigned_abs()).div_ceil(BITE) {
                sqlx::query(&sql).bind(ENTITY).execute(pool).await?;
            }
            let vacuum = format!("VACUUM ANALYZE {table}");
            sqlx::raw_sql(&vacuum).execute(pool).await?;
        }
        sqlx::raw_sql("CHECKPOINT").execute(pool).await.map(drop)
    }
}

impl Plain for sqlx::Sqlite {
    async fn create(pool: &sqlx::SqlitePool) -> sqlx::Result<()> {
        sqlx::query(TABLE).execute(pool).await.map(drop)
    }

    async fn insert(pool: &sqlx::SqlitePool, events: &[Event]) -> sqlx::Result<()> {
        let mut query = sqlx::QueryBuilder::new("INSERT INTO load_plain ");
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

    async fn fill(pool: &sqlx::SqlitePool, events: u64) -> sqlx::Result<()> {
        for table in ["upvest_inbox_events", "load_plain"] {
            let count = format!("SELECT count(*) FROM {table}");
            let there: i64 = sqlx::query_scalar(&count).fetch_one(pool).await?;
            let missing = events.saturating_sub(there.unsigned_abs());
            let sql = format!(
                "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {missing})
                 INSERT INTO {table} SELECT randomblob(16), 'CASH_BALANCE.UPDATED', $1, n, NULL, '{{}}', n
                   FROM numbers WHERE {missing} > 0"
            );
            sqlx::query(&sql).bind(ENTITY).execute(pool).await?;
        }
        Ok(())
    }
}
