use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};
use upvest_auth_signing::Excerpt;
use upvest_models::{DateTime, Utc, Uuid, WebhookEvent};

/// An event as it was delivered: its JSON unchanged, and the content of that JSON.
///
/// ```
/// use upvest_models::WebhookEvent;
/// use upvest_webhooks::Event;
///
/// let event = Event::from_json(
///     r#"{
///         "id": "8962b496-8d42-4560-bfab-10490dd1a724",
///         "created_at": "2021-07-21T14:10:00.00Z",
///         "type": "MOON.FULL",
///         "webhook_id": "9df39835-be87-4243-9018-f2500b39cee6"
///     }"#,
/// );
/// match event.content() {
///     Ok(WebhookEvent::CashBalance(event)) => println!("{}", event.object.balance),
///     Ok(other) => assert_eq!(other.event_type(), "MOON.FULL"),
///     Err(malformed) => println!("{malformed}: {}", event.raw()),
/// }
/// ```
///
/// Its `Debug` shows neither JSON nor content, since both may hold personal data.
#[derive(Clone, PartialEq)]
pub struct Event {
    raw: Box<str>,
    content: Result<WebhookEvent, MalformedEvent>,
    attempt: u32,
}

impl Event {
    /// Reads an event. It never fails: [`Event::content`] says whether the text is an event.
    pub fn from_json(json: &str) -> Self {
        let content = WebhookEvent::from_json(json);
        let malformed =
            |error| MalformedEvent::salvage(json, Reason::NotAsDescribed(Arc::new(error)));
        Self {
            raw: json.into(),
            content: content.map_err(malformed),
            attempt: 1,
        }
    }

    /// How often the event has been handed out, including this time: 1 for the first time. A
    /// [`Receiver`](crate::Receiver) counts in the memory of its process.
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The event with another number of [attempts](Self::attempt), for code that counts them by other means.
    pub fn with_attempt(self, attempt: u32) -> Self {
        Self { attempt, ..self }
    }

    /// What the event says.
    ///
    /// # Errors
    ///
    /// When the event is not as the description defines it. It will be the same when it is
    /// delivered again, so it is handed out like any other: store [`raw`](Self::raw) for people to
    /// look at.
    pub fn content(&self) -> Result<&WebhookEvent, &MalformedEvent> {
        self.content.as_ref()
    }

    /// The content of the event, by value.
    ///
    /// # Errors
    ///
    /// The errors of [`content`](Self::content).
    pub fn into_content(self) -> Result<WebhookEvent, MalformedEvent> {
        self.content
    }

    /// The JSON of the event, unchanged. For a delivery whose events cannot be separated it is the
    /// whole body, with U+FFFD in place of bytes that are not UTF-8.
    pub fn raw(&self) -> &str {
        &self.raw
    }

    /// The id of the event, which stays the same when the event is delivered again. Only a malformed
    /// event may lack it.
    pub fn id(&self) -> Option<Uuid> {
        match &self.content {
            Ok(event) => Some(event.id()),
            Err(malformed) => malformed.id,
        }
    }

    /// When the event happened (UTC). Only a malformed event may lack it.
    pub fn created_at(&self) -> Option<DateTime<Utc>> {
        match &self.content {
            Ok(event) => Some(event.created_at()),
            Err(malformed) => malformed.created_at,
        }
    }

    /// The type of the event as it was sent, such as `CASH_BALANCE.UPDATED`. Only a malformed event
    /// may lack it.
    pub fn event_type(&self) -> Option<&str> {
        match &self.content {
            Ok(event) => Some(event.event_type()),
            Err(malformed) => malformed.type_.as_deref(),
        }
    }

    /// The webhook subscription that the delivery belongs to.
    pub fn webhook_id(&self) -> Option<Uuid> {
        match &self.content {
            Ok(event) => event.webhook_id(),
            Err(malformed) => malformed.webhook_id,
        }
    }

    /// The key by which an [`Inbox`](crate::Inbox) knows the event: its [`id`](Self::id), or, if no
    /// id can be read, a UUID of version 8 (RFC 9562) made of the SHA-256 of [`raw`](Self::raw).
    pub fn key(&self) -> Uuid {
        self.id().unwrap_or_else(|| {
            let mut bytes = [0; 16];
            bytes.copy_from_slice(&Sha256::digest(self.raw.as_bytes())[..16]);
            Uuid::new_v8(bytes)
        })
    }
}

impl fmt::Debug for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Event")
            .field("key", &self.key())
            .field("event_type", &self.event_type())
            .field("created_at", &self.created_at())
            .field("attempt", &self.attempt)
            .field("raw_bytes", &self.raw.len())
            .finish_non_exhaustive()
    }
}

/// Why an event cannot be read, and what could be read nevertheless.
///
/// Its text says what is wrong and where, and shows no value of the event, since values may be
/// personal data. Two values are equal if their texts and members are equal.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct MalformedEvent {
    /// The `id`, if it is a UUID.
    pub id: Option<Uuid>,
    /// The `created_at`, if it is a point in time.
    pub created_at: Option<DateTime<Utc>>,
    /// The `type`, if it is a string.
    pub type_: Option<String>,
    /// The `webhook_id`, if it is a UUID.
    pub webhook_id: Option<Uuid>,
    reason: Reason,
}

#[derive(Clone, Debug)]
enum Reason {
    NotAsDescribed(Arc<serde_json::Error>),
    TooMany { count: usize, limit: usize },
}

impl MalformedEvent {
    /// The error of the parser. It may quote what it found, such as a name or an IBAN: keep it out
    /// of logs.
    pub fn json_error(&self) -> Option<&serde_json::Error> {
        match &self.reason {
            Reason::NotAsDescribed(error) => Some(error),
            Reason::TooMany { .. } => None,
        }
    }

