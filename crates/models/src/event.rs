//! Events of webhooks: what all of them have in common, and those whose type is not known. The
//! enum of all is generated.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::de::{Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Error as _, Serializer};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::fields::members;
use crate::{DateTime, Utc, Uuid};

/// An event whose `type` this version does not know, kept as it was written.
///
/// It is written member by member, each value unchanged, so that it can be a part of something
/// larger (`flatten`, enums told apart by a tag). The serializer chooses the white space between
/// members; `raw` keeps the original.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UnknownEvent {
    /// Names the event. It stays the same when the event is delivered again.
    pub id: Uuid,
    /// When the event happened.
    pub created_at: DateTime<Utc>,
    /// What happened.
    pub type_: String,
    /// The webhook subscription that the delivery belongs to.
    pub webhook_id: Option<Uuid>,
    /// The whole event as JSON, unchanged.
    pub raw: Box<RawValue>,
}

impl UnknownEvent {
    pub(crate) fn from_json(json: &str) -> serde_json::Result<Self> {
        let common: Common = serde_json::from_str(json)?;
        Ok(Self {
            id: common.id,
            created_at: common.created_at,
            type_: common.type_,
            webhook_id: common.webhook_id,
            raw: serde_json::from_str(json)?,
        })
    }
}

/// What all events have in common.
struct Common {
    id: Uuid,
    created_at: DateTime<Utc>,
    type_: String,
    webhook_id: Option<Uuid>,
}

members! { Common { Required id, Required created_at, "type" Required type_, Optional webhook_id } }

/// Fails when `raw` was replaced by something that is not an object.
impl Serialize for UnknownEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Members(members) = serde_json::from_str(self.raw.get()).map_err(S::Error::custom)?;
        serializer.collect_map(members)
    }
}

/// The members of an object in their order, each value as it is written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor).map(Self)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

/// The same text makes the same event.
impl PartialEq for UnknownEvent {
    fn eq(&self, other: &Self) -> bool {
        self.raw.get() == other.raw.get()
    }
}

impl Eq for UnknownEvent {}

impl Hash for UnknownEvent {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.get().hash(state);
    }
}

#[cfg(feature = "schemars")]
impl schemars::JsonSchema for UnknownEvent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "UnknownEvent".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let id = generator.subschema_for::<Uuid>();
        let time = generator.subschema_for::<DateTime<Utc>>();
        schemars::json_schema!({
            "type": "object",
            "properties": {
                "id": id,
                "created_at": time,
                "type": { "type": "string" },
                "webhook_id": id,
            },
            "required": ["id", "created_at", "type"],
        })
    }
}

/// The text of an event, unchanged if it is read from JSON.
///
/// Within what serde has to buffer first (`flatten`, enums told apart by a tag), the text is that of
/// the buffered values.
///
/// # Errors
/// When it is not an object.
pub(crate) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    deserializer.deserialize_newtype_struct(RAW, TextVisitor)
}

/// By this name, and by this one key, `serde_json` hands out a [`RawValue`].
const RAW: &str = "$serde_json::private::RawValue";

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, buffered: D) -> Result<String, D::Error> {
        buffered.deserialize_map(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
        let mut members = Map::new();
        while let Some(key) = map.next_key::<String>()? {
            if key == RAW {
                let text = map.next_value()?;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                return Ok(text);
            }
            members.insert(key, map.next_value()?);
        }
        serde_json::to_string(&Value::Object(members)).map_err(A::Error::custom)
    }
}

/// What distinguishes events.
struct Typed {
    type_: String,
}

members! { Typed { "type" Required type_ } }

