//! What the description leaves without a type, or with one that says little.
//!
//! Such a value is not lost: it is kept as JSON, as it came. But whoever uses it has to know what it
//! is, so each is told with its reason.

use serde_json::Value;

use crate::description::Description;
use crate::error::Pointer;
use crate::types::Type;

/// A value that comes without a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untyped {
    /// Where it is described.
    pub pointer: Pointer,
    /// Why it has no type.
    pub reason: &'static str,
}

/// All values without a type, in the order of the modules.
pub fn find(description: &Description) -> Vec<Untyped> {
    let mut found = Vec::new();
    for kind in description.types() {
        of_type(kind, &mut found);
    }
    found
}

fn of_type(kind: &Type, found: &mut Vec<Untyped>) {
    for (name, property) in kind.schema["properties"].as_object().into_iter().flatten() {
        let pointer = kind.pointer.join("properties").join(name);
        of_schema(property, &pointer, found);
    }
    if let Some(rest) = kind.schema.get("additionalProperties") {
        let pointer = kind.pointer.join("additionalProperties");
        of_rest(rest, pointer, found);
    }
}

fn of_schema(schema: &Value, pointer: &Pointer, found: &mut Vec<Untyped>) {
    let is_composed = ["$ref", "allOf"]
        .iter()
        .any(|keyword| schema.get(keyword).is_some());
    let reason = match schema["type"].as_str() {
        _ if is_composed => return,
        Some("array") => return of_schema(&schema["items"], &pointer.join("items"), found),
        Some("object") => match schema.get("additionalProperties") {
            Some(rest) => return of_rest(rest, pointer.join("additionalProperties"), found),
            None => "an object without `properties`",
        },
        Some("number") => "a `number`, which is read as floating point",
        Some(_) => return,
        None => "a schema without `type`",
    };
    let pointer = pointer.clone();
    found.push(Untyped { pointer, reason });
}

/// What an object may have beside its properties.
fn of_rest(rest: &Value, pointer: Pointer, found: &mut Vec<Untyped>) {
    if rest.as_object().is_some_and(|schema| !schema.is_empty()) {
        return of_schema(rest, &pointer, found);
    }
    let reason = "further properties, of which nothing is said";
    found.push(Untyped { pointer, reason });
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::read::document::Document;

    #[test]
    fn each_has_its_place_and_reason() {
        let text = "
openapi: 3.0.3
info: {title: API, version: '1'}
paths: {}
components:
  schemas:
    Thing:
      type: object
      additionalProperties: true
      properties:
        any: {description: what you like}
        object: {type: object}
        map: {type: object, additionalProperties: true}
        map_of_any: {type: object, additionalProperties: {type: object}}
        list_of_any: {type: array, items: {}}
        float: {type: number}
        # These have types.
        text: {type: string}
        list: {type: array, items: {type: string}}
        map_of_text: {type: object, additionalProperties: {type: string}}
        other: {$ref: '#/components/schemas/Other'}
    Other: {type: object, properties: {text: {type: string}}}
";
        let document = Document::parse(text, Path::new("test")).unwrap();
        let description = Description::read(&document).unwrap();
        let found: Vec<_> = find(&description)
            .into_iter()
            .map(|one| {
                let place = one
                    .pointer
                    .as_str()
                    .replace("/components/schemas/Thing", "");
                (place, one.reason)
            })
            .collect();
        let expected = [
            ("/properties/any", "a schema without `type`"),
            ("/properties/object", "an object without `properties`"),
            (
                "/properties/map/additionalProperties",
                "further properties, of which nothing is said",
            ),
            (
                "/properties/map_of_any/additionalProperties",
                "an object without `properties`",
            ),
            ("/properties/list_of_any/items", "a schema without `type`"),
            (
                "/properties/float",
                "a `number`, which is read as floating point",
            ),
            (
                "/additionalProperties",
                "further properties, of which nothing is said",
            ),
        ];
        assert_eq!(
            found,
            expected.map(|(place, reason)| (place.to_owned(), reason))
        );
    }
}
