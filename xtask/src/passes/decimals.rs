//! Decimal numbers in strings are recognised by their pattern.
//!
//! ```yaml
//! # before                                   # after
//! type: string                               type: string
//! pattern: ^-?[0-9]{0,63}(\.[0-9]{1,27})?$   format: decimal
//! ```
//!
//! The format makes the field a `rust_decimal::Decimal`; the pattern itself is kept for the JSON
//! schema of the type.

use super::Schema;
use crate::error::Result;
use crate::read::cursor::Cursor;

/// The `format` of a decimal number in a string.
pub(crate) const FORMAT: &str = "decimal";

pub(super) fn mark(schema: &mut Schema, _: &Cursor<'_>) -> Result<()> {
    let is_decimal = schema
        .get("pattern")
        .and_then(|pattern| pattern.as_str())
        .is_some_and(is_decimal);
    if is_decimal {
        schema.insert("format".to_owned(), FORMAT.into());
    }
    Ok(())
}

/// Whether a pattern admits digits with a fraction, and nothing else but a sign.
fn is_decimal(pattern: &str) -> bool {
    pattern.contains(r"(\.[0-9]")
        && pattern
            .chars()
            .all(|c| r"^-?[0-9]{,}(\.)$|".contains(c) || c.is_ascii_digit())
}
