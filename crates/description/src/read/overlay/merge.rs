//! How an update changes its target.

use serde_json::{Map, Value};

use crate::error::Pointer;

/// Why an update does not fit its target.
pub(super) struct Mismatch {
    pub(super) place: Pointer,
    pub(super) found: &'static str,
    pub(super) update: &'static str,
}

/// A target that is an array takes any value as a further element, unlike an array inside it.
pub(super) fn update_target(
    target: &mut Value,
    update: &Value,
    at: &Pointer,
) -> Result<(), Mismatch> {
    match (target, update) {
        (Value::Array(items), update) if !update.is_array() => {
            items.push(update.clone());
            Ok(())
        }
        (target, update) => merge(target, update, at),
    }
}

fn merge(target: &mut Value, update: &Value, at: &Pointer) -> Result<(), Mismatch> {
    match (target, update) {
        (Value::Object(target), Value::Object(update)) => merge_objects(target, update, at),
        (Value::Array(items), Value::Array(more)) => {
            items.extend(more.iter().cloned());
            Ok(())
        }
        (target, update) if kind(target) == PRIMITIVE && kind(update) == PRIMITIVE => {
            *target = update.clone();
            Ok(())
        }
        (target, update) => Err(Mismatch {
            place: at.clone(),
            found: kind(target),
            update: kind(update),
        }),
    }
}

fn merge_objects(
    target: &mut Map<String, Value>,
    update: &Map<String, Value>,
    at: &Pointer,
) -> Result<(), Mismatch> {
    for (key, value) in update {
        match target.get_mut(key) {
            Some(known) => merge(known, value, &at.join(key))?,
            None => {
                target.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(())
}

const PRIMITIVE: &str = "a primitive";

pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Object(_) => "an object",
        Value::Array(_) => "an array",
        _ => PRIMITIVE,
    }
}
