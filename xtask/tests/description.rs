//! Holds `spec/upvest.yaml` against the official schema of OpenAPI 3.0, its examples against their own schemas, and the
//! whole of it against what every part of it has to have: words, scopes, examples, the id of the request.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use jsonschema::{Draft, Validator};
use openapi_spec_validator_rs::{ErrorMode, Options, Outcome, PathItem, ValidationError};
use serde_json::{Map, Value, json};
use xtask::read::examples::examples;

/// How many examples the document has: of bodies and events, of parameters and headers, and of the shared responses.
const EXAMPLES: usize = 312;

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

fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/upvest.yaml");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The document, read once for all tests.
fn description() -> Value {
    static DESCRIPTION: OnceLock<Value> = OnceLock::new();
    DESCRIPTION
        .get_or_init(|| {
            serde_saphyr::from_str(&text())
                .unwrap_or_else(|error| panic!("spec/upvest.yaml: {error}"))
        })
        .clone()
}

/// What `pointer` leads to, through a reference if there is one.
fn at<'a>(document: &'a Value, pointer: &str) -> &'a Value {
    let value = document
        .pointer(pointer)
        .unwrap_or_else(|| panic!("there is nothing at {pointer}"));
    match value.get("$ref").and_then(Value::as_str) {
        Some(reference) => at(document, reference.trim_start_matches('#')),
        None => value,
    }
}

