//! Events on their way into the database.

use std::collections::HashSet;

use serde::Deserialize;
use upvest_models::Uuid;
use upvest_webhooks::Event;

use crate::time::nanos;

/// How many characters of a type and of an entity are kept: an index has no room for a megabyte.
const MAX_NAME: usize = 200;

/// Tells whom an event is about.
pub(crate) type EntityOf = dyn Fn(&Event) -> Option<String> + Send + Sync;

/// A row of `upvest_inbox_events`.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    pub key: Uuid,
    pub kind: String,
    pub entity: String,
    pub created_at: i64,
    pub webhook_id: Option<Uuid>,
    pub raw: String,
    pub received_at: i64,
}

impl Received {
    pub(crate) fn new(event: &Event, entity_of: &EntityOf, received_at: i64) -> Self {
        let key = event.key();
        Self {
            key,
            kind: name(event.event_type().unwrap_or_default()),
            entity: entity(entity_of(event), key),
            created_at: event.created_at().map_or(received_at, nanos),
            webhook_id: event.webhook_id(),
            raw: text(event.raw()),
            received_at,
        }
    }
}

/// The rows of a delivery: the first of several events with one key, in the order of their keys, so
/// that deliveries which overlap wait for each other in the same order.
pub(crate) fn rows(events: &[Event], entity_of: &EntityOf, received_at: i64) -> Vec<Received> {
    let mut keys = HashSet::with_capacity(events.len());
    let mut rows: Vec<Received> = events
        .iter()
        .filter(|event| keys.insert(event.key()))
        .map(|event| Received::new(event, entity_of, received_at))
        .collect();
    rows.sort_by_key(|row| row.key);
    rows
}

fn entity(entity: Option<String>, key: Uuid) -> String {
    match entity {
        Some(entity) if !entity.is_empty() => name(&entity),
        _ => key.to_string(),
    }
}

/// Whom an event is about, unless told otherwise: see [`Inbox::entity`](crate::Inbox::entity).
pub(crate) fn entity_of(event: &Event) -> Option<String> {
    #[derive(Deserialize)]
    struct Wrapper {
        object: Object,
    }
    #[derive(Deserialize)]
    struct Object {
        account_group_id: Option<String>,
        account_id: Option<String>,
        user_id: Option<String>,
        id: Option<String>,
    }

    let Wrapper { object } = serde_json::from_str(event.raw()).ok()?;
    let ids = [
        object.account_group_id,
        object.account_id,
        object.user_id,
        object.id,
    ];
    ids.into_iter().flatten().find(|id| !id.is_empty())
}

fn name(name: &str) -> String {
    text(&name.chars().take(MAX_NAME).collect::<String>())
}

/// PostgreSQL keeps any text but one with U+0000, which is in no JSON but may be in what should be.
pub(crate) fn text(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}
