//! What is wrong with a value, by its schema.

use std::fmt;

use serde_json::{Map, Value};

use super::document::description;
use super::formats;
use super::schema::{Additional, Schema};

/// One place where a value is not as its schema has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    /// Where, as a JSON pointer; empty for the value as a whole.
    pub(crate) pointer: String,
    /// What is wrong there.
    pub(crate) reason: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.pointer.as_str() {
            "" => write!(f, "{}", self.reason),
            pointer => write!(f, "{pointer}: {}", self.reason),
        }
    }
}

/// All places where `value` is not as `schema` has it.
///
/// `oneOf` requires at least one variant: the variants of the description overlap. If there is none,
/// the violations are those of the variant that comes closest.
pub(crate) fn violations(schema: &Schema, value: &Value) -> Vec<Violation> {
    let mut found = Vec::new();
    check(schema, value, "", &mut found);
    found
}

fn check(schema: &Schema, value: &Value, pointer: &str, found: &mut Vec<Violation>) {
    let schema = description().resolve(schema);
    if value.is_null() && schema.nullable {
        return;
    }
    let mut say = |reason: String| {
        found.push(Violation {
            pointer: pointer.to_owned(),
            reason,
        });
    };
    if let Some(kind) = &schema.kind
        && !is_of_kind(kind, value)
    {
        say(format!("expected {kind}, found {}", kind_of(value)));
        return;
    }
    if !schema.values.is_empty() && !schema.values.contains(value) {
        say(format!(
            "{} is not one of {}",
            shown(value),
            list(&schema.values)
        ));
    }
    match value {
        Value::String(text) => check_text(schema, text, &mut say),
        Value::Number(number) => check_number(schema, number.as_f64(), &mut say),
        Value::Array(items) => check_items(schema, items, pointer, found),
        Value::Object(members) => check_members(schema, members, pointer, found),
        Value::Null | Value::Bool(_) => {}
    }
    check_parts(schema, value, pointer, found);
}

fn check_text(schema: &Schema, text: &str, say: &mut impl FnMut(String)) {
    let length = text.chars().count();
    if schema.min_length.is_some_and(|least| length < least)
        || schema.max_length.is_some_and(|most| length > most)
    {
        let bounds = bounds(schema.min_length, schema.max_length);
        say(format!("it has {length} characters; expected {bounds}"));
    }
    if let Some(pattern) = &schema.pattern
        && !pattern.matches(text)
    {
        say(format!("it does not match {pattern}"));
    }
    if let Some(format) = &schema.format
        && !(text.is_empty() && schema.pattern.is_some())
        && !formats::is(format, text)
    {
        say(format!("it is not a valid {format}"));
    }
}

fn check_number(schema: &Schema, number: Option<f64>, say: &mut impl FnMut(String)) {
    let Some(number) = number else { return };
    let is_too_small = schema
        .minimum
        .is_some_and(|least| number < least || (schema.exclusive_minimum && number <= least));
    let is_too_large = schema
        .maximum
        .is_some_and(|most| number > most || (schema.exclusive_maximum && number >= most));
    if is_too_small || is_too_large {
        let bounds = bounds(schema.minimum, schema.maximum);
        say(format!("it is {number}; expected {bounds}"));
    }
}

fn check_items(schema: &Schema, items: &[Value], pointer: &str, found: &mut Vec<Violation>) {
    let mut say = |reason| {
        found.push(Violation {
            pointer: pointer.to_owned(),
            reason,
        });
    };
    if schema.min_items.is_some_and(|least| items.len() < least)
        || schema.max_items.is_some_and(|most| items.len() > most)
    {
        let bounds = bounds(schema.min_items, schema.max_items);
        say(format!("it has {} items; expected {bounds}", items.len()));
    }
    if schema.unique_items && (1..items.len()).any(|at| items[..at].contains(&items[at])) {
        say("it has an item twice".to_owned());
    }
    if let Some(schema) = &schema.items {
        for (index, item) in items.iter().enumerate() {
            check(schema, item, &format!("{pointer}/{index}"), found);
        }
    }
}

