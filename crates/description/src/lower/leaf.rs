//! Values without parts: their types by `type`, `format` and `pattern`.
//!
//! ```yaml
//! type: string                               # a decimal number, by its pattern or format
//! pattern: ^-?[0-9]{0,63}(\.[0-9]{1,27})?$
//! type: string                               # a secret
//! format: password
//! type: number                               # a decimal number that is not text
//! format: decimal
//! ```
//!
//! Constraints that a type does not express are kept separately: values that are sent are checked
//! against them, and answers of the API are read even if they break its own rules.

use super::merge::{EMPTY, Unwrapped};
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
pub(super) fn text(limits: &Limits) -> Ty {
    match format(limits) {
        format if limits.pattern().is_some_and(is_decimal) || format == Some("decimal") => {
            Ty::Decimal
        }
        Some("date") => Ty::Date,
        Some("date-time") => Ty::DateTime,
        Some("uuid") => Ty::Uuid,
        Some("password") => Ty::Secret,
        _ => Ty::String,
    }
}

/// `x-rust-empty` says that an empty string may be in the place of a text.
///
/// # Errors
/// When it stands at something else.
pub(super) fn or_empty(ty: Ty, is_text: bool, unwrapped: &Unwrapped<'_>) -> Result<Ty> {
    let is_string = match &ty {
        Ty::String | Ty::Decimal | Ty::Date | Ty::DateTime | Ty::Uuid => true,
        Ty::Def(_) => is_text,
        _ => false,
    };
    match unwrapped.may_be_empty {
        false => Ok(ty),
        true if is_string => Ok(Ty::OrEmpty(Box::new(ty))),
        true => Err(unwrapped.head.error(
            format!("`{EMPTY}` applies to strings only, and this is not a string"),
            "remove it, or put it on a string",
        )),
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
