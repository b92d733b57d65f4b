//! What a schema demands of a value beyond its type. The API checks it; the generated code does not.

use serde_json::{Map, Value};

/// Keywords and their values, and those of the elements of a list or the values of a map.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// By keyword: `pattern`, `maxLength`, `minimum`, `default`, a `format` without a type, ...
    pub keywords: Map<String, Value>,
    /// Those of the elements.
    pub inner: Option<Box<Limits>>,
}

impl Limits {
    /// Keywords that limit a value.
    pub const KEYWORDS: &'static [&'static str] = &[
        "default",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "format",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "pattern",
        "uniqueItems",
    ];

    /// The pattern, as published.
    pub fn pattern(&self) -> Option<&str> {
        self.keywords.get("pattern")?.as_str()
    }

    /// Takes in the limits that an object has among its members; what is there already stays.
    pub fn take(&mut self, schema: &Value) {
        for keyword in Self::KEYWORDS {
            if let Some(value) = schema.get(keyword) {
                self.keywords
                    .entry(*keyword)
                    .or_insert_with(|| value.clone());
            }
        }
    }

    /// Whether there is any.
    pub fn is_empty(&self) -> bool {
        self.keywords.is_empty() && self.inner.as_ref().is_none_or(|inner| inner.is_empty())
    }
}
