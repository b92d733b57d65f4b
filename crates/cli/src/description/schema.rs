//! Schemas as the description has them.

use serde::Deserialize;
use serde_json::Value;
use upvest_sandbox::description_json;

/// A schema.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct Schema(Value);

/// A field of an object.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) schema: Schema,
    /// Whether it has to be there whatever else is there.
    pub(crate) required: bool,
}

impl Schema {
    /// The schema that this one refers to, or the one itself.
    fn resolved(&self) -> Self {
        let Some(name) = self.0["$ref"].as_str() else {
            return self.clone();
        };
        let begin = format!("{}:", Value::from(name));
        let mut lines = description_json().lines();
        let found = lines.find_map(|line| line.strip_prefix(&begin));
        let read = found.and_then(|line| serde_json::from_str(line.trim_end_matches(',')).ok());
        read.map_or_else(|| self.clone(), |one: Self| one.resolved())
    }

    /// Its parts and variants, each with whether it has to fit.
    fn parts(&self) -> Vec<(Self, bool)> {
        let of = |keyword: &str, must| {
            let parts = self.0[keyword].as_array().into_iter().flatten();
            parts
                .map(|part| (Self(part.clone()), must))
                .collect::<Vec<_>>()
        };
        [of("allOf", true), of("oneOf", false), of("anyOf", false)].concat()
    }

    /// The type of its values: `string`, `integer`, `number`, `boolean`, `array` or `object`.
    pub(crate) fn kind(&self) -> Option<String> {
        let schema = self.resolved();
        let own = schema.0["type"].as_str().map(str::to_owned);
        let parts = || schema.parts().into_iter().find_map(|(part, _)| part.kind());
        own.or_else(parts)
    }

    /// The values that there are, if they are listed.
    pub(crate) fn values(&self) -> Vec<String> {
        let schema = self.resolved();
        let own = schema.0["enum"].as_array().into_iter().flatten();
        let own: Vec<String> = own.filter_map(Value::as_str).map(str::to_owned).collect();
        if own.is_empty() {
            let mut parts = schema.parts().into_iter();
            return parts
                .next()
                .map(|(part, _)| part.values())
                .unwrap_or_default();
        }
        own
    }

    /// What text is: `uuid`, `date` and so on.
    pub(crate) fn format(&self) -> Option<String> {
        self.resolved().0["format"].as_str().map(str::to_owned)
    }

    /// The default, as text.
    pub(crate) fn default(&self) -> Option<String> {
        let value = match &self.0["default"] {
            Value::Null => self.resolved().0["default"].clone(),
            value => value.clone(),
        };
        match value {
            Value::Null => None,
            Value::String(text) => Some(text),
            other => Some(other.to_string()),
        }
    }

    /// The schema of the items of a list.
    pub(crate) fn items(&self) -> Option<Self> {
        let items = &self.resolved().0["items"];
        items.is_object().then(|| Self(items.clone()))
    }

    /// The fields of an object, of all its parts and variants, in the order of the description.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut fields = Vec::new();
        self.collect(true, &mut fields);
        fields
    }

    fn collect(&self, must: bool, fields: &mut Vec<Field>) {
        let schema = self.resolved();
        let required = schema.0["required"].as_array().cloned().unwrap_or_default();
        for (name, one) in schema.0["properties"].as_object().into_iter().flatten() {
            if !fields.iter().any(|field| field.name == *name) {
                fields.push(Field {
                    name: name.clone(),
                    schema: Self(one.clone()),
                    required: must && required.iter().any(|one| one == name),
                });
            }
        }
        for (part, fits) in schema.parts() {
            part.collect(must && fits, fields);
        }
    }

    /// The field of this name.
    pub(crate) fn field(&self, name: &str) -> Option<Self> {
        let mut fields = self.fields().into_iter();
        fields
            .find(|field| field.name == name)
            .map(|field| field.schema)
    }
}
