//! Texts of the command line as values of a body.

use serde_json::{Map, Value};

use crate::description::Schema;
use crate::failure::Failure;

/// A name and its value, as they were given.
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Whether the text is JSON.
    pub(crate) is_json: bool,
}

impl Pair {
    /// Reads `name=text` or `name:=JSON`.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let Some((name, value)) = text.split_once('=') else {
            let failure = Failure::usage(format!("{text:?} is not of the form NAME=VALUE"));
            return Err(failure.help("write name=value, or name:=JSON"));
        };
        let (name, is_json) = match name.strip_suffix(':') {
            Some(name) => (name, true),
            None => (name, false),
        };
        Ok(Self {
            name: name.to_owned(),
            text: value.to_owned(),
            is_json,
        })
    }

    /// The value, as the schema of its field has it.
    pub(crate) fn value(&self, schema: Option<&Schema>) -> Result<Value, Failure> {
        if self.is_json {
            return json(&self.name, &self.text);
        }
        match schema {
            Some(schema) => typed(&self.name, &self.text, schema),
            None => Ok(self.text.as_str().into()),
        }
    }
}

/// A text as a value of a schema.
pub(crate) fn typed(name: &str, text: &str, schema: &Schema) -> Result<Value, Failure> {
    let wrong = |what: &str| {
        let message = format!("{name} is {text:?}, but must be {what}");
        Failure::usage(message)
    };
    match schema.kind().as_deref() {
        Some("boolean") => text
            .parse()
            .map(Value::Bool)
            .map_err(|_| wrong("true or false")),
        Some("integer" | "number") => match serde_json::from_str(text) {
            Ok(Value::Number(number)) => Ok(Value::Number(number)),
            _ => Err(wrong("a number")),
        },
        Some("object") => json(name, text),
        Some("array") if text.starts_with('[') => json(name, text),
        Some("array") => {
            let items = schema.items();
            let values = text.split(',').map(|text| match &items {
                Some(items) => typed(name, text, items),
                None => Ok(text.into()),
            });
            values.collect::<Result<Vec<_>, _>>().map(Value::Array)
        }
        _ => Ok(text.into()),
    }
}

fn json(name: &str, text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::usage(format!("{name} is not JSON: {error}")))
}

/// Puts a value at `a.b.c`. The elements of a list are added to a list that is there.
pub(crate) fn put(
    fields: &mut Map<String, Value>,
    path: &str,
    value: Value,
) -> Result<(), Failure> {
    let Some((first, rest)) = path.split_once('.') else {
        match (fields.get_mut(path), value) {
            (Some(Value::Array(there)), Value::Array(more)) => there.extend(more),
            (_, value) => drop(fields.insert(path.to_owned(), value)),
        }
        return Ok(());
    };
    let inner = fields
        .entry(first)
        .or_insert_with(|| Value::Object(Map::new()));
    match inner {
        Value::Object(inner) => put(inner, rest, value),
        _ => Err(Failure::usage(format!(
            "{first} already has a value, so it cannot have the field {rest}"
        ))),
    }
}

/// The schema at `a.b.c`.
pub(crate) fn schema_at(schema: &Schema, path: &str) -> Option<Schema> {
    let mut names = path.split('.');
    let first = schema.field(names.next()?)?;
    names.try_fold(first, |schema, name| schema.field(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pairs_are_put_where_they_belong() {
        let mut fields = Map::new();
        for (path, value) in [
            ("address.city", json!("Berlin")),
            ("address.country", json!("DE")),
            ("type", json!(["USER"])),
            ("type", json!(["ORDER"])),
        ] {
            put(&mut fields, path, value).expect("it fits");
        }
        let expected =
            json!({"address": {"city": "Berlin", "country": "DE"}, "type": ["USER", "ORDER"]});
        assert_eq!(Value::Object(fields.clone()), expected);
        assert!(put(&mut fields, "type.x", json!(1)).is_err());
    }

    #[test]
    fn a_pair_is_text_or_json() {
        let pair = Pair::read("a=b=c").expect("a pair");
        assert_eq!(
            (pair.name.as_str(), pair.text.as_str(), pair.is_json),
            ("a", "b=c", false)
        );
        let pair = Pair::read("a:={\"b\":1}").expect("a pair");
        assert_eq!(pair.value(None).expect("JSON"), json!({"b": 1}));
        assert!(Pair::read("a").is_err());
        assert!(
            Pair::read("a:=nothing")
                .expect("a pair")
                .value(None)
                .is_err()
        );
    }
}
