//! Values without parts: what their `type`, `format` and `pattern` make of them.
//!
//! ```yaml
//! type: string                               # a decimal number, by its pattern or format
//! pattern: ^-?[0-9]{0,63}(\.[0-9]{1,27})?$
//! type: string                               # a secret
//! format: password
//! type: number                               # a decimal number that is no text
//! format: decimal
//! ```
//!
//! Constraints that a type does not express are kept aside: the API checks what it is sent, and what
//! it answers is read even where it breaks its own rules.

use crate::error::Result;
use crate::ir::{Limits, Ty};
use crate::read::cursor::Cursor;

/// Keywords that make a type, or hold schemas that do.
const MEANINGFUL: &[&str] = &[
    "additionalProperties",
    "allOf",
    "anyOf",
    "enum",
    "items",
    "oneOf",
    "properties",
    "required",
    "type",
];

/// Refuses keywords that are not known.
pub(super) fn check_keywords(place: &Cursor<'_>) -> Result<()> {
    let is_known = |keyword: &str| {
        super::merge::is_remark(keyword)
            || MEANINGFUL.contains(&keyword)
            || Limits::KEYWORDS.contains(&keyword)
    };
    for keyword in place.object()?.keys() {
        if !is_known(keyword) {
            return Err(place.unsupported(&format!("`{keyword}` in a schema")));
        }
    }
    Ok(())
}

/// The type of a string.
pub(super) fn text(limits: &Limits, may_be_empty: bool) -> Ty {
    match format(limits) {
        format if limits.pattern().is_some_and(is_decimal) || format == Some("decimal") => {
            if may_be_empty {
                Ty::DecimalOrEmpty
            } else {
                Ty::Decimal
            }
        }
        Some("date") => Ty::Date,
        Some("date-time") => Ty::DateTime,
        Some("uuid") => Ty::Uuid,
        Some("password") => Ty::Secret,
        _ => Ty::String,
    }
}

/// The type of a whole number.
pub(super) fn integer(limits: &Limits) -> Ty {
    match format(limits) {
        Some("int32") => Ty::I32,
        _ => Ty::I64,
    }
}

/// The type of a number.
pub(super) fn number(limits: &Limits) -> Ty {
    match format(limits) {
        Some("decimal") => Ty::DecimalNumber,
        _ => Ty::F64,
    }
}

fn format(limits: &Limits) -> Option<&str> {
    limits.keywords.get("format")?.as_str()
}

/// Whether a pattern admits digits with a fraction, and nothing else but a sign.
fn is_decimal(pattern: &str) -> bool {
    pattern.contains(r"(\.[0-9]")
        && pattern
            .chars()
            .all(|c| r"^-?[0-9]{,}(\.)$|".contains(c) || c.is_ascii_digit())
}
