use std::fmt;
use std::sync::Arc;

use sqlx::{Pool, Transaction};
use tokio::sync::Notify;
use upvest_webhooks::Event;
use upvest_webhooks::signing::{Clock, SystemClock};

use crate::backend::{Answer, Backend, Value, query};
use crate::metrics::Metrics;
use crate::received::{self, EntityOf};
use crate::session::Session;
use crate::time::system_nanos;
use crate::{Error, migrate};

/// The events of webhooks in a database: they are stored before they are acknowledged, and handled
/// afterwards.
///
/// A clone is the same inbox. Any number of processes may share one PostgreSQL database; a SQLite
/// database is for the threads of one process. To have several inboxes in one PostgreSQL database, give
/// each a separate schema by the `search_path` of its connections.
///
/// ```
/// # #[cfg(feature = "sqlite")]
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use upvest_inbox::Inbox;
/// use upvest_inbox::sqlx::SqlitePool;
/// use upvest_webhooks::Event;
///
/// # let directory = tempfile::tempdir()?;
/// # let url = format!("sqlite://{}/inbox.db?mode=rwc", directory.path().display());
/// let inbox = Inbox::new(SqlitePool::connect(&url).await?);
/// inbox.migrate().await?;
///
/// let event = Event::from_json(r#"{
///     "id": "8962b496-8d42-4560-bfab-10490dd1a724",
///     "created_at": "2021-07-21T14:10:00.00Z",
///     "type": "MOON.FULL"
/// }"#);
/// assert_eq!(inbox.store(&[event.clone()]).await?, 1, "it is new");
/// assert_eq!(inbox.store(&[event]).await?, 0, "it is there already");
///
/// let worker = inbox.worker(|event, _transaction| {
///     println!("{} {}", event.event_type, event.raw());
///     Box::pin(async { Ok(()) })
/// });
/// assert_eq!(worker.drain().await?.done, 1);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "sqlite"))]
/// # fn main() {}
/// ```
pub struct Inbox<DB: Backend> {
    pool: Pool<DB>,
    clock: Arc<dyn Clock>,
    entity_of: Arc<EntityOf>,
    /// Wakes the workers of this process when something was stored.
    stored: Arc<Notify>,
    metrics: Metrics,
}

impl<DB: Backend> Inbox<DB> {
    /// Makes an inbox in this database. Call [`migrate`](Self::migrate) before anything else.
    pub fn new(pool: Pool<DB>) -> Self {
        Self {
            pool,
            clock: Arc::new(SystemClock),
            entity_of: Arc::new(received::entity_of),
            stored: Arc::default(),
            metrics: Metrics::global(),
        }
    }

    /// The clock by which pauses and leases end. Even if the clocks of several machines disagree,
    /// nothing takes effect twice, and no two events of an entity are handled at the same time.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Sets the function that names the entity an event is about. Events of one entity are handled
    /// one after the other, in the order in which they happened; events of different entities are
    /// handled in parallel. An event with `None` belongs to no entity, and waits for no other
    /// event.
    ///
    /// Unless set, the entity is the first of these fields that `object` has: `account_group_id`,
    /// `account_id`, `user_id`, `id`. Only its first 200 characters count. Processes that share an
    /// inbox must use the same function.
    pub fn entity(
        mut self,
        entity_of: impl Fn(&Event) -> Option<String> + Send + Sync + 'static,
    ) -> Self {
        self.entity_of = Arc::new(entity_of);
        self
    }

    /// The meter that makes the instruments. Unless set, it is that of the provider that is global
    /// when the inbox is made.
    #[cfg(feature = "otel")]
    pub fn meter(mut self, meter: &opentelemetry::metrics::Meter) -> Self {
        self.metrics = Metrics::new(meter);
        self
    }

    /// The pool of connections to the database.
    pub fn pool(&self) -> &Pool<DB> {
        &self.pool
    }

    /// Creates the tables, or brings them up to date. Several processes may call it at the same
    /// time.
    ///
    /// # Errors
    ///
    /// When the database cannot be changed, or when a newer version of this crate has migrated it.
    pub async fn migrate(&self) -> Result<(), Error> {
        migrate::run::<DB>(&mut self.session().await?).await
    }

    /// The migrations for those who apply them with their own tool: for each, the name and the
    /// SQL. [`migrate`](Self::migrate) notes in `upvest_inbox_migrations` which names have been
    /// applied.
    pub fn migrations() -> &'static [(&'static str, &'static str)] {
        DB::MIGRATIONS
    }

    /// Stores the events that are not stored yet, all in one statement, and returns how many were
    /// new. An event that is stored already is not an error. The events are on disk when this
    /// returns, as far as the database guarantees that.
    ///
    /// # Errors
    ///
    /// When the database fails. Then either none of the events was stored, or all were and the
    /// answer was lost.
    pub async fn store(&self, events: &[Event]) -> Result<u64, Error> {
        if events.is_empty() {
            return Ok(0);
        }
        let rows = received::rows(events, &*self.entity_of, self.now());
        let action = "store events";
        let mut connection = self.pool.acquire().await.map_err(Error::when(action))?;
        let new = DB::store(&mut *connection, &rows)
            .await
            .map_err(Error::when(action))?;
        if new > 0 {
            self.metrics.stored(new);
            self.stored.notify_waiters();
        }
        Ok(new)
    }

    pub(crate) fn now(&self) -> i64 {
        system_nanos(self.clock.now())
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    pub(crate) fn stored(&self) -> &Notify {
        &self.stored
    }

    pub(crate) async fn session(&self) -> Result<Session<DB>, Error> {
        let connection = self.pool.acquire().await;
        let connection = connection.map_err(Error::when("connect to the database"))?;
        Ok(Session::new(connection))
    }

    /// A transaction that is rolled back unless it is committed.
    pub(crate) async fn begin(
        &self,
        action: &'static str,
    ) -> Result<Transaction<'static, DB>, Error> {
        let transaction = self.pool.begin_with(DB::BEGIN).await;
        transaction.map_err(Error::when(action))
    }

    /// Runs one statement by itself.
    pub(crate) async fn query(
        &self,
        action: &'static str,
        sql: &str,
        values: Vec<Value<'_>>,
    ) -> Result<Answer, Error> {
        let mut connection = self.pool.acquire().await.map_err(Error::when(action))?;
        query::<DB>(&mut connection, action, sql, values).await
    }
}

impl<DB: Backend> Clone for Inbox<DB> {
    fn clone(&self) -> Self {
        Self {
            pool: self.pool.clone(),
            clock: Arc::clone(&self.clock),
            entity_of: Arc::clone(&self.entity_of),
            stored: Arc::clone(&self.stored),
            metrics: self.metrics.clone(),
        }
    }
}

impl<DB: Backend> fmt::Debug for Inbox<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("database", &DB::NAME)
            .finish_non_exhaustive()
    }
}
