use std::collections::HashMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

use super::operation::Operation;
use super::schema::Schema;

/// Everything that the sandbox knows of the API.
#[derive(Deserialize)]
pub(crate) struct Description {
    /// Every scope.
    pub(crate) scopes: Vec<String>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) events: Vec<EventKind>,
    pub(super) schemas: HashMap<String, Schema>,
}

/// The events of one kind of webhook.
#[derive(Deserialize)]
pub(crate) struct EventKind {
    /// The name that the description gives it, `Cash Balance events` for example.
    #[cfg(test)]
    pub(super) title: String,
    pub(crate) schema: Schema,
    pub(crate) examples: Vec<Value>,
}

/// The file that `cargo xtask generate` writes.
pub(crate) const TEXT: &str = include_str!("../generated/api.json");

/// The description. It is read once.
pub(crate) fn description() -> &'static Description {
    static DESCRIPTION: OnceLock<Description> = OnceLock::new();
    DESCRIPTION.get_or_init(|| {
        // Types are read from a value, so the code that reads them from text is not compiled as well.
        let description =
            serde_json::from_str(TEXT).and_then(serde_json::from_value::<Description>);
        description.expect("the generated description is as this crate reads it")
    })
}

impl Description {
    pub(crate) fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// Whether an operation answers with pages of a list.
    pub(crate) fn is_list(&self, operation: &Operation) -> bool {
        operation.json().is_some_and(|content| {
            let has = |name| self.property(&content.schema, name).is_some();
            has("meta") && has("data")
        })
    }

    /// The events of one type, `ORDER.FILLED` for example.
    pub(crate) fn event(&self, type_: &str) -> Option<&EventKind> {
        self.events.iter().find(|kind| {
            let of_type = kind.examples.iter().any(|example| example["type"] == type_);
            of_type || self.event_types(kind).any(|one| one == type_)
        })
    }

    pub(crate) fn event_types<'d>(&'d self, kind: &'d EventKind) -> impl Iterator<Item = &'d str> {
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

    /// The default value.
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
