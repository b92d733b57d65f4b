use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::examples::moment;

/// How large a delivery may be, in bytes, unless the subscription says otherwise.
const MAX_PACKAGE_SIZE: i64 = 10_240;

/// For how long events may wait for others, unless the subscription says otherwise. It is what the
/// published examples say; nothing waits here.
const DELAY: &str = "5s";

/// A subscription as the API has it.
#[derive(Clone)]
pub(super) struct Subscription {
    pub(super) id: Uuid,
    value: Value,
}

impl Subscription {
    /// A new subscription, which is not enabled.
    pub(super) fn new(fields: &Map<String, Value>, now: DateTime<Utc>) -> Self {
        let id = Uuid::new_v4();
        let value = json!({
            "id": id,
            "created_at": moment(now),
            "updated_at": moment(now),
            "title": "",
            "url": "",
            "enabled": false,
            "type": ["ALL"],
            "config": { "delay": DELAY, "max_package_size": MAX_PACKAGE_SIZE },
        });
        let mut subscription = Self { id, value };
        subscription.set(fields);
        subscription
    }

    /// Changes what is named, of `config` too, and leaves alone the rest.
    pub(super) fn change(&mut self, fields: &Map<String, Value>, now: DateTime<Utc>) {
        self.set(fields);
        self.value["updated_at"] = moment(now);
    }

    fn set(&mut self, fields: &Map<String, Value>) {
        for (name, value) in fields {
            match (&mut self.value[name.as_str()], value) {
                (Value::Object(kept), Value::Object(changed)) => kept.extend(changed.clone()),
                (kept, value) => *kept = value.clone(),
            }
        }
    }

    pub(super) fn value(&self) -> Value {
        self.value.clone()
    }

    pub(super) fn url(&self) -> &str {
        self.value["url"].as_str().unwrap_or_default()
    }

    pub(super) fn is_enabled(&self) -> bool {
        self.value["enabled"] == true
    }

    /// How large a delivery may be, in bytes.
    pub(super) fn max_bytes(&self) -> usize {
        let size = self.value["config"]["max_package_size"].as_u64();
        size.and_then(|size| usize::try_from(size).ok())
            .unwrap_or(usize::MAX)
    }

    /// Whether it is to get events of this type now.
    pub(super) fn wants(&self, event_type: Option<&str>) -> bool {
        let category = event_type.and_then(|type_| type_.split('.').next());
        let names = |list: &str| {
            let names = self.value[list].as_array().into_iter().flatten();
            names
                .filter_map(Value::as_str)
                .any(|one| Some(one) == category)
        };
        let is_for_all = self.value["type"]
            .as_array()
            .is_some_and(|types| types.contains(&json!("ALL")));
        self.is_enabled() && (is_for_all || names("type")) && !names("exclude_type")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_exclusions_are_categories() {
        let wants = |types: Value, excluded: Value, event: Option<&str>| {
            let fields = json!({ "enabled": true, "type": types, "exclude_type": excluded });
            let fields = fields.as_object().unwrap();
            Subscription::new(fields, DateTime::UNIX_EPOCH).wants(event)
        };
        assert!(wants(json!(["ALL"]), json!([]), None));
        assert!(wants(
            json!(["ALL"]),
            json!(["USER"]),
            Some("USER_CHECK.PASSED")
        ));
        assert!(!wants(
            json!(["ALL"]),
            json!(["USER"]),
            Some("USER.CREATED")
        ));
        assert!(wants(json!(["USER"]), json!([]), Some("USER.CREATED")));
        assert!(!wants(
            json!(["USER"]),
            json!([]),
            Some("USER_CHECK.PASSED")
        ));
        assert!(!wants(json!(["USER"]), json!([]), None));
    }
}
