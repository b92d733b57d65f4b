//! The limits of a value beyond its type. The API checks them itself, but they also concern
//! programs that send values.

use serde_json::Value;

use crate::ir::Limits;

/// What happened to a limit or a default, in the order in which kinds of changes are given.
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

/// Compares the limits of one value, and those of its elements.
pub(super) fn compare(old: &Limits, new: &Limits) -> Vec<(Move, String)> {
    let mut moves = Vec::new();
    for keyword in Limits::KEYWORDS {
        let (before, after) = (limit(old, keyword), limit(new, keyword));
        if before != after {
            let text = |value: Option<&Value>| value.map_or("none".to_owned(), ToString::to_string);
            let detail = format!("{keyword} {} → {}", text(before), text(after));
            moves.push((direction(keyword, before, after), detail));
        }
    }
    if old.inner.is_some() || new.inner.is_some() {
        let none = Limits::default();
        let (before, after) = (old.inner.as_deref(), new.inner.as_deref());
        let of_elements = compare(before.unwrap_or(&none), after.unwrap_or(&none));
        let told = of_elements.into_iter();
        moves.extend(told.map(|(step, detail)| (step, format!("of its elements: {detail}"))));
    }
    moves
}

fn direction(keyword: &str, before: Option<&Value>, after: Option<&Value>) -> Move {
    let number = |value: Option<&Value>| value.and_then(Value::as_f64);
    let is_looser = match (number(before), number(after)) {
        _ if keyword == "default" => return Move::Default,
        (Some(before), Some(after)) if UPPER.contains(&keyword) => after > before,
        (Some(before), Some(after)) if LOWER.contains(&keyword) => after < before,
        _ => after.is_none(),
    };
    match is_looser {
        true => Move::Loosened,
        false => Move::Tightened,
    }
}

/// `exclusiveMaximum: false` and the like have no effect.
fn limit<'v>(limits: &'v Limits, keyword: &str) -> Option<&'v Value> {
    let value = limits.keywords.get(keyword)?;
    (keyword == "default" || *value != Value::Bool(false)).then_some(value)
}
