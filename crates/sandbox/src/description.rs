//! The API's description as it is embedded: operations, events and schemas.
//!
//! `cargo xtask generate` writes it. There is no second list of what is served.

mod formats;
mod operation;
mod routes;
mod sample;
mod schema;
mod violations;

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::{Map, Value};

pub(crate) use operation::{Body, Content, Operation, Place};
pub(crate) use routes::{Parameters, Route};
pub(crate) use sample::{fit, merge, remove_optional, sample};
pub(crate) use schema::Schema;
pub(crate) use violations::{Violation, violations};

/// Everything that the sandbox knows of the API.
#[derive(Deserialize)]
pub(crate) struct Description {
    /// Every scope there is.
    pub(crate) scopes: Vec<String>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) events: Vec<EventKind>,
    schemas: HashMap<String, Schema>,
}

/// What one kind of webhook tells of.
#[derive(Deserialize)]
pub(crate) struct EventKind {
    /// The name that the description gives it, `Cash Balance events` for example.
    #[cfg(test)]
    title: String,
    pub(crate) schema: Schema,
    pub(crate) examples: Vec<Value>,
}

/// The description. It is read once.
pub(crate) fn description() -> &'static Description {
    static DESCRIPTION: OnceLock<Description> = OnceLock::new();
    DESCRIPTION.get_or_init(|| {
        serde_json::from_str(include_str!("generated/api.json"))
            .expect("the generated description is as this crate reads it")
    })
}

impl Description {
    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The events of one type, `ORDER.FILLED` for example.
    pub(crate) fn event(&self, type_: &str) -> Option<&EventKind> {
        self.events.iter().find(|kind| {
            let of_type = kind.examples.iter().any(|example| example["type"] == type_);
            of_type || self.event_types(kind).any(|one| one == type_)
        })
    }

    /// Types and objects of the examples of events of one type or category. A type without an example
    /// of its own has that of another state of the same thing, in its own state.
    pub(crate) fn event_examples(&self, kind: &str) -> Vec<(String, Value)> {
        let examples = self.events.iter().flat_map(|event| &event.examples);
        let found: Vec<(String, Value)> = examples
            .filter_map(|example| {
                let type_ = example["type"].as_str()?;
                let is_meant = type_ == kind || type_.split('.').next() == Some(kind);
                is_meant.then(|| (type_.to_owned(), example["object"].clone()))
            })
            .collect();
        if found.is_empty() {
            return self.in_state(kind).into_iter().collect();
        }
        found
    }

    fn in_state(&self, type_: &str) -> Option<(String, Value)> {
        let event = self.event(type_)?;
        let (_, state) = type_.split_once('.')?;
        let schema = self.property(&event.schema, "object")?;
        let mut object = event.examples.first()?["object"].clone();
        let status = Map::from_iter([("status".to_owned(), state.into())]);
        merge(schema, &mut object, &status);
        Some((type_.to_owned(), object))
    }

    fn event_types<'d>(&'d self, kind: &'d EventKind) -> impl Iterator<Item = &'d str> {
        let type_ = self.property(&kind.schema, "type");
        let type_ = type_.map(|one| self.resolve(one));
        type_
            .into_iter()
            .flat_map(|one| &one.values)
            .filter_map(Value::as_str)
    }

    /// The schema of a field, of this schema or of one of its parts or variants.
    pub(crate) fn property<'d>(&'d self, schema: &'d Schema, name: &str) -> Option<&'d Schema> {
        let schema = self.resolve(schema);
        let mut parts = schema.parts();
        let own = schema.properties.get(name);
        own.or_else(|| parts.find_map(|part| self.property(part, name)))
    }

    /// The schema of the items of a list.
    pub(crate) fn items<'d>(&'d self, schema: &'d Schema) -> Option<&'d Schema> {
        self.resolve(schema).items.as_deref()
    }

    /// The type of the values of a schema, if it says one.
    pub(crate) fn kind<'d>(&'d self, schema: &'d Schema) -> Option<&'d str> {
        let schema = self.resolve(schema);
        let own = schema.kind.as_deref();
        own.or_else(|| schema.parts().find_map(|part| self.kind(part)))
    }

    /// What a value is if it is not given.
    pub(crate) fn default<'d>(&'d self, schema: &'d Schema) -> Option<&'d Value> {
        let own = schema.default.as_ref();
        own.or(self.resolve(schema).default.as_ref())
    }

    /// The schema that this one refers to, or the one itself.
    pub(crate) fn resolve<'d>(&'d self, schema: &'d Schema) -> &'d Schema {
        match &schema.reference {
            Some(name) => match self.schemas.get(name) {
                Some(found) => self.resolve(found),
                None => schema,
            },
            None => schema,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reference_leads_to_a_schema() {
        let text = include_str!("generated/api.json");
        let document: Value = serde_json::from_str(text).unwrap();
        let mut todo = vec![&document];
        while let Some(value) = todo.pop() {
            match value {
                Value::Object(members) => {
                    if let Some(name) = members.get("$ref").and_then(Value::as_str) {
                        assert!(description().schemas.contains_key(name), "{name}");
                    }
                    todo.extend(members.values());
                }
                Value::Array(items) => todo.extend(items),
                _ => {}
            }
        }
    }

    #[test]
    fn every_example_of_an_answer_or_event_is_as_its_schema_has_it() {
        let mut wrong = Vec::new();
        let mut check = |place: &str, schema: &Schema, examples: &[Value]| {
            for example in examples {
                let found = violations(schema, example);
                wrong.extend(found.iter().map(|one| format!("{place}: {one}")));
            }
        };
        for operation in &description().operations {
            for content in &operation.answer.content {
                check(&operation.id, &content.schema, &content.examples);
            }
            if let Some(body) = &operation.body {
                check(&operation.id, &body.schema, &body.examples);
            }
        }
        for kind in &description().events {
            check(&kind.title, &kind.schema, &kind.examples);
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
