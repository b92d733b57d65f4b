//! Decimal numbers in strings, read exactly and written back digit for digit.
//!
//! The API writes money as text, such as `"100.25"`. `rust_decimal` would round what it cannot
//! hold, and would take JSON numbers through a floating-point number on the way; here neither
//! happens: what cannot be held exactly is an error that quotes the text.
//!
//! The module works as `#[serde(with = "upvest_models::decimal")]` on fields of one's own, and [`As`]
//! on options, lists and maps of decimals.
//!
//! ```
//! use upvest_models::decimal;
//!
//! assert_eq!(decimal::parse("100.250").unwrap().to_string(), "100.250");
//! assert!(decimal::parse("").is_err());
//! assert!(decimal::parse("0.12345678901234567890123456789").is_err());
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use rust_decimal::Decimal;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::Serializer;

/// The most digits that are read, leading zeros not counted. Any number of that many digits fits a
/// [`Decimal`], wherever its point is.
pub const MAX_DIGITS: usize = 28;

/// A text that is no decimal number, or none that a [`Decimal`] holds exactly.
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
/// The number of decimal places is kept. Leading zeros are read, but not kept, since they are no
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
        return Err(error("is no decimal number: it has no digit"));
    }
    if !whole
        .bytes()
        .chain(fraction.bytes())
        .all(|byte| byte.is_ascii_digit())
    {
        return Err(error(
            "is no decimal number: it has more than digits, a minus in front and one point",
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

/// How values with decimals in them are written: [`Exact`], [`OrEmpty`], and lists, maps and options
/// of these, as in `#[serde(with = "upvest_models::decimal::As::<Vec<Exact>>")]`.
#[derive(Debug)]
pub struct As<A>(PhantomData<A>);

impl<A> As<A> {
    /// Writes a value.
    ///
    /// # Errors
    /// When the serializer fails.
    pub fn serialize<T, S>(value: &T, serializer: S) -> Result<S::Ok, S::Error>
    where
        A: Adapter<T>,
        S: Serializer,
    {
        A::write(value, serializer)
    }

    /// Reads a value.
    ///
    /// # Errors
    /// As [`deserialize`], for each number.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        A: Adapter<T>,
        D: Deserializer<'de>,
    {
        A::read(deserializer)
    }
}

/// How a value of a type is written and read.
pub trait Adapter<T> {
    /// Writes a value.
    ///
    /// # Errors
    /// When the serializer fails.
    fn write<S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error>;

    /// Reads a value.
    ///
    /// # Errors
    /// When there is none of this type.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error>;
}

/// A decimal number as text.
#[derive(Debug)]
pub enum Exact {}

/// A decimal number as text, or an empty string for none.
#[derive(Debug)]
pub enum OrEmpty {}

/// A value that may be null where it may also be absent: the outer option tells whether it is there.
#[derive(Debug)]
pub struct Nullable<A>(PhantomData<A>);

impl Adapter<Decimal> for Exact {
    fn write<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(value, serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Decimal, D::Error> {
        deserialize(deserializer)
    }
}

impl Adapter<Option<Decimal>> for OrEmpty {
    fn write<S: Serializer>(value: &Option<Decimal>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serialize(value, serializer),
            None => serializer.serialize_str(""),
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Decimal>, D::Error> {
        deserializer.deserialize_str(OrEmptyVisitor)
    }
}

impl<T, A: Adapter<T>> Adapter<Option<T>> for Option<A> {
    fn write<S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        let value = value.as_ref().map(Borrowed::<T, A>::of);
        serde::Serialize::serialize(&value, serializer)
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        let read: Option<Owned<T, A>> = Deserialize::deserialize(deserializer)?;
        Ok(read.map(|owned| owned.0))
    }
}

impl<T, A: Adapter<T>> Adapter<Option<Option<T>>> for Nullable<A> {
    fn write<S: Serializer>(value: &Option<Option<T>>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => Option::<A>::write(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<T>>, D::Error> {
        Option::<A>::read(deserializer).map(Some)
    }
}

impl<T, A: Adapter<T>> Adapter<Vec<T>> for Vec<A> {
    fn write<S: Serializer>(value: &Vec<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(value.iter().map(Borrowed::<T, A>::of))
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
        let read: Vec<Owned<T, A>> = Deserialize::deserialize(deserializer)?;
        Ok(read.into_iter().map(|owned| owned.0).collect())
    }
}

impl<T, A: Adapter<T>> Adapter<BTreeMap<String, T>> for BTreeMap<String, A> {
    fn write<S: Serializer>(value: &BTreeMap<String, T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            value
                .iter()
                .map(|(key, value)| (key, Borrowed::<T, A>::of(value))),
        )
    }

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, T>, D::Error> {
        let read: BTreeMap<String, Owned<T, A>> = Deserialize::deserialize(deserializer)?;
        Ok(read
            .into_iter()
            .map(|(key, owned)| (key, owned.0))
            .collect())
    }
}

/// A value about to be written.
struct Borrowed<'a, T, A>(&'a T, PhantomData<A>);

impl<'a, T, A> Borrowed<'a, T, A> {
    fn of(value: &'a T) -> Self {
        Self(value, PhantomData)
    }
}

impl<T, A: Adapter<T>> serde::Serialize for Borrowed<'_, T, A> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        A::write(self.0, serializer)
    }
}

/// A value that has been read.
struct Owned<T, A>(T, PhantomData<A>);

impl<'de, T, A: Adapter<T>> Deserialize<'de> for Owned<T, A> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        A::read(deserializer).map(|value| Self(value, PhantomData))
    }
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

struct OrEmptyVisitor;

impl Visitor<'_> for OrEmptyVisitor {
    type Value = Option<Decimal>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a decimal number in a string, or an empty string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        if text.is_empty() {
            return Ok(None);
        }
        parse(text).map(Some).map_err(E::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_kept() {
        let largest = "9".repeat(28);
        let smallest = format!("0.{}1", "0".repeat(26));
        for text in [
            "0",
            "100.25",
            "100.250",
            "0.00",
            "-3.10",
            &largest,
            &format!("-{largest}"),
            &smallest,
            "1234567890123456789012345678",
            "12345678.12345678901234567890",
            "828.75",
        ] {
            assert_eq!(parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_the_published_pattern_admits_beyond_plain_numbers_is_read_as_what_it_means() {
        assert_eq!(parse(".5").unwrap().to_string(), "0.5");
        assert_eq!(parse("-.5").unwrap().to_string(), "-0.5");
        assert_eq!(parse("007.50").unwrap().to_string(), "7.50");
        let zeros = "0".repeat(60);
        assert_eq!(parse(&format!("{zeros}1.5")).unwrap().to_string(), "1.5");
    }

    #[test]
    fn what_is_no_number_is_refused_and_quoted() {
        for text in [
            "", "-", ".", "-.", "5.", "+5", "1e5", "1_000", "1,5", " 1", "1 ", "--1", "1.2.3",
            "NaN", "٣", "0x10",
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.starts_with(&format!("{text:?} ")), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_held_exactly_is_refused_and_quoted() {
        for text in [
            "1".repeat(29),
            format!("0.{}", "1".repeat(29)),
            format!("1.{}", "0".repeat(28)),
            format!("{}.{}", "1".repeat(15), "1".repeat(14)),
            "9".repeat(63),
        ] {
            let error = parse(&text).unwrap_err().to_string();
            assert!(
                error.contains(&text) && error.contains("28 digits"),
                "{error}"
            );
        }
    }

    #[test]
    fn json_numbers_are_refused() {
        #[derive(Debug, serde::Deserialize)]
        struct Amount {
            #[serde(with = "super")]
            #[allow(dead_code)]
            amount: Decimal,
        }
        for json in [
            r#"{"amount":100.25}"#,
            r#"{"amount":100}"#,
            r#"{"amount":null}"#,
            r#"{"amount":true}"#,
        ] {
            let error = serde_json::from_str::<Amount>(json)
                .unwrap_err()
                .to_string();
            assert!(
                error.contains("expected a decimal number in a string"),
                "{error}"
            );
        }
    }

    #[test]
    fn an_optional_number_may_be_null_or_absent_but_not_empty() {
        #[derive(Debug, PartialEq, serde::Deserialize, serde::Serialize)]
        struct Amount {
            #[serde(
                default,
                with = "super::As::<Option<super::Exact>>",
                skip_serializing_if = "Option::is_none"
            )]
            amount: Option<Decimal>,
        }
        let read = |json| serde_json::from_str::<Amount>(json);
        assert_eq!(read("{}").unwrap().amount, None);
        assert_eq!(read(r#"{"amount":null}"#).unwrap().amount, None);
        assert_eq!(
            read(r#"{"amount":"1.50"}"#).unwrap().amount,
            Some(Decimal::new(150, 2))
        );
        assert!(read(r#"{"amount":""}"#).is_err());
        assert!(read(r#"{"amount":1.5}"#).is_err());
        let written = serde_json::to_string(&read(r#"{"amount":"1.50"}"#).unwrap()).unwrap();
        assert_eq!(written, r#"{"amount":"1.50"}"#);
    }

    #[test]
    fn absent_and_null_are_told_apart_where_that_matters() {
        #[derive(Debug, PartialEq, serde::Deserialize, serde::Serialize)]
        struct Update {
            #[serde(
                default,
                with = "super::As::<super::Nullable<super::Exact>>",
                skip_serializing_if = "Option::is_none"
            )]
            limit: Option<Option<Decimal>>,
        }
        for (json, limit) in [
            ("{}", None),
            (r#"{"limit":null}"#, Some(None)),
            (r#"{"limit":"1.50"}"#, Some(Some(Decimal::new(150, 2)))),
        ] {
            let read: Update = serde_json::from_str(json).unwrap();
            assert_eq!(read.limit, limit);
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
        }
    }

    #[test]
    fn an_empty_string_is_none_where_that_is_allowed() {
        #[derive(Debug, PartialEq, serde::Deserialize, serde::Serialize)]
        struct Prices {
            #[serde(with = "super::As::<super::OrEmpty>")]
            stop: Option<Decimal>,
            #[serde(
                default,
                with = "super::As::<Option<super::OrEmpty>>",
                skip_serializing_if = "Option::is_none"
            )]
            limit: Option<Option<Decimal>>,
        }
        for json in [
            r#"{"stop":"1.50","limit":"2.0"}"#,
            r#"{"stop":"","limit":""}"#,
            r#"{"stop":""}"#,
        ] {
            let read: Prices = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&read).unwrap(), json);
        }
        for json in [
            r#"{"stop":"-"}"#,
            r#"{"stop":1.5}"#,
            r#"{}"#,
            r#"{"stop":null}"#,
        ] {
            assert!(serde_json::from_str::<Prices>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn lists_and_maps_of_numbers_are_exact_too() {
        #[derive(Debug, PartialEq, serde::Deserialize, serde::Serialize)]
        struct Prices {
            #[serde(with = "super::As::<Vec<Option<super::Exact>>>")]
            list: Vec<Option<Decimal>>,
            #[serde(flatten, with = "super::As::<BTreeMap<String, super::Exact>>")]
            others: BTreeMap<String, Decimal>,
        }
        let json = r#"{"list":["1.50",null],"a":"0.10","b":"2"}"#;
        let read: Prices = serde_json::from_str(json).unwrap();
        assert_eq!(read.others["a"], Decimal::new(10, 2));
        assert_eq!(serde_json::to_string(&read).unwrap(), json);
        for json in [
            r#"{"list":[1.5]}"#,
            r#"{"list":[""]}"#,
            r#"{"list":[],"a":1}"#,
        ] {
            assert!(serde_json::from_str::<Prices>(json).is_err(), "{json}");
        }
    }
}
