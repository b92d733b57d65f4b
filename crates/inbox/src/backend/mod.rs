//! The databases: what is the same in both is written once, over this narrow interface.

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;

use futures_util::future::BoxFuture;
use sqlx::Database;
use upvest_models::Uuid;

use crate::Error;
use crate::received::Received;

/// A database that an [`Inbox`](crate::Inbox) can be kept in: [`sqlx::Postgres`] (feature
/// `postgres`) or [`sqlx::Sqlite`] (feature `sqlite`). It cannot be implemented elsewhere.
pub trait Backend: Dialect {}

impl<DB: Dialect> Backend for DB {}

/// What is different between the databases.
pub trait Dialect: Database {
    /// Begins a transaction that is going to write.
    const BEGIN: &'static str;
    /// Lets one transaction at a time pass, until it ends. Without parameters.
    const ONE_AT_A_TIME: Option<&'static str>;
    /// The same for migrations, before there are tables.
    const LOCK_MIGRATIONS: Option<&'static str>;
    /// Bounds how long the server keeps a transaction whose client is silent or gone, by its
    /// parameter in milliseconds.
    const LIMIT_TRANSACTION: Option<&'static str>;
    /// Locks the selected rows of `w`.
    const LOCK: &'static str;
    /// Locks the selected rows of `w`, and leaves out those that are locked.
    const LOCK_OR_SKIP: &'static str;
    /// The migrations, each with its name.
    const MIGRATIONS: &'static [(&'static str, &'static str)];

    /// Runs one statement, and prepares it for the next time.
    fn query<'a>(
        connection: &'a mut Self::Connection,
        sql: &'a str,
        values: Vec<Value<'a>>,
    ) -> BoxFuture<'a, sqlx::Result<Answer>>;

    /// Runs statements without parameters.
    fn script<'a>(
        connection: &'a mut Self::Connection,
        sql: &'a str,
    ) -> BoxFuture<'a, sqlx::Result<()>>;

    /// Stores events that are not there yet, all or none of them, and returns how many were new.
    fn store<'a>(
        connection: &'a mut Self::Connection,
        events: &'a [Received],
    ) -> BoxFuture<'a, sqlx::Result<u64>>;
}

/// Runs one statement, and says what for if it fails.
pub(crate) async fn query<DB: Backend>(
    connection: &mut DB::Connection,
    action: &'static str,
    sql: &str,
    values: Vec<Value<'_>>,
) -> Result<Answer, Error> {
    let answer = DB::query(connection, sql, values).await;
    answer.map_err(Error::when(action))
}

/// A parameter of a statement.
#[derive(Clone, Debug)]
pub enum Value<'a> {
    Int(Option<i64>),
    Uuid(Option<Uuid>),
    Text(Option<&'a str>),
}

impl From<i64> for Value<'_> {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value<'_> {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

impl From<Uuid> for Value<'_> {
    fn from(value: Uuid) -> Self {
        Self::Uuid(Some(value))
    }
}

impl From<Option<Uuid>> for Value<'_> {
    fn from(value: Option<Uuid>) -> Self {
        Self::Uuid(value)
    }
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(value: &'a str) -> Self {
        Self::Text(Some(value))
    }
}

/// What a statement returned.
#[derive(Debug, Default)]
pub struct Answer {
    pub rows: Vec<Row>,
    pub affected: u64,
}

/// A row, column by column.
#[derive(Debug)]
pub struct Row(Vec<Cell>);

#[derive(Debug)]
enum Cell {
    Null,
    Int(i64),
    Uuid(Uuid),
    Text(String),
}

impl Row {
    /// The number in this column, if there is one.
    pub fn int(&self, column: usize) -> Option<i64> {
        match self.0.get(column) {
            Some(Cell::Int(value)) => Some(*value),
            _ => None,
        }
    }

    /// The UUID in this column, if there is one.
    pub fn uuid(&self, column: usize) -> Option<Uuid> {
        match self.0.get(column) {
            Some(Cell::Uuid(value)) => Some(*value),
            _ => None,
        }
    }

    /// The text in this column, if there is one.
    pub fn text(&self, column: usize) -> Option<&str> {
        match self.0.get(column) {
            Some(Cell::Text(value)) => Some(value),
            _ => None,
        }
    }
}

/// The cells of a row, whose types are read by `$decode` from the name of the type.
#[cfg(any(feature = "postgres", feature = "sqlite"))]
fn cells<R, F>(row: &R, mut decode: F) -> sqlx::Result<Row>
where
    R: sqlx::Row,
    F: FnMut(&R, usize, &str) -> sqlx::Result<Cell>,
    usize: sqlx::ColumnIndex<R>,
{
    use sqlx::{TypeInfo, ValueRef};

    let cell = |column| {
        let value = row.try_get_raw(column)?;
        if value.is_null() {
            return Ok(Cell::Null);
        }
        let type_ = value.type_info().name().to_owned();
        decode(row, column, &type_)
    };
    (0..row.len()).map(cell).collect::<Result<_, _>>().map(Row)
}
