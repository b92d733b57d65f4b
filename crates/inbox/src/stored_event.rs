use std::fmt;

use serde::Serialize;
use upvest_models::{DateTime, Utc, Uuid};
use upvest_webhooks::Event;

use crate::backend::Row;
use crate::time::date_time;

/// An event as the inbox has stored it.
///
/// `Debug` and `Serialize` show what identifies it, and not what it says: that may be about people. For
/// that, there is [`raw`](Self::raw).
#[derive(Clone, Serialize)]
#[non_exhaustive]
pub struct StoredEvent {
    /// What identifies it: [`Event::key`].
    pub key: Uuid,
    /// Its type, such as `CASH_BALANCE.UPDATED`. Of a type longer than 200 characters, the first 200;
    /// empty if none can be read.
    pub kind: String,
    /// Whom it is about: see [`Inbox::entity`](crate::Inbox::entity).
    pub entity: String,
    /// When it came about, in nanoseconds; when it was received, if that cannot be read.
    pub created_at: DateTime<Utc>,
    /// When it was received first.
    pub received_at: DateTime<Utc>,
    /// The webhook subscription that it was delivered for, if that can be read.
    pub webhook_id: Option<Uuid>,
    /// How often work on it was begun, this time included: 1 at first.
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
            kind: text(1).to_owned(),
            entity: text(2).to_owned(),
            created_at: time(3),
            received_at: time(4),
            webhook_id: row.uuid(5),
            attempt: row.int(7).and_then(|n| n.try_into().ok()).unwrap_or(0),
            event: Event::from_json(text(6)),
        }
    }

    /// The event as it was delivered: typed, and to the letter.
    pub fn event(&self) -> &Event {
        &self.event
    }

    /// Its JSON, to the letter.
    pub fn raw(&self) -> &str {
        self.event.raw()
    }
}

impl fmt::Debug for StoredEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredEvent")
            .field("key", &self.key)
            .field("kind", &self.kind)
            .field("created_at", &self.created_at)
            .field("attempt", &self.attempt)
            .finish_non_exhaustive()
    }
}
