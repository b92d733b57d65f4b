//! What conversions have in common: what they change, and what they refuse.

use serde_json::{Map, Value};

use crate::error::{Error, Pointer, Result};
use crate::read::walk::Place;

/// The members of a schema.
pub(super) type Schema = Map<String, Value>;

/// The members of the whole document.
pub(super) type Root = Map<String, Value>;

/// Changes a schema in place. What it contains has been changed already.
pub(super) type OfSchema = fn(&mut Schema, &Place) -> Result<()>;

/// Changes the document in place, schemas apart.
pub(super) type OfDocument = fn(&mut Root) -> Result<()>;

/// Keywords that say something about a schema without restricting it. Those that begin with `x-` are
/// included.
const REMARKS: &[&str] = &[
    "default",
    "deprecated",
    "description",
    "example",
    "externalDocs",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
];

pub(super) fn is_remark(keyword: &str) -> bool {
    REMARKS.contains(&keyword) || keyword.starts_with("x-")
}

/// The error for something that OpenAPI 3.0 cannot express.
pub(super) fn inexpressible(pointer: &Pointer, construct: &str, help: &str) -> Error {
    Error::new(format!("OpenAPI 3.0 cannot express {construct}"), help).at(pointer)
}
