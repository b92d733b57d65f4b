//! Events on their way into the database.

use std::borrow::Cow;

use serde::Deserialize;
use upvest_models::Uuid;
use upvest_webhooks::Event;

use crate::time::nanos;

/// How many characters of a type and of an entity are kept: an index has no room for a megabyte.
const MAX_NAME: usize = 200;

/// Returns the entity of an event.
pub(crate) type EntityOf = dyn Fn(&Event) -> Option<String> + Send + Sync;

/// A row of `upvest_inbox_events`.
#[derive(Clone, Debug, PartialEq)]
pub struct Received<'a> {
    pub key: Uuid,
    pub event_type: Cow<'a, str>,
    pub entity: String,
    pub created_at: i64,
    pub webhook_id: Option<Uuid>,
    pub raw: Cow<'a, str>,
    pub received_at: i64,
}

impl<'a> Received<'a> {
    pub(crate) fn new(event: &'a Event, entity_of: &EntityOf, received_at: i64) -> Self {
        let key = event.key();
        Self {
            key,
            event_type: name(event.event_type().unwrap_or_default()),
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
pub(crate) fn rows<'a>(
    events: &'a [Event],
    entity_of: &EntityOf,
    received_at: i64,
) -> Vec<Received<'a>> {
    let row = |event| Received::new(event, entity_of, received_at);
    let mut rows: Vec<_> = events.iter().map(row).collect();
    // The sort is stable, so the first of several events with one key stays the first.
    rows.sort_by_key(|row| row.key);
    rows.dedup_by_key(|row| row.key);
    rows
}

fn entity(entity: Option<String>, key: Uuid) -> String {
    match entity {
        Some(entity) if !entity.is_empty() => name(&entity).into_owned(),
        _ => key.to_string(),
    }
}

/// The entity of an event by default: see [`Inbox::entity`](crate::Inbox::entity).
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

fn name(name: &str) -> Cow<'_, str> {
    let end = name.char_indices().nth(MAX_NAME);
    text(&name[..end.map_or(name.len(), |(end, _)| end)])
}

/// PostgreSQL keeps any text except U+0000, which valid JSON does not contain, but malformed JSON may.
pub(crate) fn text(text: &str) -> Cow<'_, str> {
    match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{fffd}")),
        false => Cow::Borrowed(text),
    }
}