/// What an event says it is: its `type`.
pub(crate) fn type_of(json: &str) -> serde_json::Result<String> {
    serde_json::from_str(json).map(|Typed { type_ }| type_)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{ "id": "8962b496-8d42-4560-bfab-10490dd1a724", "created_at": "2021-07-21T14:10:00.00Z",
        "type": "MOON.FULL", "object": { "amount": 0.10000000000000000000000000001 } }"#;

    #[test]
    fn an_unknown_event_keeps_every_digit() {
        let event = UnknownEvent::from_json(EVENT).unwrap();
        assert_eq!(event.type_, "MOON.FULL");
        assert_eq!(event.webhook_id, None);
        assert_eq!(event.raw.get(), EVENT);
        let written = serde_json::to_string(&event).unwrap();
        assert!(
            written.contains("{ \"amount\": 0.10000000000000000000000000001 }"),
            "{written}"
        );
        assert_eq!(UnknownEvent::from_json(&written).unwrap().id, event.id);
    }

    #[test]
    fn an_unknown_event_is_written_as_a_part_of_something_larger() {
        #[derive(Serialize)]
        #[serde(tag = "origin")]
        enum Tagged {
            Upvest(UnknownEvent),
        }

        #[derive(Serialize)]
        struct Flattened {
            origin: &'static str,
            #[serde(flatten)]
            event: UnknownEvent,
        }

        let event = UnknownEvent::from_json(
            r#"{"id":"8962b496-8d42-4560-bfab-10490dd1a724",
            "created_at":"2021-07-21T14:10:00.00Z","type":"MOON.FULL","object":[1.0, "\u0061"]}"#,
        );
        let event = event.unwrap();
        let expected = r#"{"origin":"Upvest","id":"8962b496-8d42-4560-bfab-10490dd1a724","created_at":"2021-07-21T14:10:00.00Z","type":"MOON.FULL","object":[1.0, "\u0061"]}"#;
        let flattened = Flattened {
            origin: "Upvest",
            event: event.clone(),
        };
        assert_eq!(serde_json::to_string(&flattened).unwrap(), expected);
        let tagged = Tagged::Upvest(event.clone());
        assert_eq!(serde_json::to_string(&tagged).unwrap(), expected);
        let value = serde_json::to_value(&event).unwrap();
        assert_eq!(value["object"], serde_json::json!([1.0, "a"]));
    }

    #[test]
    fn what_is_not_an_object_is_not_written_as_an_event() {
        let mut event = UnknownEvent::from_json(EVENT).unwrap();
        event.raw = RawValue::from_string("[]".to_owned()).unwrap();
        let error = serde_json::to_string(&event).unwrap_err();
        assert!(error.to_string().contains("an event"), "{error}");
    }

    #[test]
    fn what_all_events_have_must_be_there() {
        for missing in ["id", "created_at", "type"] {
            let json = EVENT.replacen(&format!("\"{missing}\""), "\"another\"", 1);
            let error = UnknownEvent::from_json(&json).unwrap_err();
            assert!(error.to_string().contains(missing), "{error}");
        }
        for json in ["", "null", "[]", "{}", "\"MOON.FULL\""] {
            assert!(UnknownEvent::from_json(json).is_err(), "{json}");
            assert!(type_of(json).is_err(), "{json}");
        }
    }

    #[test]
    fn the_text_of_an_event_survives_serdes_buffering() {
        #[derive(Deserialize)]
        struct Text(#[serde(deserialize_with = "text")] String);

        #[derive(Deserialize)]
        #[serde(tag = "origin")]
        enum Tagged {
            Upvest(Text),
        }

        #[derive(Deserialize)]
        struct Flattened {
            #[serde(flatten)]
            event: Text,
        }

        let Text(whole) = serde_json::from_str(EVENT).unwrap();
        assert_eq!(whole, EVENT);
        let buffered = r#"{"origin":"Upvest","type":"MOON.FULL","amount":"0.10"}"#;
        let Tagged::Upvest(Text(tagged)) = serde_json::from_str(buffered).unwrap();
        let expected = serde_json::json!({ "type": "MOON.FULL", "amount": "0.10" });
        assert_eq!(serde_json::from_str::<Value>(&tagged).unwrap(), expected);
        let flattened: Flattened = serde_json::from_str(buffered).unwrap();
        assert_eq!(type_of(&flattened.event.0).unwrap(), "MOON.FULL");
    }
}
