//! The description for programs that send requests: its content, and checks of requests against it.

use serde_json::{Value, json};

use crate::description::{TEXT, description, typed, violations};

/// The API's description as the sandbox embeds it, as JSON: `version`, `scopes`, `operations`, `events`
/// and `schemas`. Parameters and answers are resolved, `$ref` is the name of a schema. Each operation,
/// event and schema is a line of its own, which begins with `{"id":"` and the id, with `{"title":"`, or
/// with the name of the schema in quotes.
pub fn description_json() -> &'static str {
    TEXT
}

/// Checks the body of a request for an operation against the description. Returns one line for each
/// place that breaks it, which begins with the JSON pointer (RFC 6901) of the place; nothing if the
/// body is valid, if the operation takes no body, or if there is no such operation.
pub fn body_violations(operation: &str, body: &Value) -> Vec<String> {
    let operation = description().operation(operation);
    let body_of = operation.and_then(|operation| operation.body.as_ref());
    let found = body_of.map(|described| violations(&described.schema, body));
    lines(found.unwrap_or_default())
}

/// Checks the values of a parameter of an operation, as they stand in path, query or headers,
/// against the description. Returns one line for each fault; nothing if the values are valid, or if
/// there is no such parameter.
pub fn parameter_violations(operation: &str, name: &str, values: &[&str]) -> Vec<String> {
    let operation = description().operation(operation);
    let mut parameters = operation
        .into_iter()
        .flat_map(|operation| &operation.parameters);
    let parameter = parameters.find(|one| one.is(name));
    let found = match parameter {
        Some(parameter) if !values.is_empty() => {
            violations(&parameter.schema, &typed(&parameter.schema, values))
        }
        _ => Vec::new(),
    };
    lines(found)
}

/// Returns the example of an event of a type, such as `ORDER.FILLED`, or the first one of a
/// category: its `type` and its `object`. For a type without its own example, it is that of
/// another state of the same object. `None` if there is no such event.
pub fn event_example(kind: &str) -> Option<Value> {
    let (type_, object) = description().event_examples(kind).into_iter().next()?;
    Some(json!({ "type": type_, "object": object }))
}

/// Returns every type of event in the description, sorted.
pub fn event_types() -> Vec<&'static str> {
    let kinds = description().events.iter();
    let mut types: Vec<&str> = kinds
        .flat_map(|kind| description().event_types(kind))
        .collect();
    types.sort_unstable();
    types.dedup();
    types
}

fn lines(found: Vec<crate::description::Violation>) -> Vec<String> {
    found.iter().map(ToString::to_string).collect()
}