fn check_members(
    schema: &Schema,
    members: &Map<String, Value>,
    pointer: &str,
    found: &mut Vec<Violation>,
) {
    let mut say = |pointer: String, reason: String| found.push(Violation { pointer, reason });
    for name in &schema.required {
        if !members.contains_key(name) {
            say(below(pointer, name), "it is missing".to_owned());
        }
    }
    if schema
        .min_properties
        .is_some_and(|least| members.len() < least)
        || schema
            .max_properties
            .is_some_and(|most| members.len() > most)
    {
        let bounds = bounds(schema.min_properties, schema.max_properties);
        let reason = format!("it has {} fields; expected {bounds}", members.len());
        say(pointer.to_owned(), reason);
    }
    for (name, value) in members {
        let place = below(pointer, name);
        match (schema.properties.get(name), &schema.additional_properties) {
            (Some(schema), _) => check(schema, value, &place, found),
            (None, Additional::Schema(schema)) => check(schema, value, &place, found),
            (None, Additional::Allowed(true)) => {}
            (None, Additional::Allowed(false)) => found.push(Violation {
                pointer: place,
                reason: "there is no such field".to_owned(),
            }),
        }
    }
}

fn check_parts(schema: &Schema, value: &Value, pointer: &str, found: &mut Vec<Violation>) {
    for part in &schema.all_of {
        check(part, value, pointer, found);
    }
    for variants in [&schema.one_of, &schema.any_of] {
        let attempts = variants.iter().map(|variant| {
            let mut found = Vec::new();
            check(variant, value, pointer, &mut found);
            found
        });
        // A variant whose `enum` shows that it is of another kind is further away than any fault.
        let closest = attempts.min_by_key(|found| {
            let of_other_kind = found
                .iter()
                .any(|one| one.reason.contains(" is not one of "));
            (!found.is_empty(), of_other_kind, found.len())
        });
        found.extend(closest.into_iter().flatten());
    }
    if let Some(schema) = &schema.not {
        let mut inner = Vec::new();
        check(schema, value, pointer, &mut inner);
        if inner.is_empty() {
            found.push(Violation {
                pointer: pointer.to_owned(),
                reason: "it matches what it must not match".to_owned(),
            });
        }
    }
}

fn is_of_kind(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// How many characters of a value are shown: it may be long, or personal data.
const MAX_SHOWN: usize = 40;

fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text,
    }
}

fn list(values: &[Value]) -> String {
    let shown: Vec<String> = values.iter().take(8).map(Value::to_string).collect();
    let more = if values.len() > shown.len() {
        ", ..."
    } else {
        ""
    };
    format!("{}{more}", shown.join(", "))
}

fn bounds<T: fmt::Display>(least: Option<T>, most: Option<T>) -> String {
    match (least, most) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("{least} or more"),
        (None, Some(most)) => format!("{most} or less"),
        (None, None) => "any".to_owned(),
    }
}

fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(schema: Value, value: Value) -> Vec<String> {
        let schema: Schema = serde_json::from_value(schema).unwrap();
        let found = violations(&schema, &value);
        found.iter().map(Violation::to_string).collect()
    }

    #[test]
    fn all_faults_are_reported_with_their_places() {
        let schema = json!({
            "type": "object",
            "required": ["name", "amount"],
            "additionalProperties": false,
            "properties": {
                "name": { "type": "string", "maxLength": 3 },
                "amount": { "type": "string", "pattern": "^[0-9]+$" },
                "tags": { "type": "array", "items": { "enum": ["A", "B"] }, "minItems": 1 },
                "count": { "type": "integer", "minimum": 1, "maximum": 5 },
                "when": { "type": "string", "format": "date", "nullable": true },
            },
        });
        let right =
            json!({ "name": "abc", "amount": "1", "tags": ["A"], "count": 5, "when": null });
        assert_eq!(found(schema.clone(), right), [""; 0]);
        let wrong =
            json!({ "name": "abcd", "tags": ["A", "C"], "count": 6, "when": "now", "a/b": 1 });
        assert_eq!(
            found(schema.clone(), wrong),
            [
                "/amount: it is missing",
                "/name: it has 4 characters; expected 3 or less",
                "/tags/1: \"C\" is not one of \"A\", \"B\"",
                "/count: it is 6; expected 1 to 5",
                "/when: it is not a valid date",
                "/a~1b: there is no such field",
            ]
        );
        assert_eq!(found(schema, json!([])), ["expected object, found array"]);
    }

    #[test]
    fn the_closest_variant_is_reported() {
        let schema = json!({ "oneOf": [
            { "properties": { "type": { "enum": ["A"] }, "a": { "type": "string" } }, "required": ["a"] },
            { "properties": { "type": { "enum": ["B"] } }, "required": ["b", "c", "d"] },
        ]});
        assert_eq!(
            found(schema.clone(), json!({ "type": "A", "a": "" })),
            [""; 0]
        );
        assert_eq!(
            found(schema, json!({ "type": "B", "a": "" })),
            [
                "/b: it is missing",
                "/c: it is missing",
                "/d: it is missing"
            ]
        );
    }
}
