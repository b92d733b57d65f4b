//! What JSON Schema 2020-12 can express and OpenAPI 3.0 cannot.
//!
//! ```yaml
//! # before                       # after
//! properties:                    properties:
//!   anything: true                 anything: {}
//! ```
//!
//! The schema `true` becomes one without restrictions. `false`, and every keyword without a
//! counterpart, is refused, since dropping it would change what the schema means.

use serde_json::{Value, json};

use super::common::{Schema, inexpressible};
use crate::error::Result;
use crate::read::walk::Place;

/// Keywords without a counterpart, and what to do instead.
const KEYWORDS: &[(&str, &str)] = &[
    ("$anchor", NAME),
    ("$defs", NAME),
    ("$dynamicAnchor", NAME),
    ("$dynamicRef", NAME),
    ("$id", NAME),
    ("$vocabulary", NAME),
    ("contains", PLAIN),
    ("contentSchema", PLAIN),
    ("dependentRequired", PLAIN),
    ("dependentSchemas", VARIANTS),
    ("else", VARIANTS),
    ("if", VARIANTS),
    ("maxContains", PLAIN),
    ("minContains", PLAIN),
    ("patternProperties", PLAIN),
    ("prefixItems", PLAIN),
    ("propertyNames", PLAIN),
    ("then", VARIANTS),
    ("unevaluatedItems", PLAIN),
    ("unevaluatedProperties", PLAIN),
];

const NAME: &str = "put the schema into `components/schemas`, and refer to it there";
const VARIANTS: &str = "write a `oneOf` with a schema for each case";
const PLAIN: &str = "describe the value with `properties`, `additionalProperties` or `items`";

pub(super) fn refuse(schema: &mut Schema, place: &Place) -> Result<()> {
    let found = KEYWORDS
        .iter()
        .find(|(keyword, _)| schema.contains_key(*keyword));
    found.map_or(Ok(()), |(keyword, help)| {
        let pointer = place.pointer.join(keyword);
        Err(inexpressible(
            &pointer,
            &format!("`{keyword}` in a schema"),
            help,
        ))
    })
}

/// What takes the place of a schema that is only `true` or `false`.
pub(super) fn boolean(admits: bool, place: &Place) -> Result<Value> {
    if admits {
        return Ok(json!({}));
    }
    Err(inexpressible(
        &place.pointer,
        "the schema `false`, which admits nothing",
        "leave out what cannot be there",
    ))
}
