//! A type in a list with `null` becomes a nullable type.
//!
//! ```yaml
//! # before                       # after
//! type: [string, "null"]         type: string
//!                                nullable: true
//! ```
//!
//! A list with one type becomes that type. OpenAPI 3.0 cannot express several types, and has no
//! type `null`; within a `oneOf` or `anyOf`, `null` is left to
//! [`null_variants`](super::null_variants).

use serde_json::Value;

use super::common::{Schema, inexpressible};
use crate::error::Result;
use crate::read::walk::Place;

/// The type of `null`.
pub(super) const NULL: &str = "null";

pub(super) fn rewrite(schema: &mut Schema, place: &Place) -> Result<()> {
    let pointer = || place.pointer.join("type");
    if let Some(Value::Array(types)) = schema.get("type") {
        let mut types = types.clone();
        let admitted = types.len();
        types.retain(|kind| kind != NULL);
        let is_nullable = types.len() < admitted;
        let kind = match &types[..] {
            [] if is_nullable => NULL.into(),
            [kind] => kind.clone(),
            _ => {
                return Err(inexpressible(
                    &pointer(),
                    &format!("the types {} of one schema", Value::from(types)),
                    "give the schema one type, or write a `oneOf` with a schema for each",
                ));
            }
        };
        if is_nullable && kind != NULL {
            schema.insert("nullable".to_owned(), true.into());
        }
        schema.insert("type".to_owned(), kind);
    }
    if schema.get("type").is_some_and(|kind| kind == NULL) && !place.is_variant {
        return Err(inexpressible(
            &pointer(),
            "a schema that admits nothing but `null`",
            "leave out what holds nothing, or give it the type that it may have one day",
        ));
    }
    Ok(())
}