fn names(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

// ---------------------------------------------------------------------------------------------------------------------
// The document as OpenAPI 3.0

/// What the official schema of OpenAPI 3.0 and the rules that come with it have against a document: the pointer to the
/// place, where there is one place, and the message.
///
/// `x-webhooks` is an extension, about which the schema has no say. Since it holds path items all the same, each is
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
    let misspelt = broken("/components/responses/ResponseError404", |response| {
        let content = response.remove("content").expect("the content");
        response.insert("kontent".to_owned(), content);
    });
    assert_eq!(misspelt.len(), 1);
    assert!(
        misspelt[0].starts_with("/components/responses/ResponseError404: "),
        "{misspelt:?}"
    );
    assert_eq!(
        broken("/servers/0", |server| {
            server.insert("url".to_owned(), json!(443));
        }),
        ["/servers/0/url: 443 is not of type 'string'"]
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

// ---------------------------------------------------------------------------------------------------------------------
// The examples against their schemas

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

/// What is wrong with those examples of a document that `is_asked` picks by their pointer: the pointer to the example, the
/// pointer from there, and the message.
fn contradictions(
    document: &Value,
    is_asked: impl Fn(&str) -> bool,
) -> Vec<(String, String, String)> {
    let shared = shared_schemas(document);
    examples(document)
        .into_iter()
        .filter(|example| is_asked(&example.pointer))
        .flat_map(|example| {
            validator(&shared, example.schema)
                .iter_errors(example.value)
                .map(|error| {
                    (
                        example.pointer.clone(),
                        error.instance_path().to_string(),
                        error.to_string(),
                    )
                })
                .collect::<Vec<_>>()
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
    let document = description();
    assert_eq!(examples(&document).len(), EXAMPLES);

    // Counted once more without any idea of the document's structure, which works as long as no field and no example of
    // the API has a member of that name.
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
    assert_eq!(count(&document), EXAMPLES);
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
        (
            "/object/balance",
            json!(100.25),
            "is not of type \"string\"",
        ),
        ("/object/locked_for_trading", json!("-10"), "does not match"),
        ("/object/currency", json!("euro"), "is not one of"),
        ("/object/currency", json!(null), "is not of type \"string\""),
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

// ---------------------------------------------------------------------------------------------------------------------
// What every part of it has to have

#[test]
fn says_where_the_api_is_and_which_version_it_is() {
    let document = description();
    assert_eq!(at(&document, "/info/title"), "Upvest Investment API");
    assert_eq!(at(&document, "/info/version"), "1.156.0");
    assert_eq!(at(&document, "/info/contact/email"), "api@upvest.co");
    assert_eq!(at(&document, "/info/license/name"), "Apache 2.0");
    let servers: Vec<_> = document["servers"]
        .as_array()
        .expect("servers")
        .iter()
        .map(|s| &s["url"])
        .collect();
    assert_eq!(
        servers,
        ["https://sandbox.upvest.co", "https://api.upvest.co"]
    );
}

#[test]
fn every_response_carries_the_request_id() {
    let document = description();
    let mut responses = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path item") {
            let Some(statuses) = operation.get("responses") else {
                continue;
            };
            for status in names(statuses) {
                let path = path.replace('/', "~1");
                let response = at(
                    &document,
                    &format!("/paths/{path}/{method}/responses/{status}"),
                );
                assert_eq!(
                    names(&response["headers"]),
                    ["upvest-request-id"],
                    "{path} {status}"
                );
                let header = at(&document, "/components/headers/upvest-request-id");
                assert_eq!(
                    response["headers"]["upvest-request-id"]["$ref"],
                    "#/components/headers/upvest-request-id"
                );
                assert_eq!(header["required"], true);
                assert_eq!(
                    header["schema"],
                    json!({ "type": "string", "format": "uuid", "example": "169ae4c7-ebd7-4041-94da-25369653eba7" })
                );
                responses += 1;
            }
        }
    }
    assert_ne!(responses, 0);
}

/// Calls `check` with each operation of the paths, its method and path.
fn each_operation(document: &Value, mut check: impl FnMut(&str, &Value)) {
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path item") {
            if method != "parameters" {
                check(&format!("{method} {path}"), operation);
            }
        }
    }
}

#[test]
fn has_all_operations_and_the_webhooks_that_are_known() {
    let document = description();
    let mut ids = BTreeSet::new();
    each_operation(&document, |_, operation| {
        ids.insert(operation["operationId"].as_str().expect("an id").to_owned());
    });
    assert_eq!(ids.len(), 157);
    assert_eq!(names(&document["x-webhooks"]).len(), 36);
}

#[test]
fn every_operation_names_scopes_that_exist() {
    let document = description();
    let known = at(
        &document,
        "/components/securitySchemes/oauth-client-credentials/flows/clientCredentials/scopes",
    );
    assert_eq!(names(known).len(), 55);
    each_operation(&document, |name, operation| {
        let scopes = operation.pointer("/security/0/oauth-client-credentials");
        let scopes = scopes.and_then(Value::as_array);
        // Whoever asks for a token has none yet.
        if operation["operationId"] == "issue_token" {
            assert_eq!(scopes, None);
            return;
        }
        let scopes = scopes.unwrap_or_else(|| panic!("{name} has no scopes"));
        assert!(!scopes.is_empty(), "{name}");
        for scope in scopes {
            let scope = scope.as_str().expect("a scope");
            assert!(known.get(scope).is_some(), "{name}: {scope}");
        }
    });
}

#[test]
fn every_body_has_an_example() {
    fn check(name: &str, content: &Value) {
        for (kind, media) in content.as_object().into_iter().flatten() {
            let is_shown = media.get("example").is_some() || media.get("examples").is_some();
            assert!(is_shown || kind == "application/pdf", "{name} {kind}");
        }
    }
    let document = description();
    each_operation(&document, |name, operation| {
        check(name, &operation["requestBody"]["content"]);
        for (status, response) in operation["responses"].as_object().expect("responses") {
            check(&format!("{name} {status}"), &response["content"]);
        }
    });
    for (name, item) in document["x-webhooks"].as_object().expect("webhooks") {
        check(name, &item["post"]["requestBody"]["content"]);
    }
}

#[test]
fn everything_is_described() {
    /// Collects the places below `at` that have no words and should: types, members, parameters.
    fn wordless(at: &str, value: &Value, found: &mut Vec<String>) {
        let is_described = |of: &Value| match of["description"].as_str() {
            Some(text) => text.len() > 3,
            None => of.get("$ref").is_some(),
        };
        for (name, member) in value["properties"].as_object().into_iter().flatten() {
            let at = format!("{at}/{name}");
            if !is_described(member) {
                found.push(at.clone());
            }
            wordless(&at, member, found);
        }
        if let Some(items) = value.get("items") {
            wordless(&format!("{at}/items"), items, found);
        }
    }
    let document = description();
    let mut found = Vec::new();
    let schemas = &document["components"]["schemas"];
    for (name, schema) in schemas.as_object().expect("schemas") {
        if schema["description"].as_str().is_none_or(str::is_empty) {
            found.push(name.clone());
        }
        wordless(name, schema, &mut found);
    }
    for (name, item) in document["x-webhooks"].as_object().expect("webhooks") {
        let schema = &item["post"]["requestBody"]["content"]["application/json"]["schema"];
        wordless(name, schema, &mut found);
    }
    each_operation(&document, |name, operation| {
        for text in ["summary", "description"] {
            if operation[text].as_str().is_none_or(str::is_empty) {
                found.push(format!("{name} {text}"));
            }
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            if parameter.get("$ref").is_none() && parameter["description"].as_str().is_none() {
                found.push(format!("{name} {}", parameter["name"]));
            }
        }
    });
    assert_eq!(found, [""; 0]);
}
