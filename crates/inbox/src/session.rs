use sqlx::pool::PoolConnection;

use crate::backend::{Answer, Backend, Value, query};
use crate::error::Error;

/// A connection that is closed when it is dropped, also within a transaction: the server rolls
/// back what was not committed. A pool would hand it to another caller.
pub(crate) struct Session<DB: Backend>(PoolConnection<DB>);

impl<DB: Backend> Session<DB> {
    pub(crate) fn new(mut connection: PoolConnection<DB>) -> Self {
        connection.close_on_drop();
        Self(connection)
    }

    pub(crate) fn connection(&mut self) -> &mut DB::Connection {
        &mut self.0
    }

    pub(crate) async fn begin(&mut self) -> Result<(), Error> {
        self.script("begin a transaction", DB::BEGIN).await
    }

    pub(crate) async fn begin_claim(&mut self) -> Result<(), Error> {
        self.script("begin a transaction", DB::BEGIN_CLAIM).await
    }

    pub(crate) async fn begin_handling(&mut self) -> Result<(), Error> {
        let begin = format!("{}; {}", DB::BEGIN_HANDLING, DB::USE_INDEXES);
        self.script("begin a transaction", &begin).await
    }

    pub(crate) async fn commit(&mut self) -> Result<(), Error> {
        self.script("commit a transaction", "COMMIT").await
    }

    pub(crate) async fn rollback(&mut self) -> Result<(), Error> {
        self.script("roll back a transaction", "ROLLBACK").await
    }

    pub(crate) async fn script(&mut self, action: &'static str, sql: &str) -> Result<(), Error> {
        let done = DB::script(&mut self.0, sql).await;
        done.map_err(Error::when(action))
    }

    pub(crate) async fn query(
        &mut self,
        action: &'static str,
        sql: &str,
        values: Vec<Value<'_>>,
    ) -> Result<Answer, Error> {
        query::<DB>(&mut self.0, action, sql, values).await
    }
}
