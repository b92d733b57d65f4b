//! Holds `spec/upvest.yaml` against the official schema of OpenAPI 3.0, its examples against their own schemas, and what
//! was generated against the digest of the file.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use jsonschema::{Draft, Validator};
use openapi_spec_validator_rs::{ErrorMode, Options, Outcome, PathItem, ValidationError};
use serde_json::{Map, Value, json};
use upvest_description::error::Pointer;
use upvest_description::read::cursor::Cursor;
use upvest_description::read::document::Document;
use upvest_description::read::walk::{self, Object};
use upvest_description::read::yaml;
use xtask::emit::{CLIENT, MODELS};

/// The examples that are known to contradict their schema, with the pointer into the example and what is wrong there.
/// Upvest publishes them so, and the document stays as published. What is listed here has to be found: an entry that no
/// longer applies is a failure too.
const CONTRADICTIONS: [(&str, &str, &str); 2] = [
    // The number 1 as the example of a string that can only be "1". On the wire, in a header, the two are the same.
    (API_VERSION_EXAMPLE, "", "1 is not of type \"string\""),
    (API_VERSION_EXAMPLE, "", "1 is not one of \"1\""),
];

const API_VERSION_EXAMPLE: &str = "/components/parameters/apiVersion/schema/example";
const EVENT: &str = "/x-webhooks/Cash Balance events/post/requestBody/content/application~1json";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text() -> String {
    let path = root().join("spec/upvest.yaml");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The document, read once for all tests.
fn description() -> Value {
    static DESCRIPTION: OnceLock<Value> = OnceLock::new();
    let parsed = || yaml::parse(&text(), Path::new("spec/upvest.yaml"));
    DESCRIPTION
        .get_or_init(|| parsed().unwrap_or_else(|error| panic!("{error}")))
        .clone()
}

/// What the official schema of OpenAPI 3.0 and the rules that come with it have against a document: the pointer to the
/// place, where there is one place, and the message.
///
/// `x-webhooks` is an extension, about which the schema has no say. Since it holds path items nevertheless, each is
/// checked as if it stood under `paths`.
fn complaints(document: &Value) -> Vec<String> {
    let mut document = document.clone();
    let webhooks = document
        .as_object_mut()
        .and_then(|root| root.remove("x-webhooks"));
    if let (Some(Value::Object(webhooks)), Some(paths)) =
        (webhooks, document["paths"].as_object_mut())
    {
        paths.extend(
            webhooks
                .into_iter()
                .map(|(name, item)| (format!("/x-webhooks/{name}"), item)),
        );
    }
    let options = Options {
        errors: ErrorMode::All,
        ..Options::default()
    };
    match openapi_spec_validator_rs::validate(&document, &options) {
        Outcome::Valid => Vec::new(),
        Outcome::Invalid(errors) => errors.iter().map(complaint).collect(),
        Outcome::Error(message) => vec![message],
    }
}

fn complaint(error: &ValidationError) -> String {
    let pointer: String = error
        .schema_error
        .iter()
        .flat_map(|details| &details.instance_path)
        .map(|item| match item {
            PathItem::Key(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            PathItem::Index(index) => format!("/{index}"),
        })
        .collect();
    let pointer = pointer.replacen("/paths/~1x-webhooks~1", "/x-webhooks/", 1);
    match pointer.as_str() {
        "" => error.message.clone(),
        pointer => format!("{pointer}: {}", error.message),
    }
}

#[test]
fn is_valid_openapi() {
    let document = description();
    assert_eq!(document["openapi"], "3.0.3");
    assert_eq!(complaints(&document), [""; 0]);
}

#[test]
fn a_broken_document_is_refused_with_the_place() {
    /// Breaks the object at a pointer and says what is then complained about.
    fn broken(pointer: &str, change: impl FnOnce(&mut Map<String, Value>)) -> Vec<String> {
        let mut document = description();
        let target = document.pointer_mut(pointer).and_then(Value::as_object_mut);
        change(target.unwrap_or_else(|| panic!("there is no object at {pointer}")));
        complaints(&document)
    }

    assert_eq!(
        broken("/paths/~1auth~1token/post", |operation| {
            operation.remove("responses");
        }),
        ["/paths/~1auth~1token/post: 'responses' is a required property"]
    );
    // Beyond the schema: the rules that tie parts of the document together, and what lies under x-webhooks.
    assert_eq!(
        broken("/paths/~1auth~1verify_keys/get", |operation| {
            operation.insert("operationId".to_owned(), json!("issue_token"));
        }),
        ["Operation ID 'issue_token' for 'get' in '/auth/verify_keys' is not unique"]
    );
    assert_eq!(
        broken("/x-webhooks/Cash Balance events/post", |operation| {
            operation.remove("responses");
        }),
        ["/x-webhooks/Cash Balance events/post: 'responses' is a required property"]
    );
}

/// The schema of an OpenAPI 3.0 document as JSON Schema 2020-12: the dialects differ in how they write that null is
/// allowed, that a bound itself is excluded, and in what may stand beside a reference.
fn json_schema(schema: &Value) -> Value {
    let Some(members) = schema.as_object() else {
        return schema.clone();
    };
    if let Some(reference) = members.get("$ref") {
        return json!({ "$ref": reference });
    }
    let mut converted = Map::new();
    for (name, member) in members {
        let member = match name.as_str() {
            "nullable" | "exclusiveMinimum" | "exclusiveMaximum" => continue,
            "properties" => match member {
                Value::Object(properties) => properties
                    .iter()
                    .map(|(k, v)| (k.clone(), json_schema(v)))
                    .collect(),
                other => other.clone(),
            },
            "allOf" | "anyOf" | "oneOf" => match member {
                Value::Array(schemas) => schemas.iter().map(json_schema).collect(),
                other => other.clone(),
            },
            "additionalProperties" | "items" | "not" => json_schema(member),
            _ => member.clone(),
        };
        converted.insert(name.clone(), member);
    }
    for (exclusive, bound) in [
        ("exclusiveMinimum", "minimum"),
        ("exclusiveMaximum", "maximum"),
    ] {
        if members.get(exclusive) == Some(&Value::Bool(true))
            && let Some(limit) = converted.remove(bound)
        {
            converted.insert(exclusive.to_owned(), limit);
        }
    }
    let converted = Value::Object(converted);
    if members.get("nullable") == Some(&Value::Bool(true)) {
        return json!({ "anyOf": [converted, { "type": "null" }] });
    }
    converted
}

/// The shared schemas of a document as JSON Schema.
fn shared_schemas(document: &Value) -> Map<String, Value> {
    let schemas = document
        .pointer("/components/schemas")
        .and_then(Value::as_object);
    schemas
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.clone(), json_schema(schema)))
        .collect()
}

