use futures_util::future::BoxFuture;
use sqlx::Database;
use upvest_webhooks::HandlerError;

use crate::StoredEvent;

/// What a handler returns: `Box::pin(async move { ... })`.
pub type HandlerFuture<'a> = BoxFuture<'a, Result<(), HandlerError>>;

/// Handles events. [`Inbox::worker`](crate::Inbox::worker) takes a closure with the same arguments
/// instead.
///
/// What a handler writes through the `transaction` is committed together with the fact that the
/// event is done, or not at all. So it takes effect exactly once. What a handler does outside of it may
/// happen more than once, since the process can stop right after it. Do not end the transaction.
///
/// | it returns | the event |
/// |---|---|
/// | `Ok(())` | is done |
/// | `Err(HandlerError::retryable(...))`, or any error by `?` | comes again after a pause, and is parked after the last attempt |
/// | `Err(HandlerError::permanent(...))` | is parked at once |
///
/// A panic, and a handler that takes too long, count like an error by `?`.
pub trait Handler<DB: Database>: Send + Sync + 'static {
    /// Handles one event.
    fn handle<'a>(
        &'a self,
        event: &'a StoredEvent,
        transaction: &'a mut DB::Connection,
    ) -> HandlerFuture<'a>;
}

impl<DB, F> Handler<DB> for F
where
    DB: Database,
    F: for<'a> Fn(&'a StoredEvent, &'a mut DB::Connection) -> HandlerFuture<'a>
        + Send
        + Sync
        + 'static,
{
    fn handle<'a>(
        &'a self,
        event: &'a StoredEvent,
        transaction: &'a mut DB::Connection,
    ) -> HandlerFuture<'a> {
        self(event, transaction)
    }
}
