//! Makes values that a schema accepts.

use serde_json::{Map, Value, json};

use super::document::description;
use super::schema::Schema;
use super::violations::violations;

/// How deep samples go. No schema of the description needs as much.
const MAX_DEPTH: usize = 12;

/// A value that the schema accepts: by its examples and defaults, with only required fields.
pub(crate) fn sample(schema: &Schema) -> Value {
    sample_at(schema, 0)
}

fn sample_at(schema: &Schema, depth: usize) -> Value {
    let schema = description().resolve(schema);
    let given = schema.example.as_ref().or(schema.default.as_ref());
    if let Some(value) = given.or(schema.values.first()) {
        return value.clone();
    }
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    if let Some(variant) = schema.one_of.first().or(schema.any_of.first()) {
        return sample_at(variant, depth + 1);
    }
    match schema.kind.as_deref() {
        Some("integer") => json!(schema.minimum.unwrap_or(1.0) as i64),
        Some("number") => json!(schema.minimum.unwrap_or(1.0)),
        Some("boolean") => json!(true),
        Some("array") => {
            let items = schema.items.iter().map(|item| sample_at(item, depth + 1));
            items.take(schema.min_items.unwrap_or(0)).collect()
        }
        Some("string") => json!(text(schema)),
        _ => {
            let mut members = Map::new();
            for part in &schema.all_of {
                if let Value::Object(more) = sample_at(part, depth + 1) {
                    members.extend(more);
                }
            }
            for (name, one) in schema.properties.iter() {
                if schema.required.iter().any(|required| required == name) {
                    members.insert(name.to_owned(), sample_at(one, depth + 1));
                }
            }
            members.into()
        }
    }
}

/// Texts that fit one or the other schema of strings.
const TEXTS: [&str; 12] = [
    "",
    "1",
    "10.00",
    "EUR",
    "DE",
    "Sample",
    "US0378331005",
    "DE02100500000054540402",
    "BELADEBE",
    "100000000",
    "1s",
    "2024-01-01",
];

fn text(schema: &Schema) -> String {
    let by_format = match schema.format.as_deref() {
        Some("uuid") => Some("5c8a1f2e-3b47-4d60-9a51-7c2e8f0b6d13"),
        Some("date") => Some("2024-01-01"),
        Some("date-time") => Some("2024-01-01T12:00:00Z"),
        Some("email") => Some("somebody@example.com"),
        Some("uri" | "url") => Some("https://example.com/"),
        _ => None,
    };
    let candidates = by_format.into_iter().chain(TEXTS.into_iter().skip(1));
    let fitting = candidates
        .chain(TEXTS.into_iter().take(1))
        .find(|text| violations(schema, &json!(text)).is_empty());
    fitting.unwrap_or_default().to_owned()
}

/// Puts those of `fields` into the object `value` that `schema` takes there.
pub(crate) fn merge(schema: &Schema, value: &mut Value, fields: &Map<String, Value>) {
    let before = violations(schema, value).len();
    for (name, field) in fields {
        let Some(members) = value.as_object_mut() else {
            return;
        };
        let is_known = members.contains_key(name) || description().property(schema, name).is_some();
        if !is_known || members.get(name) == Some(field) {
            continue;
        }
        let old = members.insert(name.clone(), field.clone());
        if violations(schema, value).len() > before
            && let Some(members) = value.as_object_mut()
        {
            match old {
                Some(old) => members.insert(name.clone(), old),
                None => members.shift_remove(name),
            };
        }
    }
}

/// What `schema` says of the object `fields`: their values as far as it takes them, and what it
/// requires beyond them from `example`.
pub(crate) fn fit(schema: &Schema, example: &Value, fields: &Map<String, Value>) -> Value {
    let mut value = example.clone();
    merge(schema, &mut value, fields);
    let names: Vec<String> = value
        .as_object()
        .into_iter()
        .flat_map(Map::keys)
        .filter(|name| !fields.contains_key(*name))
        .cloned()
        .collect();
    for name in names {
        remove_optional(schema, &mut value, &name);
    }
    value
}

/// Takes a field out of an object, unless the object is not as `schema` has it without.
pub(crate) fn remove_optional(schema: &Schema, value: &mut Value, name: &str) {
    let before = violations(schema, value).len();
    let mut without = value.clone();
    let removed = without
        .as_object_mut()
        .and_then(|members| members.shift_remove(name));
    if removed.is_some() && violations(schema, &without).len() <= before {
        *value = without;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(value: Value) -> Schema {
        serde_json::from_value(value).unwrap()
    }

    fn person() -> Schema {
        schema(json!({
            "type": "object",
            "required": ["id", "name"],
            "properties": {
                "id": { "type": "string", "format": "uuid" },
                "name": { "type": "string", "maxLength": 5 },
                "title": { "type": "string" },
            },
            "additionalProperties": false,
        }))
    }

    #[test]
    fn samples_are_as_their_schema_has_them() {
        let value = sample(&person());
        assert_eq!(violations(&person(), &value), []);
        assert_eq!(value.as_object().unwrap().len(), 2);
    }

    #[test]
    fn what_the_schema_does_not_take_is_not_put_in() {
        let mut value = sample(&person());
        let fields = json!({ "name": "Ann", "title": "DR", "size": 3 });
        merge(&person(), &mut value, fields.as_object().unwrap());
        assert_eq!(
            (&value["name"], &value["title"]),
            (&json!("Ann"), &json!("DR"))
        );
        assert_eq!(value.get("size"), None);
        let fields = json!({ "name": "Bartholomew" });
        merge(&person(), &mut value, fields.as_object().unwrap());
        assert_eq!(value["name"], "Ann");
    }

    #[test]
    fn what_is_optional_and_not_known_is_left_out() {
        let example =
            json!({ "id": "5c8a1f2e-3b47-4d60-9a51-7c2e8f0b6d13", "name": "Ann", "title": "DR" });
        let value = fit(&person(), &example, &Map::new());
        assert_eq!(value.get("title"), None);
        assert_eq!(value["name"], "Ann");
    }
}
