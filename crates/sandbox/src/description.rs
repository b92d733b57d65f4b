//! The API's description as it is embedded: operations, events and schemas.
//!
//! `cargo xtask generate` writes it. There is no second list of what is served.

mod document;
mod events;
mod formats;
mod operation;
mod query;
mod routes;
mod sample;
mod schema;
mod violations;

pub(crate) use document::{TEXT, description};
pub(crate) use operation::{Body, Content, Operation, Place};
pub(crate) use query::typed;
pub(crate) use routes::{Parameters, Route};
pub(crate) use sample::{fit, merge, remove_optional, sample};
pub(crate) use violations::{Violation, violations};

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::schema::Schema;
    use super::*;

    #[test]
    fn every_reference_leads_to_a_schema() {
        let document: Value = serde_json::from_str(TEXT).unwrap();
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
