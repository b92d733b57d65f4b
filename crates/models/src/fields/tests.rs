use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::members;
use crate::{Decimal, decimal};

#[derive(Clone, Debug, PartialEq)]
struct Item {
    id: i64,
    type_: String,
    parent: Option<String>,
    note: Option<String>,
    closed: Option<Option<i64>>,
    amount: Decimal,
    price: Option<Decimal>,
    code: Option<String>,
}

members! {
    Item {
        Required id, "type" Required type_, Nullable parent, Optional note, OptionalNullable closed,
        Required<decimal::Exact> amount, Optional<Option<decimal::Exact>> price,
        RequiredNullable<decimal::OrEmpty<decimal::Plain>> code,
    }
}

const ITEM: &str = r#"{
  "id": 1,
  "type": "A",
  "parent": "p",
  "note": "n",
  "closed": 2,
  "amount": "1.50",
  "price": "3",
  "code": "c"
}"#;

/// Three groups.
#[derive(Debug, PartialEq)]
struct Long {
    a: i64,
    b: i64,
    c: i64,
    d: Option<i64>,
    e: i64,
    f: i64,
}

members! { Long { Required a, Required b } { Required c, Optional d } { Required e, "last" Required f } }

#[derive(Debug, PartialEq)]
struct Prices {
    id: i64,
    rest: BTreeMap<String, Decimal>,
}

members! { Prices { Required id } Rest<decimal::Exact> rest }

#[derive(Debug, PartialEq)]
struct Anything {
    rest: BTreeMap<String, Value>,
}

members! { Anything {} Rest rest }

#[derive(Debug, PartialEq)]
struct Nothing {}

members! { Nothing {} }

fn error<T: DeserializeOwned + Debug>(json: &str) -> String {
    serde_json::from_str::<T>(json).unwrap_err().to_string()
}

#[test]
fn what_has_to_be_there_is_missed_by_its_name() {
    for (line, name) in [
        ("\"id\": 1,", "id"),
        ("\"type\": \"A\",", "type"),
        ("\"amount\": \"1.50\",", "amount"),
    ] {
        let expected = format!("missing field `{name}` at line 10 column 1");
        assert_eq!(error::<Item>(&ITEM.replace(line, "")), expected);
    }
    let without = ITEM.replace(",\n  \"code\": \"c\"", "");
    assert_eq!(
        error::<Item>(&without),
        "missing field `code` at line 9 column 1"
    );
    let whole = json!({ "a": 1, "b": 2, "c": 3, "e": 5, "last": 6 });
    for name in ["a", "b", "c", "e", "last"] {
        let mut without = whole.clone();
        without.as_object_mut().unwrap().remove(name);
        let expected = format!("missing field `{name}`");
        let found = serde_json::from_value::<Long>(without).unwrap_err();
        assert_eq!(found.to_string(), expected);
    }
}

#[test]
fn a_field_is_there_once() {
    let twice = "{ \"a\": 1,\n\"b\": 2, \"b\": 2 }";
    assert_eq!(
        error::<Long>(twice),
        "duplicate field `b` at line 2 column 11"
    );
    let null_before = r#"{ "a": 1, "b": 2, "d": null, "d": null }"#;
    let found = error::<Long>(null_before);
    assert!(found.starts_with("duplicate field `d`"), "{found}");
    let last = r#"{ "last": 1, "last": 1 }"#;
    assert!(error::<Long>(last).starts_with("duplicate field `last`"));
}

#[test]
fn an_object_is_not_an_array_or_anything_else() {
    for (json, found) in [
        ("[1, 2, 3, 4, 5, 6]", "sequence"),
        ("[]", "sequence"),
        ("null", "null"),
        ("7", "integer `7`"),
        ("\"a\"", "string \"a\""),
    ] {
        let expected = format!("invalid type: {found}, expected struct Long");
        let error = error::<Long>(json);
        assert!(error.starts_with(&expected), "{error}");
        let error = self::error::<Prices>(json);
        let expected = expected.replace("Long", "Prices");
        assert!(error.starts_with(&expected), "{error}");
    }
}

#[test]
fn null_is_not_a_value_of_what_is_required() {
    for (line, expected) in [
        (
            "\"id\": 1",
            "invalid type: null, expected i64 at line 2 column 12",
        ),
        (
            "\"type\": \"A\"",
            "invalid type: null, expected a string at line 3 column 14",
        ),
        (
            "\"amount\": \"1.50\"",
            "invalid type: null, expected a decimal number in a string at line 7 column 16",
        ),
    ] {
        let (name, _) = line.split_once(':').unwrap();
        let json = ITEM.replace(line, &format!("{name}: null"));
        assert_eq!(error::<Item>(&json), expected);
    }
}

