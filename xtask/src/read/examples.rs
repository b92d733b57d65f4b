//! Finds the examples of an API description, each with the schema it illustrates.
//!
//! The module knows nothing but `serde_json`, so that anything that wants to try its types or its checks on the
//! published examples can walk them the same way.

use serde_json::Value;

/// An example of the description, and the schema it belongs to.
#[derive(Clone, Debug, PartialEq)]
pub struct Example<'a> {
    /// Where the example stands in the document, as a JSON pointer
    /// ([RFC 6901](https://www.rfc-editor.org/rfc/rfc6901)).
    pub pointer: String,
    /// The schema it illustrates, as it stands in the document. References inside it are not followed; if it is itself a
    /// reference, this is what the reference leads to.
    pub schema: &'a Value,
    /// The example value.
    pub value: &'a Value,
}

/// Every example in an OpenAPI 3.0 document, in document order.
///
/// Found are the `example` of schemas at any depth, and the `example` and the `examples` of parameters, headers and
/// media types, be they under `paths`, `webhooks`, `x-webhooks` or `components`, or in a callback. A member called
/// `example` that is something else, such as a property of an object or a part of another example, is not taken for one.
///
/// What a reference leads to is visited where it is defined, and not again at each reference. (Only an entry of
/// `components/examples` comes once for each schema that it is used with, since it has none of its own.) An `example`
/// without a schema beside it is left out, as are examples that lie outside the document (`externalValue`).
///
/// ```
/// let document = serde_json::json!({
///     "components": { "schemas": { "Amount": { "type": "string", "example": "100.25" } } }
/// });
/// let examples = xtask::read::examples::examples(&document);
/// assert_eq!(examples[0].pointer, "/components/schemas/Amount/example");
/// assert_eq!(examples[0].schema["type"], "string");
/// assert_eq!(examples[0].value, "100.25");
/// ```
pub fn examples(document: &Value) -> Vec<Example<'_>> {
    let mut walk = Walk {
        document,
        found: Vec::new(),
    };
    each("", document, |at, member| match last(at) {
        "paths" | "webhooks" | "x-webhooks" => {
            each(at, member, |at, item| walk.path_item(at, item))
        }
        "components" => walk.components(at, member),
        _ => {}
    });
    walk.found
}

struct Walk<'a> {
    document: &'a Value,
    found: Vec<Example<'a>>,
}

impl<'a> Walk<'a> {
    fn components(&mut self, at: &str, components: &'a Value) {
        each(at, components, |at, group| match last(at) {
            "callbacks" => each(at, group, |at, value| self.callback(at, value)),
            "headers" | "parameters" => each(at, group, |at, value| self.parameter(at, value)),
            "pathItems" => each(at, group, |at, value| self.path_item(at, value)),
            "requestBodies" => each(at, group, |at, value| self.body(at, value)),
            "responses" => each(at, group, |at, value| self.body(at, value)),
            "schemas" => each(at, group, |at, value| self.schema(at, value)),
            _ => {}
        });
    }

    fn path_item(&mut self, at: &str, item: &'a Value) {
        each(at, item, |at, member| match last(at) {
            "parameters" => each(at, member, |at, value| self.parameter(at, value)),
            "delete" | "get" | "head" | "options" | "patch" | "post" | "put" | "trace" => {
                self.operation(at, member)
            }
            _ => {}
        });
    }

    fn operation(&mut self, at: &str, operation: &'a Value) {
        each(at, operation, |at, member| match last(at) {
            "callbacks" => each(at, member, |at, value| self.callback(at, value)),
            "parameters" => each(at, member, |at, value| self.parameter(at, value)),
            "requestBody" => self.body(at, member),
            "responses" => each(at, member, |at, value| self.body(at, value)),
            _ => {}
        });
    }

    fn callback(&mut self, at: &str, callback: &'a Value) {
        each(at, callback, |at, item| self.path_item(at, item));
    }

    /// A request body or a response.
    fn body(&mut self, at: &str, body: &'a Value) {
        each(at, body, |at, member| match last(at) {
            "headers" => each(at, member, |at, value| self.parameter(at, value)),
            "content" => each(at, member, |at, value| self.media_type(at, value)),
            _ => {}
        });
    }

