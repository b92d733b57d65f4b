use std::fmt;
use std::sync::OnceLock;

use regex_lite::Regex;
use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

/// A schema as OpenAPI 3.0 has it, as far as the description uses it.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Schema {
    /// The name of another schema, which this one stands for.
    #[serde(rename = "$ref")]
    pub(super) reference: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) format: Option<String>,
    pub(super) nullable: bool,
    #[serde(rename = "enum")]
    pub(super) values: Vec<Value>,
    pub(super) pattern: Option<Pattern>,
    pub(super) min_length: Option<usize>,
    pub(super) max_length: Option<usize>,
    pub(super) minimum: Option<f64>,
    pub(super) maximum: Option<f64>,
    pub(super) exclusive_minimum: bool,
    pub(super) exclusive_maximum: bool,
    pub(super) min_items: Option<usize>,
    pub(super) max_items: Option<usize>,
    pub(super) unique_items: bool,
    pub(super) min_properties: Option<usize>,
    pub(super) max_properties: Option<usize>,
    pub(super) items: Option<Box<Schema>>,
    pub(super) properties: Properties,
    pub(super) required: Vec<String>,
    pub(super) additional_properties: Additional,
    pub(super) one_of: Vec<Schema>,
    pub(super) any_of: Vec<Schema>,
    pub(super) all_of: Vec<Schema>,
    pub(super) not: Option<Box<Schema>>,
    pub(super) default: Option<Value>,
    pub(super) example: Option<Value>,
}

impl Schema {
    /// Its parts and variants.
    pub(super) fn parts(&self) -> impl Iterator<Item = &Schema> {
        self.all_of.iter().chain(&self.one_of).chain(&self.any_of)
    }
}

/// The fields of an object, in the order of the description.
#[derive(Default)]
pub(crate) struct Properties(Vec<(String, Schema)>);

impl Properties {
    pub(crate) fn get(&self, name: &str) -> Option<&Schema> {
        self.iter().find(|(one, _)| *one == name).map(|(_, it)| it)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Schema)> {
        self.0.iter().map(|(name, schema)| (name.as_str(), schema))
    }
}

impl<'de> Deserialize<'de> for Properties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = Map::deserialize(deserializer)?;
        let schemas = members.into_iter().map(|(name, value)| {
            let schema = serde_json::from_value(value).map_err(D::Error::custom)?;
            Ok((name, schema))
        });
        schemas.collect::<Result<_, _>>().map(Self)
    }
}

/// The schema of fields that are not named.
pub(super) enum Additional {
    Allowed(bool),
    Schema(Box<Schema>),
}

impl Default for Additional {
    fn default() -> Self {
        Self::Allowed(true)
    }
}

impl<'de> Deserialize<'de> for Additional {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Bool(allowed) => Ok(Self::Allowed(allowed)),
            schema => serde_json::from_value(schema)
                .map(Self::Schema)
                .map_err(D::Error::custom),
        }
    }
}

/// A regular expression, which is compiled when it is first used.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Pattern {
    text: String,
    #[serde(skip)]
    compiled: OnceLock<Option<Regex>>,
}

impl Pattern {
    /// Whether it matches. An expression that cannot be read matches everything; a test finds such
    /// expressions.
    pub(super) fn matches(&self, text: &str) -> bool {
        let regex = self.compiled.get_or_init(|| Regex::new(&self.text).ok());
        regex.as_ref().is_none_or(|regex| regex.is_match(text))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_description_can_be_read() {
        let text = include_str!("../generated/api.json");
        let mut todo = vec![serde_json::from_str::<Value>(text).unwrap()];
        let mut count = 0;
        while let Some(value) = todo.pop() {
            match value {
                Value::Object(members) => {
                    if let Some(pattern) = members.get("pattern").and_then(Value::as_str) {
                        Regex::new(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
                        count += 1;
                    }
                    todo.extend(members.into_iter().map(|(_, value)| value));
                }
                Value::Array(items) => todo.extend(items),
                _ => {}
            }
        }
        assert!(count > 0);
    }
}
