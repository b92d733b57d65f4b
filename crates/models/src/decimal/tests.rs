//! Numbers as text: what is read, what is refused, what is written.

use std::collections::BTreeMap;

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
fn what_is_not_a_number_is_refused_and_quoted() {
    for text in [
        "", "-", ".", "-.", "5.", "+5", "1e5", "1_000", "1,5", " 1", "1 ", "--1", "1.2.3", "NaN",
        "٣", "0x10",
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
fn absent_and_null_are_distinguished_where_that_matters() {
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