/// Puts into `found` what of the shared schemas a schema refers to, directly or not.
fn referred(shared: &Map<String, Value>, schema: &Value, found: &mut Map<String, Value>) {
    match schema {
        Value::Object(members) => {
            let name = members.get("$ref").and_then(Value::as_str);
            if let Some(name) = name.and_then(|name| name.strip_prefix("#/components/schemas/"))
                && !found.contains_key(name)
            {
                found.insert(name.to_owned(), shared[name].clone());
                referred(shared, &shared[name], found);
            }
            members
                .values()
                .for_each(|member| referred(shared, member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| referred(shared, item, found)),
        _ => {}
    }
}

/// A validator that takes every `format` seriously: one that is not known is an error, not a wave-through.
fn validator(shared: &Map<String, Value>, schema: &Value) -> Validator {
    let mut root = json_schema(schema);
    let mut schemas = Map::new();
    referred(shared, &root, &mut schemas);
    if let Some(root) = root.as_object_mut() {
        root.insert("components".to_owned(), json!({ "schemas": schemas }));
    }
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_format("url", |url: &str| url.starts_with("https://"))
        // Of numbers: JSON Schema leaves those alone.
        .with_format("int32", |_: &str| false)
        .build(&root)
        .unwrap_or_else(|error| panic!("{schema} is not a schema to check examples with: {error}"))
}

/// Every example of a document: its place, the schema that it illustrates, and the value.
fn examples(document: &Value) -> Vec<(Pointer, &Value, &Value)> {
    let mut found = Vec::new();
    let mut take = |schema: Cursor<'_>, example: Cursor<'_>| {
        let schema = find(document, schema.resolved().unwrap().pointer());
        found.push((
            example.pointer().clone(),
            schema,
            find(document, example.pointer()),
        ));
    };
    walk::members(&Cursor::of(document), &mut |kind, owner, member, name| {
        let is_schema = matches!(kind, Object::Schema | Object::Variant);
        match (name, owner.get("schema")) {
            // Nothing is said beside a reference.
            _ if owner.get("$ref").is_some() => {}
            ("example", _) if is_schema => take(owner.clone(), member.clone()),
            ("example", Some(schema)) => take(schema, member.clone()),
            ("examples", Some(schema)) => {
                for (_, example) in member.entries().unwrap() {
                    let example = example.resolved().unwrap().require("value").unwrap();
                    take(schema.clone(), example);
                }
            }
            _ => {}
        }
    });
    found
}

fn find<'d>(document: &'d Value, pointer: &Pointer) -> &'d Value {
    document
        .pointer(pointer.as_str())
        .expect("a place in the document")
}