#[test]
fn an_error_says_where_it_is_however_deep() {
    let list = format!("[{ITEM},\n{}]", ITEM.replace("\"1.50\"", "1.50"));
    let expected = "invalid type: floating point `1.5`, expected a decimal number in a string at line 17 column 16";
    assert_eq!(error::<Vec<Item>>(&list), expected);
}

#[test]
fn what_is_null_or_absent_is_distinguished_where_it_matters() {
    let item: Item = serde_json::from_str(ITEM).unwrap();
    assert_eq!(item.price, Some(Decimal::from(3)));
    let mut value = serde_json::to_value(&item).unwrap();
    for name in ["parent", "note", "closed", "price"] {
        value[name] = Value::Null;
    }
    value["code"] = json!("");
    let nulls: Item = serde_json::from_value(value.clone()).unwrap();
    assert_eq!((&nulls.parent, &nulls.note), (&None, &None));
    assert_eq!((nulls.price, &nulls.code), (None, &None));
    assert_eq!(nulls.closed, Some(None));
    for name in ["parent", "note", "closed", "price"] {
        value.as_object_mut().unwrap().remove(name);
    }
    let absent: Item = serde_json::from_value(value).unwrap();
    assert_eq!(absent.closed, None);
    assert_eq!(
        absent,
        Item {
            closed: None,
            ..nulls.clone()
        }
    );
    let written = serde_json::to_string(&nulls).unwrap();
    let expected = r#"{"id":1,"type":"A","parent":null,"closed":null,"amount":"1.50","code":""}"#;
    assert_eq!(written, expected);
    let written = serde_json::to_string(&absent).unwrap();
    assert_eq!(written, expected.replace(r#""closed":null,"#, ""));
}

#[test]
fn fields_come_in_any_order_and_unknown_ones_are_not_kept() {
    let json = r#"{ "": [], "last": 6, "z": { "a": 0 }, "e": 5, "f": "x", "c": 3, "A": null, "b": 2, "a": 1, "d": 4 }"#;
    let long: Long = serde_json::from_str(json).unwrap();
    let (a, b, c, d, e, f) = (1, 2, 3, Some(4), 5, 6);
    assert_eq!(long, Long { a, b, c, d, e, f });
    let written = serde_json::to_string(&long).unwrap();
    assert_eq!(written, r#"{"a":1,"b":2,"c":3,"d":4,"e":5,"last":6}"#);
    let nothing: Nothing = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&nothing).unwrap(), "{}");
}

#[test]
fn further_fields_are_kept_by_their_names() {
    let json = r#"{"b":"2.50","id":1,"a":"1"}"#;
    let prices: Prices = serde_json::from_str(json).unwrap();
    assert_eq!(prices.rest["b"], Decimal::new(250, 2));
    assert!(!prices.rest.contains_key("id"));
    let written = serde_json::to_string(&prices).unwrap();
    assert_eq!(written, r#"{"id":1,"a":"1","b":"2.50"}"#);
    assert!(error::<Prices>(r#"{"id":1,"a":1}"#).contains("a decimal number in a string"));
    assert!(error::<Prices>(r#"{"a":"1"}"#).starts_with("missing field `id`"));
    let any: Anything = serde_json::from_str(json).unwrap();
    let expected: Value = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_value(&any).unwrap(), expected);
}

#[test]
fn an_object_can_be_a_part_of_one_whose_code_is_derived() {
    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Item(Item),
        Prices(Prices),
    }

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct Flattened {
        kind: String,
        #[serde(flatten)]
        item: Item,
        #[serde(flatten)]
        others: BTreeMap<String, Value>,
    }

    let mut json: Value = serde_json::from_str(ITEM).unwrap();
    json["kind"] = json!("Item");
    let tagged: Tagged = serde_json::from_value(json.clone()).unwrap();
    assert!(matches!(&tagged, Tagged::Item(item) if item.id == 1));
    assert_eq!(serde_json::to_value(&tagged).unwrap(), json);
    json["other"] = json!(true);
    let flattened: Flattened = serde_json::from_value(json.clone()).unwrap();
    assert_eq!(
        flattened.others,
        BTreeMap::from([("other".to_owned(), json!(true))])
    );
    assert_eq!(serde_json::to_value(&flattened).unwrap(), json);
    let prices = json!({ "kind": "Prices", "id": 1, "gold": "2.50" });
    let tagged: Tagged = serde_json::from_value(prices.clone()).unwrap();
    assert_eq!(serde_json::to_value(&tagged).unwrap(), prices);
}
