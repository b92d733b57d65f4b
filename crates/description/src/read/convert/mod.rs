//! Conversion of other notations to OpenAPI 3.0, which is all that later steps know.
//!
//! Some copies of Upvest's document claim to be 3.0 and contain `type: "null"`, and the next
//! document may be OpenAPI 3.1. Both express the same in another notation. Each construct has a
//! separate file here, with a before and after. Conversions run before overlays, so that one
//! overlay fits every copy. A construct that 3.0 cannot express is an error with its place: nothing
//! is dropped silently.

use serde_json::{Value, json};

use crate::error::Result;
use crate::read::walk;
use common::{OfDocument, OfSchema};

mod bounds;
mod common;
mod constants;
mod contents;
mod dialects;
mod examples;
mod foreign;
mod info;
mod null_types;
mod null_variants;
mod path_items;
mod references;
mod webhooks;

/// The version of OpenAPI that a document names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// OpenAPI 3.0, perhaps with types in the notation of 3.1.
    V3_0,
    /// OpenAPI 3.1, whose schemas are JSON Schema 2020-12.
    V3_1,
}

/// Constructs of 3.1 that are found in documents that declare 3.0.
const SCHEMAS_OF_3_0: &[OfSchema] = &[null_types::rewrite, null_variants::rewrite];

/// Later ones see what earlier ones left.
const SCHEMAS_OF_3_1: &[OfSchema] = &[
    foreign::refuse,
    dialects::drop_from_schema,
    constants::rewrite,
    null_types::rewrite,
    null_variants::rewrite,
    bounds::rewrite,
    contents::rewrite,
    examples::rewrite,
    // Last, since it takes apart what the others are looking for.
    references::rewrite,
];

const DOCUMENT_OF_3_1: &[OfDocument] = &[
    dialects::drop_from_document,
    info::rewrite,
    path_items::inline,
    webhooks::rename,
];

/// Turns a document into OpenAPI 3.0.
///
/// # Errors
/// When it says something that OpenAPI 3.0 cannot express.
pub fn convert(root: &mut Value, version: Version) -> Result<()> {
    let passes = match version {
        Version::V3_0 => SCHEMAS_OF_3_0,
        Version::V3_1 => SCHEMAS_OF_3_1,
    };
    // Schemas come first: errors name places as they are published.
    walk::schemas(root, &mut |schema, place| match schema {
        Value::Object(schema) => passes.iter().try_for_each(|pass| pass(schema, place)),
        Value::Bool(admits) if version == Version::V3_1 => {
            *schema = foreign::boolean(*admits, place)?;
            Ok(())
        }
        _ => Ok(()),
    })?;
    if version == Version::V3_1
        && let Value::Object(root) = root
    {
        DOCUMENT_OF_3_1.iter().try_for_each(|pass| pass(root))?;
        root.insert("openapi".to_owned(), json!("3.0.3"));
    }
    Ok(())
}