/// What is wrong with those examples of a document that `is_asked` picks by their pointer: the pointer to the example, the
/// pointer from there, and the message.
fn contradictions(
    document: &Value,
    is_asked: impl Fn(&str) -> bool,
) -> Vec<(String, String, String)> {
    let shared = shared_schemas(document);
    let examples = examples(document).into_iter();
    examples
        .filter(|(pointer, ..)| is_asked(pointer.as_str()))
        .flat_map(|(pointer, schema, value)| {
            let validator = validator(&shared, schema);
            let errors = validator.iter_errors(value).map(|error| {
                let place = error.instance_path().to_string();
                (pointer.as_str().to_owned(), place, error.to_string())
            });
            errors.collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn every_example_fits_its_schema_but_for_the_known_ones() {
    let found = contradictions(&description(), |_| true);
    let found: Vec<_> = found
        .iter()
        .map(|(e, p, m)| (e.as_str(), p.as_str(), m.as_str()))
        .collect();
    assert_eq!(found, CONTRADICTIONS);
}

#[test]
fn no_example_is_overlooked() {
    // Counted without any idea of the document's structure, which works as long as no field and no example of the API
    // has a member of that name.
    fn count(value: &Value) -> usize {
        match value {
            Value::Object(members) => members
                .iter()
                .map(|(name, member)| match name.as_str() {
                    "example" => 1,
                    "examples" => member.as_object().map_or(0, Map::len),
                    _ => count(member),
                })
                .sum(),
            Value::Array(items) => items.iter().map(count).sum(),
            _ => 0,
        }
    }
    let document = description();
    assert_eq!(examples(&document).len(), count(&document));
}

#[test]
fn what_was_generated_has_the_digest_of_the_description() {
    let document = Document::parse(&text(), Path::new("spec/upvest.yaml")).unwrap();
    for directory in [MODELS, CLIENT] {
        let manifest = root().join(directory).join("manifest.json");
        let manifest: Value =
            serde_json::from_str(&std::fs::read_to_string(manifest).unwrap()).unwrap();
        assert_eq!(manifest["description"]["sha256"], document.digest);
    }
}

#[test]
fn a_wrong_example_is_refused_with_the_place() {
    let updated = format!("{EVENT}/examples/cash_balance_updated/value");
    for (field, wrong, message) in [
        (
            "/created_at",
            json!("2021-07-21 14:10"),
            "is not a \"date-time\"",
        ),
        ("/id", json!("8962b496"), "is not a \"uuid\""),
        ("/type", json!("CASH_BALANCE.CREATED"), "is not one of"),
        ("/object/balance", json!("100,25"), "does not match"),
        ("/object/currency", json!("euro"), "is not one of"),
    ] {
        let mut document = description();
        *document
            .pointer_mut(&format!("{updated}{field}"))
            .expect("the field") = wrong;
        let found = contradictions(&document, |at| at == updated);
        assert!(
            found
                .iter()
                .any(|(example, place, text)| *example == updated
                    && place == field
                    && text.contains(message)),
            "{field}: {found:?}"
        );
    }

    let mut document = description();
    let example = document
        .pointer_mut(&updated)
        .and_then(Value::as_object_mut)
        .expect("the example");
    example.remove("webhook_id");
    let found: BTreeSet<_> = contradictions(&document, |at| at == updated)
        .into_iter()
        .map(|(_, _, message)| message)
        .collect();
    assert!(
        found.contains("\"webhook_id\" is a required property"),
        "{found:?}"
    );
}

#[test]
fn the_dialect_of_openapi_3_0_is_understood() {
    let document = json!({ "components": { "schemas": {
        "Amount": { "type": "number", "minimum": 0, "exclusiveMinimum": true, "maximum": 9, "exclusiveMaximum": false },
        "Maybe": { "type": "string", "nullable": true },
        "Node": { "type": "object", "properties": {
            "nullable": { "type": "boolean" },
            "next": { "$ref": "#/components/schemas/Node", "nullable": true }
        } }
    } } });
    let shared = shared_schemas(&document);
    let fits = |name: &str, value: Value| {
        validator(&shared, &document["components"]["schemas"][name]).is_valid(&value)
    };
    assert!(fits("Amount", json!(1)) && fits("Amount", json!(9)));
    assert!(!fits("Amount", json!(0)) && !fits("Amount", json!(null)));
    assert!(fits("Maybe", json!(null)) && fits("Maybe", json!("")) && !fits("Maybe", json!(0)));
    assert!(fits(
        "Node",
        json!({ "next": { "next": {} }, "nullable": true })
    ));
    // What stands beside a reference has no effect in this dialect.
    assert!(!fits("Node", json!({ "next": null })));
    assert!(!fits("Node", json!({ "next": { "nullable": "no" } })));
}
