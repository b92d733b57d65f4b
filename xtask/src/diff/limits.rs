//! What a schema says beyond its type: limits and defaults. Generated types leave them out, since
//! the API checks them itself; those who send something want to know all the same.

use serde_json::Value;

/// What happened to a limit or a default.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Move {
    /// Less is allowed, or something else.
    Tightened,
    /// More is allowed.
    Loosened,
    /// What is left out means something else.
    Default,
}

const UPPER: &[&str] = &["maxItems", "maxLength", "maxProperties", "maximum"];

const LOWER: &[&str] = &["minItems", "minLength", "minProperties", "minimum"];

/// Limits that are there or not, and otherwise cannot be compared.
const OTHER: &[&str] = &[
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "multipleOf",
    "pattern",
    "uniqueItems",
];

/// Compares two schemas, of which the types are the same.
pub(super) fn compare(old: &Value, new: &Value) -> Vec<(Move, String)> {
    let mut moves = Vec::new();
    for keyword in [UPPER, LOWER, OTHER].concat() {
        let (before, after) = (limit(old, keyword), limit(new, keyword));
        if before == after {
            continue;
        }
        let is_looser = match (before, after) {
            (_, None) => true,
            (None, _) => false,
            (Some(before), Some(after)) => match (before.as_f64(), after.as_f64()) {
                (Some(before), Some(after)) if UPPER.contains(&keyword) => after > before,
                (Some(before), Some(after)) if LOWER.contains(&keyword) => after < before,
                _ => false,
            },
        };
        let kind = if is_looser {
            Move::Loosened
        } else {
            Move::Tightened
        };
        moves.push((kind, described(keyword, before, after)));
    }
    let (before, after) = (old.get("default"), new.get("default"));
    if before != after {
        moves.push((Move::Default, described("default", before, after)));
    }
    if let (Some(old), Some(new)) = (old.get("items"), new.get("items")) {
        moves.extend(compare(old, new));
    }
    moves
}

/// `exclusiveMaximum: false` and the like say nothing.
fn limit<'v>(schema: &'v Value, keyword: &str) -> Option<&'v Value> {
    schema
        .get(keyword)
        .filter(|value| **value != Value::Bool(false))
}

fn described(keyword: &str, before: Option<&Value>, after: Option<&Value>) -> String {
    let text = |value: Option<&Value>| value.map_or("none".to_owned(), ToString::to_string);
    format!("{keyword} {} → {}", text(before), text(after))
}
