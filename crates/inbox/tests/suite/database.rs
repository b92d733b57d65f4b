//! The same tests for every database.

use std::time::Duration;

use futures_util::future::BoxFuture;
use upvest_inbox::sqlx::{self, Row};
use upvest_inbox::{Backend, Inbox};
use upvest_webhooks::testing::ManualClock;

/// A database to try things on.
pub(crate) trait Database: Backend {
    /// An inbox by itself, whose tables are there; none where the database is not installed.
    fn empty(clock: ManualClock) -> BoxFuture<'static, Option<Fixture<Self>>>;

    fn execute<'a>(
        connection: &'a mut Self::Connection,
        sql: String,
    ) -> BoxFuture<'a, Result<u64, sqlx::Error>>;

    fn numbers<'a>(
        connection: &'a mut Self::Connection,
        sql: String,
    ) -> BoxFuture<'a, Result<Vec<i64>, sqlx::Error>>;
}

/// An inbox, with a table `effects` for handlers to write into.
pub(crate) struct Fixture<DB: Backend> {
    pub(crate) inbox: Inbox<DB>,
    pub(crate) clock: ManualClock,
    _directory: Option<tempfile::TempDir>,
}

pub(crate) const EFFECTS: &str =
    "CREATE TABLE effects (number bigint NOT NULL, entity text NOT NULL)";

impl<DB: Database> Fixture<DB> {
    pub(crate) async fn execute(&self, sql: impl Into<String>) -> u64 {
        let mut connection = self.inbox.pool().acquire().await.unwrap();
        DB::execute(&mut connection, sql.into()).await.unwrap()
    }

    pub(crate) async fn numbers(&self, sql: impl Into<String>) -> Vec<i64> {
        let mut connection = self.inbox.pool().acquire().await.unwrap();
        DB::numbers(&mut connection, sql.into()).await.unwrap()
    }

    /// The numbers that took effect, sorted.
    pub(crate) async fn effects(&self) -> Vec<i64> {
        self.numbers("SELECT number FROM effects ORDER BY number")
            .await
    }
}

/// A clock that shows 2027-01-15 until it is moved.
pub(crate) fn clock() -> ManualClock {
    ManualClock::at(1_800_000_000)
}

/// The database in this file, made if it is missing.
#[cfg(feature = "sqlite")]
pub(crate) async fn sqlite_pool(file: &std::path::Path) -> sqlx::SqlitePool {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .busy_timeout(Duration::from_secs(60));
    sqlx::SqlitePool::connect_with(options).await.unwrap()
}

#[cfg(feature = "sqlite")]
impl Database for sqlx::Sqlite {
    fn empty(clock: ManualClock) -> BoxFuture<'static, Option<Fixture<Self>>> {
        Box::pin(async move {
            let directory = tempfile::tempdir().unwrap();
            let pool = sqlite_pool(&directory.path().join("inbox.db")).await;
            let now = clock.clone();
            let inbox = Inbox::new(pool).clock(now);
            inbox.migrate().await.unwrap();
            let fixture = Fixture {
                inbox,
                clock,
                _directory: Some(directory),
            };
            fixture.execute(EFFECTS).await;
            Some(fixture)
        })
    }

    fn execute<'a>(
        connection: &'a mut sqlx::SqliteConnection,
        sql: String,
    ) -> BoxFuture<'a, Result<u64, sqlx::Error>> {
        Box::pin(async move { Ok(sqlx::query(&sql).execute(connection).await?.rows_affected()) })
    }

    fn numbers<'a>(
        connection: &'a mut sqlx::SqliteConnection,
        sql: String,
    ) -> BoxFuture<'a, Result<Vec<i64>, sqlx::Error>> {
        Box::pin(async move {
            let rows = sqlx::query(&sql).fetch_all(connection).await?;
            rows.iter().map(|row| row.try_get(0)).collect()
        })
    }
}

#[cfg(feature = "postgres")]
impl Database for sqlx::Postgres {
    fn empty(clock: ManualClock) -> BoxFuture<'static, Option<Fixture<Self>>> {
        Box::pin(async move {
            let pool = crate::server::Server::get()?.schema().await;
            let now = clock.clone();
            let inbox = Inbox::new(pool).clock(now);
            inbox.migrate().await.unwrap();
            let fixture = Fixture {
                inbox,
                clock,
                _directory: None,
            };
            fixture.execute(EFFECTS).await;
            Some(fixture)
        })
    }

    fn execute<'a>(
        connection: &'a mut sqlx::PgConnection,
        sql: String,
    ) -> BoxFuture<'a, Result<u64, sqlx::Error>> {
        Box::pin(async move { Ok(sqlx::query(&sql).execute(connection).await?.rows_affected()) })
    }

    fn numbers<'a>(
        connection: &'a mut sqlx::PgConnection,
        sql: String,
    ) -> BoxFuture<'a, Result<Vec<i64>, sqlx::Error>> {
        Box::pin(async move {
            let rows = sqlx::query(&sql).fetch_all(connection).await?;
            rows.iter().map(|row| row.try_get(0)).collect()
        })
    }
}

/// A test for each database, of one generic function that takes the inbox.
macro_rules! on_each_database {
    ($($name:ident),* $(,)?) => {
        #[cfg(feature = "sqlite")]
        mod sqlite {
            $(#[tokio::test]
            async fn $name() {
                use crate::database::{Database, clock};
                let fixture = upvest_inbox::sqlx::Sqlite::empty(clock()).await;
                super::$name(fixture.expect("it is built in")).await;
            })*
        }
        #[cfg(feature = "postgres")]
        mod postgres {
            $(#[tokio::test]
            async fn $name() {
                use crate::database::{Database, clock};
                if let Some(fixture) = upvest_inbox::sqlx::Postgres::empty(clock()).await {
                    super::$name(fixture).await;
                }
            })*
        }
    };
}
pub(crate) use on_each_database;
