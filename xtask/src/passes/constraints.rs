//! Constraints that a type does not express are dropped: the API checks what it is sent, and what
//! it answers is read even where it breaks its own rules.
//!
//! ```yaml
//! # before                       # after
//! type: string                   type: string
//! format: ISO4217
//! default: EUR
//! pattern: ^[A-Z]{3}$
//! maxLength: 3
//! ```
//!
//! Left alone, a pattern becomes a newtype with a regular expression at run time that also refuses
//! *responses*, and a default makes a missing required field look as if it had been there.

use super::{Schema, decimals, secrets};
use crate::error::Result;
use crate::read::cursor::Cursor;

const KEYWORDS: &[&str] = &[
    "default",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

/// The formats that choose a Rust type.
const FORMATS: &[&str] = &[
    "date",
    "date-time",
    "int32",
    "int64",
    "uuid",
    decimals::FORMAT,
    secrets::FORMAT,
];

pub(super) fn drop_all(schema: &mut Schema, _: &Cursor<'_>) -> Result<()> {
    for keyword in KEYWORDS {
        schema.shift_remove(*keyword);
    }
    let means_nothing_to_rust = schema
        .get("format")
        .and_then(|format| format.as_str())
        .is_some_and(|format| !FORMATS.contains(&format));
    if means_nothing_to_rust {
        schema.shift_remove("format");
    }
    Ok(())
}
