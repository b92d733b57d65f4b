//! Members beside a reference are moved to a schema around it.
//!
//! ```yaml
//! # before                       # after
//! $ref: ...                      allOf:
//! description: Of the payer.       - $ref: ...
//!                                description: Of the payer.
//! ```
//!
//! OpenAPI 3.0 ignores members beside a `$ref`. Keywords that restrict the schema further become a
//! part of the `allOf`. References to anything but schemas stay as they are: 3.1 allows only texts
//! beside them.

use serde_json::{Value, json};

use super::common::{Schema, is_remark};
use crate::error::Result;
use crate::read::walk::Place;

pub(super) fn rewrite(schema: &mut Schema, _: &Place) -> Result<()> {
    if schema.len() < 2 || !schema.get("$ref").is_some_and(Value::is_string) {
        return Ok(());
    }
    let (remarks, mut restrictions): (Schema, Schema) = std::mem::take(schema)
        .into_iter()
        .partition(|(keyword, _)| is_remark(keyword));
    let reference = restrictions.shift_remove("$ref");
    let mut parts = vec![json!({ "$ref": reference })];
    if !restrictions.is_empty() {
        parts.push(Value::Object(restrictions));
    }
    schema.insert("allOf".to_owned(), parts.into());
    schema.extend(remarks);
    Ok(())
}
