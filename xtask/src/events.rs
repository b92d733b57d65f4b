//! Which webhooks deliver events that can be told apart: by their `type`.
//!
//! ```yaml
//! # before                                     # after
//! required: [id, created_at, type, webhook_id]   WebhookEvent::CashBalance, for
//! properties:                                    `CASH_BALANCE.UPDATED`
//!   type: {enum: [CASH_BALANCE.UPDATED]}
//!   ...
//! ```

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::types::{Kind, Type, referred};

/// The name of the enum of all events.
pub const EVENT: &str = "WebhookEvent";

/// What every event has besides its `type`: the property, and the format of its text.
pub const COMMON: &[(&str, &str)] = &[
    ("id", "uuid"),
    ("created_at", "date-time"),
    ("webhook_id", "uuid"),
];

/// The values of `type` that an event of this schema may have.
///
/// # Errors
/// With the reason, when the schema is not that of an event which tells its type.
pub fn types(modules: &BTreeMap<String, Vec<Type>>, schema: &Value) -> Result<Vec<String>, String> {
    let find = |schema: &Value| {
        let name = referred(schema)?;
        modules.values().flatten().find(|kind| kind.name == name)
    };
    let event = find(schema)
        .filter(|kind| kind.kind == Kind::Struct)
        .ok_or("what it delivers is no object")?;
    let required = |name: &str| match event.fields.get(name) {
        Some(field) if field.required && !field.nullable => Ok(&event.schema["properties"][name]),
        _ => Err(format!("`{name}` may be missing from its events")),
    };
    for (name, format) in COMMON {
        if *required(name)? != json!({ "type": "string", "format": format }) {
            return Err(format!("`{name}` of its events is no {format}"));
        }
    }
    let listed = find(required("type")?).filter(|kind| kind.kind == Kind::OpenEnum);
    let listed = listed.ok_or("the values of `type` are not listed")?;
    let values = listed.schema["enum"].as_array().into_iter().flatten();
    Ok(values
        .filter_map(|value| value.as_str().map(str::to_owned))
        .collect())
}
