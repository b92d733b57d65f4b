//! Reading and writing back the examples of the description; `generated/examples.rs` lists them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{DateTime, Utc};

/// Reads an example as a `T` and writes it back, and reports what is lost, added or changed.
///
/// A point in time may be written differently, as long as it is the same.
pub(crate) fn check<T: DeserializeOwned + Serialize>(pointer: &str, json: &str) -> Option<String> {
    let published: Value = serde_json::from_str(json).expect("the example is JSON");
    let written = serde_json::from_str::<T>(json).and_then(|read| serde_json::to_value(read));
    let difference = match written {
        Ok(written) => difference(&published, &written)?,
        Err(error) => error.to_string(),
    };
    Some(format!("{pointer}: {difference}"))
}

/// Like [`check`], of a type that has to be read as one of its variants.
#[allow(dead_code)] // Not every description has events.
pub(crate) fn check_variant<T: DeserializeOwned + Serialize>(
    pointer: &str,
    json: &str,
    is_its_own: impl FnOnce(&T) -> bool,
) -> Option<String> {
    match serde_json::from_str(json) {
        Ok(read) if !is_its_own(&read) => Some(format!("{pointer}: read as another variant")),
        _ => check::<T>(pointer, json),
    }
}

/// Fails if a difference was found.
pub(crate) fn assert_whole<const N: usize>(differences: [Option<String>; N]) {
    let differences: Vec<String> = differences.into_iter().flatten().collect();
    assert!(
        differences.is_empty(),
        "{} of {N}:\n{}",
        differences.len(),
        differences.join("\n")
    );
}

fn difference(published: &Value, written: &Value) -> Option<String> {
    match (published, written) {
        (Value::Object(published), Value::Object(written)) => {
            // An empty string may stand where there is no value.
            let is_lost = |key: &&String| !written.contains_key(*key) && published[*key] != "";
            let lost = published.keys().find(is_lost);
            let added = written.keys().find(|key| !published.contains_key(*key));
            match (lost, added) {
                (Some(lost), _) => Some(format!("`{lost}` is lost")),
                (_, Some(added)) => Some(format!("`{added}` is added")),
                _ => published.iter().find_map(|(key, value)| {
                    let found = difference(value, written.get(key)?)?;
                    Some(format!("{key}: {found}"))
                }),
            }
        }
        (Value::Array(published), Value::Array(written)) if published.len() == written.len() => {
            published
                .iter()
                .zip(written)
                .find_map(|(one, other)| difference(one, other))
        }
        // 1 and 1.0 are one number of JSON.
        (Value::Number(published), Value::Number(written))
            if published.as_f64() == written.as_f64() =>
        {
            None
        }
        _ if published == written || is_same_time(published, written) => None,
        _ => Some(format!("{published} became {written}")),
    }
}

fn is_same_time(one: &Value, other: &Value) -> bool {
    let time = |value: &Value| value.as_str()?.parse::<DateTime<Utc>>().ok();
    matches!((time(one), time(other)), (Some(one), Some(other)) if one == other)
}

#[test]
fn a_difference_is_found_wherever_it_is() {
    let published = serde_json::json!({ "a": [{ "b": "1.50" }], "at": "2021-07-21T14:10:00.00Z" });
    let same = serde_json::json!({ "a": [{ "b": "1.50" }], "at": "2021-07-21T14:10:00Z" });
    assert_eq!(difference(&published, &same), None);
    for other in [
        serde_json::json!({ "a": [{ "b": "1.5" }], "at": "2021-07-21T14:10:00Z" }),
        serde_json::json!({ "a": [{}], "at": "2021-07-21T14:10:00Z" }),
        serde_json::json!({ "a": [{ "b": "1.50", "c": null }], "at": "2021-07-21T14:10:00Z" }),
        serde_json::json!({ "a": [{ "b": "1.50" }], "at": "2021-07-21T14:10:01Z" }),
        serde_json::json!({ "a": [], "at": "2021-07-21T14:10:00Z" }),
    ] {
        assert!(difference(&published, &other).is_some(), "{other}");
    }
}
