//! Examples of events.

use serde_json::{Map, Value};

use super::document::Description;
use super::sample::merge;

impl Description {
    /// Types and objects of the examples of events of one type or category. A type without its own
    /// example has that of another state of the same thing, in its own state.
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
}