    /// A parameter or a header.
    fn parameter(&mut self, at: &str, parameter: &'a Value) {
        self.illustrated(at, parameter);
        each(at, parameter, |at, member| {
            if last(at) == "content" {
                each(at, member, |at, value| self.media_type(at, value));
            }
        });
    }

    fn media_type(&mut self, at: &str, media_type: &'a Value) {
        self.illustrated(at, media_type);
        each(at, media_type, |at, member| {
            if last(at) == "encoding" {
                each(at, member, |at, encoding| self.body(at, encoding));
            }
        });
    }

    /// Whatever has a `schema` with an `example` or `examples` beside it.
    fn illustrated(&mut self, at: &str, owner: &'a Value) {
        each(at, owner, |at, member| {
            match (last(at), owner.get("schema")) {
                ("schema", _) => self.schema(at, member),
                ("example", Some(schema)) => self.take(at.to_owned(), schema, member),
                ("examples", Some(schema)) => each(at, member, |at, example| {
                    let (at, example) = self.resolve(at, example);
                    if let Some(value) = example.get("value") {
                        self.take(step(&at, "value"), schema, value);
                    }
                }),
                _ => {}
            }
        });
    }

    fn schema(&mut self, at: &str, schema: &'a Value) {
        if schema.get("$ref").is_some() {
            return;
        }
        each(at, schema, |at, member| match last(at) {
            "example" => self.take(at.to_owned(), schema, member),
            "properties" | "allOf" | "anyOf" | "oneOf" => {
                each(at, member, |at, value| self.schema(at, value))
            }
            "additionalProperties" | "items" | "not" => self.schema(at, member),
            _ => {}
        });
    }

    fn take(&mut self, pointer: String, schema: &'a Value, value: &'a Value) {
        let (_, schema) = self.resolve("", schema);
        self.found.push(Example {
            pointer,
            schema,
            value,
        });
    }

    /// What `value` stands for and where that is: the end of its references, or itself.
    fn resolve(&self, at: &str, value: &'a Value) -> (String, &'a Value) {
        let (mut at, mut value) = (at.to_owned(), value);
        // Nothing sensible refers on and on; the limit is for documents that refer in a circle.
        for _ in 0..16 {
            let target = value
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|reference| reference.strip_prefix('#'))
                .and_then(|pointer| Some((pointer, self.document.pointer(pointer)?)));
            match target {
                Some((pointer, target)) => (at, value) = (pointer.to_owned(), target),
                None => break,
            }
        }
        (at, value)
    }
}

/// Visits what is directly in an object or a list, with the pointer to it.
fn each<'a>(at: &str, container: &'a Value, mut visit: impl FnMut(&str, &'a Value)) {
    match container {
        Value::Object(members) => {
            for (name, member) in members {
                visit(&step(at, name), member);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(&step(at, &index.to_string()), item);
            }
        }
        _ => {}
    }
}

