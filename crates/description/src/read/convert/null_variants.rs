//! A variant `null` makes the whole schema nullable.
//!
//! ```yaml
//! # before                       # after
//! oneOf:                         allOf:
//!   - $ref: ...                    - $ref: ...
//!   - type: "null"               nullable: true
//! ```
//!
//! If several variants are left, they stay a `oneOf` or `anyOf`. A single one replaces the whole
//! schema, unless it is a reference, beside which OpenAPI 3.0 allows no other member.

use serde_json::{Value, json};

use super::common::{Schema, inexpressible, is_remark};
use super::null_types::NULL;
use crate::error::Result;
use crate::read::walk::Place;

pub(super) fn rewrite(schema: &mut Schema, place: &Place) -> Result<()> {
    for keyword in ["oneOf", "anyOf"] {
        let Some(Value::Array(variants)) = schema.get_mut(keyword) else {
            continue;
        };
        let admitted = variants.len();
        variants.retain(|variant| !is_null(variant));
        if variants.len() == admitted {
            continue;
        }
        match &variants[..] {
            [] => {
                return Err(inexpressible(
                    &place.pointer.join(keyword),
                    "a choice of nothing but `null`",
                    "add what else it may be",
                ));
            }
            [only] => {
                let only = only.clone();
                schema.shift_remove(keyword);
                take_in(schema, only);
            }
            _ => {}
        }
        schema.insert("nullable".to_owned(), true.into());
    }
    Ok(())
}

fn is_null(variant: &Value) -> bool {
    variant["type"] == NULL || variant["enum"] == json!([null])
}

/// What is said outside goes before what is said inside.
fn take_in(schema: &mut Schema, only: Value) {
    match only {
        Value::Object(only)
            if !only.contains_key("$ref") && schema.keys().all(|keyword| is_remark(keyword)) =>
        {
            for (keyword, value) in only {
                schema.entry(keyword).or_insert(value);
            }
        }
        only => match schema.entry("allOf").or_insert_with(|| json!([])) {
            Value::Array(parts) => parts.push(only),
            other => *other = json!([only]),
        },
    }
}
