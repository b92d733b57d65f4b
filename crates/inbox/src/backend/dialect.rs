use futures_util::future::BoxFuture;
use sqlx::Database;

use super::value::{Answer, Value};
use crate::Error;
use crate::received::Received;

/// A database that can hold an [`Inbox`](crate::Inbox): [`sqlx::Postgres`] (feature `postgres`) or
/// [`sqlx::Sqlite`] (feature `sqlite`). Other crates cannot implement it.
pub trait Backend: Dialect {}

impl<DB: Dialect> Backend for DB {}

/// What is different between the databases.
pub trait Dialect: Database {
    /// Begins a transaction that is going to write, each of whose statements sees what others have
    /// committed before it.
    const BEGIN: &'static str;
    /// The same for a claim, which does not have to be on disk before anything is done with it.
    const BEGIN_CLAIM: &'static str;
    /// The same for a handler, isolated as the connections are set to.
    const BEGIN_HANDLING: &'static str;
    /// Makes the following statements of the transaction look up rows by an index, even if a table was
    /// small when the database last analysed it. Ends with a semicolon, or is empty.
    const USE_INDEXES: &'static str;
    /// Undoes that.
    const USE_ANY_PLAN: &'static str;
    /// Lets one transaction at a time migrate, until it ends. Without parameters.
    const LOCK_MIGRATIONS: Option<&'static str>;
    /// Bounds how long the server keeps a transaction whose client is silent or gone, by its
    /// parameter in milliseconds.
    const LIMIT_TRANSACTION: Option<&'static str>;
    /// Locks the selected rows of `c`.
    const LOCK: &'static str;
    /// Locks the selected rows, and leaves out those that are locked.
    const LOCK_OR_SKIP: &'static str;
    /// The elements of a JSON array, the parameter `$1`, as the column `value` of `list`.
    const LIST: &'static str;
    /// Deletes the work named by `$1`, a JSON array of objects with `entity`, `created_at` and `key`.
    const DELETE_WORK: &'static str;
    /// Joins to each row of `entities e` the row `w` of the work that meets a condition in place of `{head}`,
    /// locked, and leaves out those that are locked.
    const JOIN_HEAD: &'static str;
    /// Joins to each row of `c` the first `$3` rows `w` of the work `x` of its entity, of which some are
    /// left out by a condition in place of `{skip}`, and their events `e`.
    const JOIN_WORK: &'static str;
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

    /// Stores new events, all or none of them, and returns how many were new.
    fn store<'a>(
        connection: &'a mut Self::Connection,
        events: &'a [Received<'a>],
    ) -> BoxFuture<'a, sqlx::Result<u64>>;
}

/// Runs one statement; an error says what it was for.
pub(crate) async fn query<DB: Backend>(
    connection: &mut DB::Connection,
    action: &'static str,
    sql: &str,
    values: Vec<Value<'_>>,
) -> Result<Answer, Error> {
    let answer = DB::query(connection, sql, values).await;
    answer.map_err(Error::when(action))
}