/// The pointer to the member `name` of what `at` points to.
fn step(at: &str, name: &str) -> String {
    format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The last part of a pointer. Escapes are left as they are: no keyword contains any.
fn last(at: &str) -> &str {
    at.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pointers(document: &Value) -> Vec<String> {
        examples(document)
            .into_iter()
            .map(|example| example.pointer)
            .collect()
    }

    #[test]
    fn finds_examples_wherever_they_may_stand() {
        let text = json!({ "type": "string", "example": "a" });
        let media = json!({ "application/json": { "schema": text, "example": "b" } });
        let document = json!({
            "paths": { "/a~b": {
                "parameters": [{ "in": "query", "name": "q", "schema": text, "examples": { "one": { "value": "c" } } }],
                "get": {
                    "parameters": [{ "in": "header", "name": "h", "content": media }],
                    "requestBody": { "content": media },
                    "responses": { "200": { "headers": { "x": { "schema": text } }, "content": media } },
                    "callbacks": { "done": { "{$url}": { "post": { "requestBody": { "content": media } } } } }
                }
            } },
            "x-webhooks": { "Something happened": { "post": { "requestBody": { "content": media } } } },
            "components": { "schemas": {
                "Nested": {
                    "properties": { "list": { "items": text }, "map": { "additionalProperties": text } },
                    "allOf": [{ "anyOf": [{ "oneOf": [{ "not": text }] }] }]
                }
            } }
        });
        assert_eq!(
            pointers(&document),
            [
                "/paths/~1a~0b/parameters/0/schema/example",
                "/paths/~1a~0b/parameters/0/examples/one/value",
                "/paths/~1a~0b/get/parameters/0/content/application~1json/schema/example",
                "/paths/~1a~0b/get/parameters/0/content/application~1json/example",
                "/paths/~1a~0b/get/requestBody/content/application~1json/schema/example",
                "/paths/~1a~0b/get/requestBody/content/application~1json/example",
                "/paths/~1a~0b/get/responses/200/headers/x/schema/example",
                "/paths/~1a~0b/get/responses/200/content/application~1json/schema/example",
                "/paths/~1a~0b/get/responses/200/content/application~1json/example",
                "/paths/~1a~0b/get/callbacks/done/{$url}/post/requestBody/content/application~1json/schema/example",
                "/paths/~1a~0b/get/callbacks/done/{$url}/post/requestBody/content/application~1json/example",
                "/x-webhooks/Something happened/post/requestBody/content/application~1json/schema/example",
                "/x-webhooks/Something happened/post/requestBody/content/application~1json/example",
                "/components/schemas/Nested/properties/list/items/example",
                "/components/schemas/Nested/properties/map/additionalProperties/example",
                "/components/schemas/Nested/allOf/0/anyOf/0/oneOf/0/not/example",
            ]
        );
    }

    #[test]
    fn every_pointer_leads_to_its_value() {
        let document = json!({
            "paths": { "/p/{id}": { "get": { "responses": { "200": { "content": { "a/b": {
                "schema": { "type": "integer" }, "examples": { "x/~y": { "value": 1 } }
            } } } } } } }
        });
        for example in examples(&document) {
            assert_eq!(document.pointer(&example.pointer), Some(example.value));
        }
        assert_eq!(pointers(&document).len(), 1);
    }

    #[test]
    fn follows_references_to_schemas_and_to_examples() {
        let document = json!({
            "paths": { "/p": { "get": { "responses": {
                "200": { "content": { "application/json": {
                    "schema": { "$ref": "#/components/schemas/A" },
                    "examples": { "x": { "$ref": "#/components/examples/X" } }
                } } },
                "404": { "$ref": "#/components/responses/Gone" }
            } } } },
            "components": {
                "schemas": { "A": { "$ref": "#/components/schemas/B" }, "B": { "type": "boolean" } },
                "examples": { "X": { "value": true } },
                "responses": { "Gone": { "content": { "text/plain": { "schema": { "type": "string" }, "example": "gone" } } } }
            }
        });
        let found = examples(&document);
        assert_eq!(
            pointers(&document),
            [
                "/components/examples/X/value",
                "/components/responses/Gone/content/text~1plain/example"
            ]
        );
        assert_eq!(found[0].schema, &json!({ "type": "boolean" }));
    }

    #[test]
    fn is_not_misled_by_members_called_example() {
        let document = json!({
            "x-notes": { "example": 1 },
            "paths": { "/p": { "post": { "requestBody": { "content": { "application/json": {
                "schema": {
                    "type": "object",
                    "properties": { "example": { "type": "string" }, "examples": { "type": "string" } },
                    "default": { "example": "no" },
                    "enum": [{ "example": "no" }]
                },
                "example": { "example": "inner", "examples": "inner" }
            } } } } } },
            "components": { "schemas": { "Round": { "$ref": "#/components/schemas/Round", "example": "ignored" } } }
        });
        assert_eq!(
            pointers(&document),
            ["/paths/~1p/post/requestBody/content/application~1json/example"]
        );
    }

    #[test]
    fn anything_else_has_none() {
        assert!(examples(&json!(null)).is_empty());
        assert!(examples(&json!({ "paths": [], "components": 3 })).is_empty());
    }
}
