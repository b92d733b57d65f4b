//! The first of several examples of a schema becomes its `example`.
//!
//! ```yaml
//! # before                       # after
//! type: string                   type: string
//! examples: [EUR, GBP]           example: EUR
//!                                x-examples: [EUR, GBP]
//! ```
//!
//! The `examples` of parameters and media types stay as they are: OpenAPI 3.0 has them too.

use serde_json::Value;

use super::common::{Schema, inexpressible};
use crate::error::Result;
use crate::read::walk::Place;

pub(super) fn rewrite(schema: &mut Schema, place: &Place) -> Result<()> {
    let Some(examples) = schema.shift_remove("examples") else {
        return Ok(());
    };
    let Value::Array(values) = &examples else {
        return Err(inexpressible(
            &place.pointer.join("examples"),
            "examples of a schema that are not a list",
            "write a list of values",
        ));
    };
    if let Some(first) = values.first() {
        schema.entry("example").or_insert_with(|| first.clone());
    }
    if values
        .iter()
        .any(|value| schema.get("example") != Some(value))
    {
        schema.insert("x-examples".to_owned(), examples);
    }
    Ok(())
}