    /// What can be read of an event nevertheless, each member by itself.
    fn salvage(json: &str, reason: Reason) -> Self {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Common<'a> {
            #[serde(borrow)]
            id: Option<&'a RawValue>,
            created_at: Option<&'a RawValue>,
            #[serde(rename = "type")]
            type_: Option<&'a RawValue>,
            webhook_id: Option<&'a RawValue>,
        }
        fn read<T: DeserializeOwned>(member: Option<&RawValue>) -> Option<T> {
            serde_json::from_str(member?.get()).ok()
        }

        let common: Common<'_> = serde_json::from_str(json).unwrap_or_default();
        Self {
            id: read(common.id),
            created_at: read(common.created_at),
            type_: read(common.type_),
            webhook_id: read(common.webhook_id),
            reason,
        }
    }
}

impl fmt::Display for MalformedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the event ")?;
        if let Some(id) = self.id {
            write!(f, "{id} ")?;
        }
        if let Some(type_) = &self.type_ {
            write!(f, "of type `{}` ", Excerpt::new(type_))?;
        }
        write!(f, "does not match the description: {}", self.reason)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = match self {
            Self::NotAsDescribed(error) => error,
            Self::TooMany { count, limit } => {
                return write!(
                    f,
                    "{count} events in one delivery; at most {limit} are read"
                );
            }
        };
        // These two quote names of the description alone.
        let text = error.to_string();
        let is_about_names = ["missing field `", "duplicate field `"]
            .iter()
            .any(|start| text.starts_with(start));
        if is_about_names {
            return write!(f, "{}", Excerpt::new(&text));
        }
        let what = match error.classify() {
            Category::Eof => "it ends too early",
            Category::Syntax | Category::Io => "it is not JSON",
            Category::Data => "a value is not of the described type",
        };
        let (line, column) = (error.line(), error.column());
        write!(f, "{what}, at line {line} column {column}")
    }
}

/// Without a source: that would quote what it found. See [`json_error`](Self::json_error).
impl std::error::Error for MalformedEvent {}

impl PartialEq for MalformedEvent {
    fn eq(&self, other: &Self) -> bool {
        self.to_string() == other.to_string()
            && self.created_at == other.created_at
            && self.webhook_id == other.webhook_id
    }
}

/// The events in the body of a delivery, in their order: the elements of the array `payload`.
///
/// A body without such an array counts as one event, as in the API description. A body that is not
/// an event either, or that has more than `limit` events, counts as one malformed event: it came
/// from Upvest, and would be the same the next time.
pub(crate) fn events(body: &[u8], limit: usize) -> Vec<Event> {
    #[derive(Deserialize)]
    struct Wrapper<'a> {
        #[serde(borrow)]
        payload: Vec<&'a RawValue>,
    }

    let Ok(Wrapper { payload }) = serde_json::from_slice(body) else {
        return vec![Event::from_json(&String::from_utf8_lossy(body))];
    };
    if payload.len() > limit {
        let count = payload.len();
        let raw = String::from_utf8_lossy(body);
        let malformed = MalformedEvent::salvage(&raw, Reason::TooMany { count, limit });
        return vec![Event {
            content: Err(malformed),
            raw: raw.into(),
            attempt: 1,
        }];
    }
    payload
        .into_iter()
        .map(|raw| Event::from_json(raw.get()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An event without a type, in which these digits stand.
    fn malformed(id: u8, second: u8, subscription: u8) -> MalformedEvent {
        let json = format!(
            r#"{{"id":"00000000-0000-4000-8000-00000000000{id}","created_at":"2023-11-14T22:13:0{second}Z",
            "webhook_id":"00000000-0000-4000-9000-00000000000{subscription}"}}"#
        );
        Event::from_json(&json).into_content().unwrap_err()
    }

    #[test]
    fn malformed_events_are_equal_if_they_say_the_same() {
        assert_eq!(malformed(1, 2, 3), malformed(1, 2, 3));
        for other in [malformed(9, 2, 3), malformed(1, 9, 3), malformed(1, 2, 9)] {
            assert_ne!(malformed(1, 2, 3), other);
        }
    }

    #[test]
    fn an_event_shows_its_key_and_type_and_how_long_its_json_is() {
        let json = r#"{"id":"00000000-0000-4000-8000-000000000009","created_at":"2023-11-14T22:13:20Z","type":"MOON.FULL"}"#;
        let shown = format!("{:?}", Event::from_json(json).with_attempt(3));
        insta::assert_snapshot!(shown, @r#"Event { key: 00000000-0000-4000-8000-000000000009, event_type: Some("MOON.FULL"), created_at: Some(2023-11-14T22:13:20Z), attempt: 3, raw_bytes: 100, .. }"#);
    }

    #[test]
    fn as_many_events_are_read_as_may_be_in_a_delivery() {
        let body = |count| format!(r#"{{"payload":[{}]}}"#, vec!["{}"; count].join(","));
        let count = |count| events(body(count).as_bytes(), 2).len();
        assert_eq!([0, 1, 2].map(count), [0, 1, 2]);
        for too_many in [3, 4] {
            let all = events(body(too_many).as_bytes(), 2);
            let [malformed] = &all[..] else {
                panic!("{all:?}");
            };
            let told = malformed.content().unwrap_err().to_string();
            let expected = format!("{too_many} events in one delivery; at most 2 are read");
            assert!(told.ends_with(&expected), "{told}");
            assert_eq!(malformed.raw(), body(too_many));
        }
    }
}
