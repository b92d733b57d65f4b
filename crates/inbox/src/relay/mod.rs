//! Events published to a queue or stream that many machines read.

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

/// A handler that publishes every event: an event is done when the publisher has it.
/// [`Inbox::relay`] makes it.
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
    /// Makes a worker that publishes events to a queue or stream. It never parks an event, since
    /// what cannot be published now can be published later. See [`Publisher`], and `JetStream`
    /// (feature `nats`).
    pub fn relay<P: Publisher>(&self, publisher: P) -> Worker<DB, Relay<P>> {
        self.worker_with(Relay::new(publisher)).attempts(u32::MAX)
    }
}
