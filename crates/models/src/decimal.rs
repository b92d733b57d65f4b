//! Decimal numbers, read exactly and written back digit for digit.
//!
//! The API writes money as text, such as `"100.25"`. `rust_decimal` would round what it cannot
//! hold, and would take JSON numbers through a floating-point number on the way; here neither
//! happens: what cannot be held exactly is an error that quotes the text. The few amounts that are JSON
//! numbers have a separate adapter, [`Number`].
//!
//! The module works as `#[serde(with = "upvest_models::decimal")]` on your own fields, and [`As`]
//! on options, lists and maps of decimals.
//!
//! ```
//! use upvest_models::decimal;
//!
//! assert_eq!(decimal::parse("100.250").unwrap().to_string(), "100.250");
//! assert!(decimal::parse("").is_err());
//! assert!(decimal::parse("0.12345678901234567890123456789").is_err());
//! ```

use std::fmt;

use rust_decimal::Decimal;
use serde::de::{self, Deserializer, Visitor};
use serde::ser::Serializer;

mod adapter;
mod number;
#[cfg(test)]
mod tests;

pub use adapter::{Adapter, As, Exact, Nullable, Number, OrEmpty, Plain};
pub(crate) use adapter::{Borrowed, Owned};
pub use number::MAX_NUMBER_DIGITS;

/// The most digits that are read, leading zeros not counted. Any number of that many digits fits a
/// [`Decimal`], wherever its point is.
pub const MAX_DIGITS: usize = 28;

/// A text that is not a decimal number, or a number that a [`Decimal`] cannot hold exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseDecimalError {
    text: String,
    reason: &'static str,
}

impl fmt::Display for ParseDecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} {}", self.text, self.reason)
    }
}

impl std::error::Error for ParseDecimalError {}

/// Reads a number of the form that the API writes: digits, perhaps with a minus in front, perhaps
/// with a point and at least one more digit.
///
/// The number of decimal places is kept. Leading zeros are read, but not kept, since they are not
/// part of the number.
///
/// # Errors
/// When the text is of another form (no digit at all, an exponent, a plus, spaces), or has more
/// than [`MAX_DIGITS`] digits.
pub fn parse(text: &str) -> Result<Decimal, ParseDecimalError> {
    let error = |reason| ParseDecimalError {
        text: text.to_owned(),
        reason,
    };
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = match unsigned.split_once('.') {
        Some((_, "")) => return Err(error("has a point without digits behind it")),
        Some((whole, fraction)) => (whole, fraction),
        None => (unsigned, ""),
    };
    if whole.is_empty() && fraction.is_empty() {
        return Err(error("is not a decimal number: it has no digit"));
    }
    if !whole
        .bytes()
        .chain(fraction.bytes())
        .all(|byte| byte.is_ascii_digit())
    {
        return Err(error(
            "is not a decimal number: it has more than digits, a minus in front and one point",
        ));
    }
    let digits = whole.trim_start_matches('0').len() + fraction.len();
    if digits > MAX_DIGITS {
        return Err(error(
            "has more than 28 digits, which is more than can be kept exactly",
        ));
    }
    Decimal::from_str_exact(text).map_err(|_| error("cannot be kept exactly"))
}

/// Writes a number as text, with the decimal places that it was read with.
///
/// # Errors
/// When the serializer fails.
pub fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

/// Reads a number from text. JSON numbers are refused.
///
/// # Errors
/// When there is something else than a string, or for the reasons of [`parse`].
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    deserializer.deserialize_str(TextVisitor)
}

struct TextVisitor;

impl Visitor<'_> for TextVisitor {
    type Value = Decimal;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number in a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Decimal, E> {
        parse(text).map_err(E::custom)
    }
}
