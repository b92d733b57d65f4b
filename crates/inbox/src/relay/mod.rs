//! Events passed on to where many machines work.

#[cfg(feature = "nats")]
mod nats;
mod publisher;

use sqlx::Database;
use upvest_webhooks::HandlerError;

#[cfg(feature = "nats")]
pub use nats::JetStream;
pub use publisher::{Message, Publisher};

use crate::backend::Backend;
use crate::{Handler, HandlerFuture, Inbox, StoredEvent, Worker};

/// A handler that passes every event on: an event is done when the publisher has it. Made by
/// [`Inbox::relay`].
#[derive(Clone, Debug)]
pub struct Relay<P>(P);

impl<P: Publisher> Relay<P> {
    pub(crate) fn new(publisher: P) -> Self {
        Self(publisher)
    }
}

impl<DB: Database, P: Publisher> Handler<DB> for Relay<P> {
    fn handle<'a>(
        &'a self,
        event: &'a StoredEvent,
        _transaction: &'a mut DB::Connection,
    ) -> HandlerFuture<'a> {
        Box::pin(async {
            let published = self.0.publish(Message::of(event)).await;
            published.map_err(HandlerError::retryable)
        })
    }
}

impl<DB: Backend> Inbox<DB> {
    /// Passes events on to a queue or stream: a worker that never parks, for what cannot be passed on now
    /// can be later. See [`Publisher`], and `JetStream` (feature `nats`).
    pub fn relay<P: Publisher>(&self, publisher: P) -> Worker<DB, Relay<P>> {
        self.worker_with(Relay::new(publisher)).attempts(u32::MAX)
    }
}
