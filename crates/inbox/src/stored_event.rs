use std::fmt;

use serde::Serialize;
use upvest_models::{DateTime, Utc, Uuid};
use upvest_webhooks::Event;

use crate::backend::Row;
use crate::time::date_time;

/// An event as the inbox has stored it.
///
/// `Debug` and `Serialize` show the fields that identify it, and not its content, which may be
/// personal data. [`raw`](Self::raw) returns the content.
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct StoredEvent {
    /// The key that identifies it: [`Event::key`].
    pub key: Uuid,
    /// Its type, such as `CASH_BALANCE.UPDATED`. A type is cut to 200 characters; it is empty if it
    /// cannot be read.
    pub event_type: String,
    /// The entity it is about: see [`Inbox::entity`](crate::Inbox::entity).
    pub entity: String,
    /// When it happened (UTC, to the nanosecond); when it was received, if that cannot be read.
    pub created_at: DateTime<Utc>,
    /// When it was first received (UTC).
    pub received_at: DateTime<Utc>,
    /// The webhook subscription for which it was delivered, if that can be read.
    pub webhook_id: Option<Uuid>,
    /// How many attempts at it were begun, including the current one: 1 for the first.
    pub attempt: u32,
    #[serde(skip)]
    event: Event,
}

impl StoredEvent {
    /// The columns that [`read`](Self::read) reads, of `e` (events) and `w` (work).
    pub(crate) const COLUMNS: &'static str =
        "e.key, e.kind, e.entity, e.created_at, e.received_at, e.webhook_id, e.raw, w.attempts";

    pub(crate) fn read(row: &Row) -> Self {
        let time = |column| date_time(row.int(column).unwrap_or_default());
        let text = |column| row.text(column).unwrap_or_default();
        Self {
            key: row.uuid(0).unwrap_or_default(),
            event_type: text(1).to_owned(),
            entity: text(2).to_owned(),
            created_at: time(3),
            received_at: time(4),
            webhook_id: row.uuid(5),
            attempt: row.int(7).and_then(|n| n.try_into().ok()).unwrap_or(0),
            event: Event::from_json(text(6)),
        }
    }

    /// The event as it was delivered: its typed content, and its JSON unchanged.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Its JSON, unchanged.
    pub fn raw(&self) -> &str {
        self.event.raw()
    }
}

impl fmt::Debug for StoredEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredEvent")
            .field("key", &self.key)
            .field("event_type", &self.event_type)
            .field("created_at", &self.created_at)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
