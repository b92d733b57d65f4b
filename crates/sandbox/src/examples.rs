//! Answers made of the description's examples and what a request says.

use chrono::{DateTime, SecondsFormat, Utc};
use http::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::call::Call;
use crate::description::{Content, description, fit, merge, remove_optional, sample};

/// A moment as the API writes it.
pub(crate) fn moment(at: DateTime<Utc>) -> Value {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true).into()
}

/// What an operation answers with: the example that is closest to the request, with the request's
/// own values where the fields are the same, and with a new id if something is made.
pub(crate) fn example(content: &Content, call: &Call, now: DateTime<Utc>) -> Value {
    let fields = call.fields();
    let schema = &content.schema;
    let mut value = closest(content, &fields);
    merge(schema, &mut value, &fields);
    for name in left_out(call, &value) {
        remove_optional(schema, &mut value, &name);
    }
    let mut more = Map::new();
    for (name, text) in &call.path {
        if value.get(name).is_some() {
            more.insert(name.clone(), text.as_str().into());
        }
    }
    if value.get("id").is_some() {
        let own = call.operation.own_parameter();
        let own = own.and_then(|name| call.path.get(name));
        let makes = call.operation.method == Method::POST && own.is_none();
        let new = makes.then(|| Uuid::new_v4().to_string());
        more.extend(own.cloned().or(new).map(|id| ("id".to_owned(), id.into())));
    }
    if call.operation.method != Method::GET {
        for name in ["created_at", "updated_at"] {
            let is_there = value.get(name).is_some();
            let is_due = name == "updated_at" || call.operation.method == Method::POST;
            if is_there && is_due {
                more.insert(name.to_owned(), moment(now));
            }
        }
    }
    merge(schema, &mut value, &more);
    value
}

/// The items of a list's example, as belonging to what the path names.
pub(crate) fn items(content: &Content, call: &Call) -> Vec<Value> {
    let example = closest(content, &Map::new());
    let item = description()
        .property(&content.schema, "data")
        .and_then(|data| description().items(data));
    let mut items = example["data"].as_array().cloned().unwrap_or_default();
    if let Some(schema) = item {
        let fields: Map<String, Value> = call
            .path
            .iter()
            .map(|(name, text)| (name.clone(), json!(text)))
            .collect();
        for one in &mut items {
            let named = fields.iter().filter(|(name, _)| one.get(name).is_some());
            let named = named.map(|(name, value)| (name.clone(), value.clone()));
            let named: Map<String, Value> = named.collect();
            merge(schema, one, &named);
        }
    }
    items
}

/// The answer of an operation with these fields, and with everything else that it requires from the
/// closest example.
pub(crate) fn described(operation: &str, fields: Value) -> Value {
    let operation = description().operation(operation);
    let Some(content) = operation.and_then(|one| one.json()) else {
        return fields;
    };
    let known = known(fields);
    fit(&content.schema, &closest(content, &known), &known)
}

/// The fields that have a value.
fn known(fields: Value) -> Map<String, Value> {
    let mut known = fields.as_object().cloned().unwrap_or_default();
    known.retain(|_, value| !value.is_null());
    known
}

/// The item of a list that has these fields, if there is such a list.
pub(crate) fn described_item(list: &str, fields: Value) -> Option<Value> {
    let content = description().operation(list)?.json()?;
    let data = description().property(&content.schema, "data")?;
    let schema = description().items(data)?;
    let known = known(fields);
    let examples = content.examples.iter();
    let example = examples.filter_map(|one| one["data"].get(0)).next();
    let example = example.cloned().unwrap_or_else(|| sample(schema));
    Some(fit(schema, &example, &known))
}

/// The example that has most in common with these fields; a sample if there is no example.
pub(crate) fn closest(content: &Content, fields: &Map<String, Value>) -> Value {
    let in_common = |example: &&Value| {
        let shared = fields.iter().filter_map(|(name, value)| {
            let same = example.get(name)? == value;
            Some(1 + usize::from(same))
        });
        shared.sum::<usize>()
    };
    // The first of several that are equally close.
    let examples = content.examples.iter().rev();
    let found = examples.filter(|one| !one.is_null()).max_by_key(in_common);
    found.cloned().unwrap_or_else(|| sample(&content.schema))
}

/// Fields of an example that the request could have set, and did not.
fn left_out(call: &Call, example: &Value) -> Vec<String> {
    let Some(body) = &call.operation.body else {
        return Vec::new();
    };
    let members = example.as_object().into_iter().flat_map(Map::keys);
    members
        .filter(|name| call.body.get(name).is_none())
        .filter(|name| description().property(&body.schema, name).is_some())
        .cloned()
        .collect()
}
