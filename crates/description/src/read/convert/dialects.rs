//! The dialect of the schemas is removed: OpenAPI 3.0 has only one.
//!
//! ```yaml
//! # before                                                        # after
//! jsonSchemaDialect: https://spec.openapis.org/oas/3.1/dialect/base
//! $schema: https://json-schema.org/draft/2020-12/schema
//! $comment: See the ticket.
//! ```
//!
//! A dialect other than these two (that of OpenAPI 3.1 in any revision) could mean anything, and is
//! refused.

use serde_json::{Map, Value};

use super::common::{Root, Schema, inexpressible};
use crate::error::{Pointer, Result};
use crate::read::walk::Place;

const JSON_SCHEMA: &str = "https://json-schema.org/draft/2020-12/schema";

const OPENAPI: &str = "https://spec.openapis.org/oas/3.1/dialect/";

pub(super) fn drop_from_schema(schema: &mut Schema, place: &Place) -> Result<()> {
    // According to JSON Schema, it is only for those who edit the document.
    schema.shift_remove("$comment");
    drop_known(schema, "$schema", &place.pointer)
}

pub(super) fn drop_from_document(root: &mut Root) -> Result<()> {
    drop_known(root, "jsonSchemaDialect", &Pointer::root())
}

fn drop_known(object: &mut Map<String, Value>, key: &str, at: &Pointer) -> Result<()> {
    let Some(dialect) = object.shift_remove(key) else {
        return Ok(());
    };
    let name = dialect.as_str().unwrap_or_default();
    if name.trim_end_matches('#') == JSON_SCHEMA || name.starts_with(OPENAPI) {
        return Ok(());
    }
    Err(inexpressible(
        &at.join(key),
        &format!("the dialect {dialect}"),
        "write the schemas in the dialect of OpenAPI 3.1, https://spec.openapis.org/oas/3.1/dialect/base",
    ))
}
