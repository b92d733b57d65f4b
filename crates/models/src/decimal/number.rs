//! Decimal numbers that are JSON numbers.
//!
//! Whoever reads JSON may read its numbers as floating point (IEEE 754, binary64), and then no more than 15
//! significant digits are sure to be those that were written. So a number with more of them is refused,
//! unless it is a whole number of 64 bits. What is left is read and written exactly.

use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde::de::{Deserialize, Deserializer, Error as _};
use serde::ser::{Error as _, Serializer};

/// The most significant digits of a JSON number that is not whole. Any number of that many digits is the
/// same before and after it is a floating-point number.
pub const MAX_NUMBER_DIGITS: usize = 15;

/// Writes a number as a JSON number, without zeros at the end of its fraction.
pub(super) fn serialize<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    let value = value.normalize();
    match value.to_i64() {
        Some(whole) if value.scale() == 0 => return serializer.serialize_i64(whole),
        _ => {}
    }
    let text = value.to_string();
    match text.parse::<f64>() {
        Ok(number) if digits(&text) <= MAX_NUMBER_DIGITS => serializer.serialize_f64(number),
        _ => Err(S::Error::custom(too_long(&text))),
    }
}

/// Reads a JSON number.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
    let number = serde_json::Number::deserialize(deserializer)?;
    // Of 64 bits: what is longer may not fit a decimal number.
    if let Some(whole) = number.as_i64() {
        return Ok(Decimal::from(whole));
    }
    let text = number.to_string();
    let number = Decimal::from_str_exact(&text).or_else(|_| Decimal::from_scientific(&text));
    match number {
        Ok(number) if digits(&text) <= MAX_NUMBER_DIGITS && is_small(&number) => {
            Ok(number.normalize())
        }
        Ok(_) => Err(D::Error::custom(too_long(&text))),
        Err(error) => Err(D::Error::custom(format!(
            "{text} cannot be kept exactly: {error}"
        ))),
    }
}

/// How many significant digits a number has: those of its exponent and zeros in front are not, zeros at its
/// end are, since a longer number may have been rounded to them.
fn digits(text: &str) -> usize {
    let mantissa = text.split(['e', 'E']).next().unwrap_or_default();
    let digits = mantissa.chars().filter(char::is_ascii_digit);
    digits.skip_while(|digit| *digit == '0').count()
}

/// Whether a number has no more digits in front of its point than are kept: `1e20` may have been any of many.
fn is_small(number: &Decimal) -> bool {
    let whole = number.abs().to_i64();
    whole.is_some_and(|whole| whole < 10_i64.pow(MAX_NUMBER_DIGITS as u32))
}

fn too_long(text: &str) -> String {
    format!(
        "{text} has more than {MAX_NUMBER_DIGITS} digits, which a JSON number does not surely keep"
    )
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Serialize};
    use serde_json::Value;

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Range {
        #[serde(with = "crate::decimal::As::<crate::decimal::Number>")]
        lower: Decimal,
        #[serde(
            default,
            with = "crate::decimal::As::<Option<crate::decimal::Number>>",
            skip_serializing_if = "Option::is_none"
        )]
        upper: Option<Decimal>,
    }

    fn read(number: &str) -> serde_json::Result<Range> {
        serde_json::from_str(&format!("{{\"lower\":{number}}}"))
    }

    #[test]
    fn numbers_are_read_and_written_exactly() {
        for (json, number) in [
            ("0", "0"),
            ("50000", "50000"),
            ("-3", "-3"),
            ("0.1", "0.1"),
            ("0.3", "0.3"),
            ("1234567890123.45", "1234567890123.45"),
            ("0.00001", "0.00001"),
            ("1e-6", "0.000001"),
            ("9007199254740993", "9007199254740993"),
            ("9223372036854775807", "9223372036854775807"),
        ] {
            let range = read(json).unwrap();
            assert_eq!(range.lower, number.parse().unwrap());
            let written = serde_json::to_string(&range).unwrap();
            assert_eq!(written, format!("{{\"lower\":{json}}}"));
            // Also where the number was read as something else before.
            let value: Value = serde_json::from_str(&written).unwrap();
            assert_eq!(serde_json::from_value::<Range>(value).unwrap(), range);
        }
        assert_eq!(read("1e3").unwrap().lower, Decimal::from(1000));
        assert_eq!(read("2.50").unwrap().lower, Decimal::new(25, 1));
    }

    #[test]
    fn what_a_json_number_does_not_keep_is_refused() {
        for json in [
            "0.1234567890123456",
            "12345678901234.567",
            "100000000000000000000.5",
            "1e20",
            "1e30",
            "1e-30",
        ] {
            let error = read(json).unwrap_err().to_string();
            assert!(
                error.contains("digits") || error.contains("exactly"),
                "{json}: {error}"
            );
        }
        for json in ["\"1\"", "null", "true"] {
            assert!(read(json).is_err(), "{json}");
        }
        let lower = "0.1234567890123456".parse().unwrap();
        let written = serde_json::to_string(&Range { lower, upper: None });
        assert!(written.unwrap_err().to_string().contains("15 digits"));
    }

    #[test]
    fn an_optional_number_may_be_absent_or_null() {
        assert_eq!(read("1").unwrap().upper, None);
        let range: Range = serde_json::from_str(r#"{"lower":1,"upper":null}"#).unwrap();
        assert_eq!(range.upper, None);
        let range: Range = serde_json::from_str(r#"{"lower":1,"upper":2.5}"#).unwrap();
        assert_eq!(range.upper, Some(Decimal::new(25, 1)));
    }
}
