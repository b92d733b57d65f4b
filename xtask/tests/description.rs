//! Holds `spec/upvest.yaml` against the official schema of OpenAPI 3.0, its examples against their own schemas, and what
//! it says against what Upvest's reference page says.

use std::collections::BTreeSet;
use std::path::Path;

use jsonschema::{Draft, Validator};
use openapi_spec_validator_rs::{ErrorMode, Options, Outcome, PathItem, ValidationError};
use serde_json::{Map, Value, json};
use xtask::read::examples::examples;

/// How many examples the document has: 18 in the shared responses (one of the header and one of the body in each of
/// nine), 11 in parameters, 12 of the header and 17 of bodies in the operations, 3 in the webhook.
const EXAMPLES: usize = 61;

/// The examples that are known to contradict their schema, with the pointer into the example and what is wrong there.
/// Upvest publishes them so, and the document stays as published. What is listed here has to be found: an entry that no
/// longer applies is a failure too.
const CONTRADICTIONS: [(&str, &str, &str); 2] = [
    // The number 1 as the example of a string that can only be "1". On the wire, in a header, the two are the same.
    (API_VERSION_EXAMPLE, "", "1 is not of type \"string\""),
    (API_VERSION_EXAMPLE, "", "1 is not one of \"1\""),
];

const API_VERSION_EXAMPLE: &str = "/components/parameters/apiVersion/schema/example";
const BALANCE: &str = "/paths/~1account_groups~1{account_group_id}~1payments~1cash_balance";
const BALANCE_BY_CURRENCY: &str =
    "/paths/~1account_groups~1{account_group_id}~1payments~1cash_balances~1{currency}";
const BALANCES: &str = "/paths/~1account_groups~1{account_group_id}~1payments~1cash_balances";
const EVENT: &str = "/x-webhooks/Cash Balance events/post/requestBody/content/application~1json";

fn text() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/upvest.yaml");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn description() -> Value {
    serde_saphyr::from_str(&text()).unwrap_or_else(|error| panic!("spec/upvest.yaml: {error}"))
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

/// A validator that takes every `format` seriously: one that is not known is an error, not a wave-through.
fn validator(document: &Value, schema: &Value) -> Validator {
    let mut root = json_schema(schema);
    if let (Some(root), Some(Value::Object(schemas))) = (
        root.as_object_mut(),
        document.pointer("/components/schemas"),
    ) {
        let schemas: Map<_, _> = schemas
            .iter()
            .map(|(k, v)| (k.clone(), json_schema(v)))
            .collect();
        root.insert("components".to_owned(), json!({ "schemas": schemas }));
    }
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_format("ISO4217", |code: &str| {
            code.len() == 3 && code.bytes().all(|letter| letter.is_ascii_uppercase())
        })
        .with_format("url", |url: &str| url.starts_with("https://"))
        // Of numbers: JSON Schema leaves those alone.
        .with_format("int32", |_: &str| false)
        .build(&root)
        .unwrap_or_else(|error| panic!("{schema} is not a schema to check examples with: {error}"))
}

/// What is wrong with the examples of a document: the pointer to the example, the pointer from there, and the message.
fn contradictions(document: &Value) -> Vec<(String, String, String)> {
    examples(document)
        .into_iter()
        .flat_map(|example| {
            validator(document, example.schema)
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
    let found = contradictions(&description());
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
        ("/object/currency", json!("euro"), "is not a \"ISO4217\""),
        ("/object/currency", json!(null), "is not of type \"string\""),
    ] {
        let mut document = description();
        *document
            .pointer_mut(&format!("{updated}{field}"))
            .expect("the field") = wrong;
        let found = contradictions(&document);
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
    example.insert("extra".to_owned(), json!(true));
    let found: BTreeSet<_> = contradictions(&document)
        .into_iter()
        .map(|(_, _, message)| message)
        .collect();
    assert!(
        found.contains("\"webhook_id\" is a required property"),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|message| message.contains("'extra' was unexpected")),
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
    let fits = |name: &str, value: Value| {
        validator(&document, &document["components"]["schemas"][name]).is_valid(&value)
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
// What it says against what the reference page says

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
fn lists_the_scopes_of_the_page() {
    let document = description();
    let schemes = at(&document, "/components/securitySchemes");
    assert_eq!(names(schemes), ["oauth-client-credentials"]);
    let scheme = &schemes["oauth-client-credentials"];
    assert_eq!(scheme["type"], "oauth2");
    assert_eq!(names(&scheme["flows"]), ["clientCredentials"]);
    let flow = &scheme["flows"]["clientCredentials"];
    assert_eq!(flow["tokenUrl"], "https://sandbox.upvest.co/auth/token");
    let expected = json!({
        "accounts:admin": "Create/update/delete accounts and account groups",
        "accounts:read": "Read accounts and account groups",
        "checks:admin": "Create checks",
        "checks:read": "Read checks",
        "credit_fundings:read": "Credit Fundings read operations",
        "fees:admin": "Create and read fee operations",
        "fees:read": "Read fee operations",
        "instruments:read": "Read instruments",
        "mandates:admin": "Create/update/delete mandates",
        "mandates:read": "Read mandates",
        "orders:admin": "Create/update/delete orders",
        "orders:read": "Read orders",
        "payments:admin": "Payins and withdrawal operations",
        "payments:read": "Payins and withdrawal read operations",
        "portfolios:admin": "Modify portfolios",
        "portfolios:read": "Read portfolios",
        "positions:read": "Read positions",
        "reference_accounts:admin": "Create/update/delete reference accounts",
        "reference_accounts:read": "Read reference accounts",
        "reports:read": "Read reports",
        "taxes:admin": "Modify tax residencies",
        "taxes:read": "Read tax residencies",
        "topups:admin": "Topups operations",
        "topups:read": "Topups read operations",
        "transactions:read": "Read cash and securities transactions",
        "users:admin": "Create/update/delete users",
        "users:read": "Read users",
        "valuations:read": "Read valuations",
        "webhooks:admin": "Create/update/delete webhooks",
        "webhooks:read": "Read webhooks",
    });
    assert_eq!(names(&expected).len(), 30);
    assert_eq!(flow["scopes"], expected);
}

#[test]
fn has_the_operations_with_their_scopes_and_errors() {
    let document = description();
    let to_read = json!([{ "oauth-client-credentials": ["webhooks:read", "webhooks:admin"] }]);
    let to_change = json!([{ "oauth-client-credentials": ["webhooks:admin"] }]);
    let expected = [
        (
            "/auth/token",
            "post",
            "issue_token",
            "Access Tokens",
            json!(null),
            "200 400 401 403 406 429 500 503 504",
        ),
        (
            "/auth/verify_keys",
            "get",
            "get_jwks",
            "Webhooks",
            to_read.clone(),
            "200 401 403 406 429 500 503 504",
        ),
        (
            "/webhooks",
            "get",
            "list_webhooks",
            "Webhooks",
            to_read.clone(),
            "200 400 401 403 406 429 500 503 504",
        ),
        (
            "/webhooks",
            "post",
            "create_webhook",
            "Webhooks",
            to_change.clone(),
            "201 400 401 403 406 429 500 503 504",
        ),
        (
            "/webhooks/{webhook_id}",
            "get",
            "retrieve_webhook",
            "Webhooks",
            to_read,
            "200 401 403 404 406 429 500 503 504",
        ),
        (
            "/webhooks/{webhook_id}",
            "delete",
            "delete_webhook",
            "Webhooks",
            to_change.clone(),
            "204 401 403 404 429 500 503 504",
        ),
        (
            "/webhooks/{webhook_id}",
            "patch",
            "update_webhook",
            "Webhooks",
            to_change.clone(),
            "200 400 401 403 404 406 429 500 503 504",
        ),
        (
            "/webhooks/{webhook_id}/test",
            "post",
            "test_webhook",
            "Webhooks",
            to_change,
            "202 401 403 404 406 429 500 503 504",
        ),
        (
            "/account_groups/{account_group_id}/payments/cash_balance",
            "get",
            "retrieve_cash_balance",
            "Cash Balances",
            json!([{ "oauth-client-credentials": ["positions:read"] }]),
            "200 401 403 404 406 429 500 503 504",
        ),
        (
            "/account_groups/{account_group_id}/payments/cash_balances",
            "get",
            "retrieve_cash_balances",
            "Cash Balances",
            json!([{ "oauth-client-credentials": ["positions:read"] }]),
            "200 401 403 404 406 429 500 503 504",
        ),
        (
            "/account_groups/{account_group_id}/payments/cash_balances/{currency}",
            "get",
            "retrieve_cash_balance_with_currency",
            "Cash Balances",
            json!([{ "oauth-client-credentials": ["positions:read"] }]),
            "200 401 403 404 406 429 500 503 504",
        ),
    ];
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        let methods = names(item).into_iter().filter(|name| *name != "parameters");
        found.extend(methods.map(|method| (path.as_str(), method)));
    }
    assert_eq!(found, expected.each_ref().map(|row| (row.0, row.1)));
    for (path, method, id, tag, security, statuses) in &expected {
        let item = &document["paths"][path];
        let operation = &item[method];
        assert_eq!(operation["operationId"], *id);
        assert_eq!(operation["tags"], json!([tag]));
        assert_eq!(operation.get("security").unwrap_or(&Value::Null), security);
        assert_eq!(names(&operation["responses"]).join(" "), *statuses);
    }
}

#[test]
fn has_the_parameters_of_the_page() {
    let document = description();
    let parameters = |path: &str| -> Vec<(String, Value)> {
        let list = at(&document, &format!("{path}/parameters"))
            .as_array()
            .expect("parameters");
        (0..list.len())
            .map(|index| {
                let mut parameter = at(&document, &format!("{path}/parameters/{index}")).clone();
                let members = parameter.as_object_mut().expect("a parameter");
                assert!(
                    members
                        .remove("description")
                        .is_some_and(|d| !d.as_str().unwrap_or("").is_empty())
                        || members["in"] == "path"
                );
                let name = members.remove("name").expect("a name");
                (name.as_str().expect("a string").to_owned(), parameter)
            })
            .collect()
    };
    let mut expected = vec![
        (
            "upvest-client-id".to_owned(),
            json!({ "in": "header", "required": true, "schema": {
                "type": "string", "format": "uuid", "example": "ebabcf4d-61c3-4942-875c-e265a7c2d062" } }),
        ),
        (
            "Authorization".to_owned(),
            json!({ "in": "header", "required": true, "schema": {
                "type": "string", "pattern": "^Bearer [a-zA-Z0-9\\-\\._~+/]*=*", "example": "Bearer c2VjcmV0Cg==" } }),
        ),
        (
            "signature".to_owned(),
            json!({ "in": "header", "required": true, "schema": { "type": "string" } }),
        ),
        (
            "signature-input".to_owned(),
            json!({ "in": "header", "required": true, "schema": { "type": "string" } }),
        ),
        (
            "upvest-api-version".to_owned(),
            json!({ "in": "header", "required": false, "schema": {
                "type": "string", "enum": ["1"], "default": "1", "example": 1 } }),
        ),
    ];
    // The page shows no examples for these two; those in the document are the published ones, of a form long gone.
    for (index, prefix) in [
        (2, "sig1=:K2qGT5srn2OGbOIDzQ6k"),
        (3, "sig1=(*request-target, *created, host, "),
    ] {
        let (name, parameter) = &mut expected[index];
        let (_, mut published) = parameters(BALANCE)
            .into_iter()
            .find(|(n, _)| n == name)
            .expect("the header");
        assert!(
            published["example"]
                .as_str()
                .is_some_and(|text| text.starts_with(prefix))
        );
        parameter["example"] = published["example"].take();
    }

    assert_eq!(parameters("/paths/~1auth~1verify_keys"), expected);
    let uuid = json!({ "type": "string", "format": "uuid" });
    let currency = json!({ "type": "string", "format": "ISO4217", "enum": ["EUR", "GBP"] });
    for (operation, in_path) in [
        ("/paths/~1webhooks", vec![]),
        (
            "/paths/~1webhooks~1{webhook_id}",
            vec![("webhook_id", &uuid)],
        ),
        (
            "/paths/~1webhooks~1{webhook_id}~1test",
            vec![("webhook_id", &uuid)],
        ),
        (BALANCE, vec![("account_group_id", &uuid)]),
        (BALANCES, vec![("account_group_id", &uuid)]),
        (
            BALANCE_BY_CURRENCY,
            vec![("account_group_id", &uuid), ("currency", &currency)],
        ),
    ] {
        let found = parameters(operation);
        let (path, headers) = found.split_at(in_path.len());
        assert_eq!(headers, expected);
        for ((name, found), (expected_name, schema)) in path.iter().zip(in_path) {
            assert_eq!(name, expected_name);
            assert_eq!(found["in"], "path");
            assert_eq!(found["required"], true);
            assert_eq!(bare(&found["schema"]), *schema);
        }
    }
    // A token is what this one is for, so it takes none.
    expected.remove(1);
    assert_eq!(parameters("/paths/~1auth~1token"), expected);
}

/// A schema without its prose.
fn bare(schema: &Value) -> Value {
    let mut schema = schema.clone();
    let members = schema.as_object_mut().expect("a schema");
    members.remove("title");
    members.remove("description");
    schema
}

/// Checks that a schema is an object of exactly these properties with these facts, that these are required and no others
/// allowed, and that each property is described.
fn assert_object(schema: &Value, required: &[&str], properties: &[(&str, Value)]) {
    assert_eq!(schema["type"], "object");
    assert_eq!(schema["additionalProperties"], false);
    assert_eq!(schema["required"], json!(required));
    assert_eq!(
        names(&schema["properties"]),
        properties.iter().map(|(name, _)| *name).collect::<Vec<_>>()
    );
    for (name, facts) in properties {
        let property = &schema["properties"][name];
        assert!(
            property["description"]
                .as_str()
                .is_some_and(|text| text.len() > 20),
            "{name} is not described"
        );
        if facts["type"] != "object" && facts["type"] != "array" {
            assert_eq!(bare(property), *facts, "{name}");
        }
    }
}

fn assert_cash_balance(schema: &Value) {
    let signed = json!({ "type": "string", "pattern": "^-?[0-9]{0,63}(\\.[0-9]{1,27})?$" });
    let unsigned = json!({ "type": "string", "pattern": "^[0-9]{0,63}(\\.[0-9]{1,27})?$" });
    let fields = [
        (
            "account_group_id",
            json!({ "type": "string", "format": "uuid" }),
        ),
        (
            "currency",
            json!({ "type": "string", "format": "ISO4217", "enum": ["EUR", "GBP"], "default": "EUR" }),
        ),
        ("balance", signed.clone()),
        ("locked_for_trading", unsigned.clone()),
        ("pending_settlement", unsigned),
        ("available_for_withdrawal", signed.clone()),
        ("available_for_trading", signed),
    ];
    assert_object(schema, &fields.each_ref().map(|(name, _)| *name), &fields);
}

#[test]
fn has_the_seven_fields_of_a_cash_balance() {
    let document = description();
    for operation in [BALANCE, BALANCE_BY_CURRENCY] {
        let content = at(&document, &format!("{operation}/get/responses/200/content"));
        assert_eq!(names(content), ["application/json"]);
        assert_cash_balance(&content["application/json"]["schema"]);
    }
}

#[test]
fn lists_the_cash_balances_with_an_envelope() {
    let document = description();
    let content = at(&document, &format!("{BALANCES}/get/responses/200/content"));
    assert_eq!(names(content), ["application/json"]);
    let list = &content["application/json"]["schema"];
    let (array, object) = (json!({ "type": "array" }), json!({ "type": "object" }));
    assert_object(
        list,
        &["meta", "data"],
        &[("meta", object), ("data", array)],
    );
    assert_cash_balance(&list["properties"]["data"]["items"]);
    let (string, integer) = (json!({ "type": "string" }), json!({ "type": "integer" }));
    assert_object(
        &list["properties"]["meta"],
        &["offset", "limit", "count", "total_count"],
        &[
            ("offset", integer.clone()),
            ("limit", integer.clone()),
            ("count", integer.clone()),
            ("total_count", integer),
            ("sort", string),
            (
                "order",
                json!({ "type": "string", "enum": ["ASC", "DESC"] }),
            ),
        ],
    );
}

/// A cash balance of the account group of all published examples, in euros.
fn balance([total, locked, pending, withdrawal, trading]: [&str; 5]) -> Value {
    json!({
        "account_group_id": "d0fc0305-97b7-4e3b-bddf-66d3c434898c",
        "currency": "EUR",
        "balance": total,
        "locked_for_trading": locked,
        "pending_settlement": pending,
        "available_for_withdrawal": withdrawal,
        "available_for_trading": trading,
    })
}

#[test]
fn has_the_five_examples_of_a_cash_balance() {
    let document = description();
    let found = at(
        &document,
        &format!("{BALANCE}/get/responses/200/content/application~1json/examples"),
    );
    let expected = [
        ("cash_balance", ["100.25", "10", "10", "80", "80"]),
        (
            "nominal_buy_order_new_cash_balance_update",
            ["1000", "1000", "0", "0", "0"],
        ),
        (
            "nominal_buy_order_filled_cash_balance_update",
            ["0", "0", "0", "0", "0"],
        ),
        (
            "unit_sell_order_filled_cash_balance_update",
            ["828.75", "0", "828.75", "0", "828.75"],
        ),
        (
            "cash_balance_available_before_withdrawal_request",
            ["200", "0", "0", "200", "0"],
        ),
    ];
    assert_eq!(names(found), expected.map(|(name, _)| name));
    for (name, amounts) in expected {
        assert_eq!(found[name]["value"], balance(amounts), "{name}");
    }
}

#[test]
fn has_the_problems_of_the_page() {
    let document = description();
    // The page's own: its 406 comes with the example of a 404, its 503 with that of a 405, and its 504 without any.
    for (status, code, kind) in [
        ("401", 401, "unauthorized"),
        ("403", 403, "forbidden"),
        ("404", 404, "not_found"),
        ("406", 404, "not_found"),
        ("429", 429, "too_many_requests"),
        ("500", 500, "internal_server_error"),
        ("503", 503, "method_not_allowed"),
        ("504", 504, "gateway_timeout"),
    ] {
        assert_problem(
            at(&document, &format!("{BALANCE}/get/responses/{status}")),
            code,
            kind,
        );
    }
    // What the other two operations add.
    assert_problem(
        at(&document, "/paths/~1auth~1token/post/responses/400"),
        400,
        "bad_request",
    );
    for operation in [
        "/paths/~1auth~1token/post",
        "/paths/~1auth~1verify_keys/get",
    ] {
        assert_problem(
            at(&document, &format!("{operation}/responses/406")),
            406,
            "not_acceptable",
        );
    }
}

fn assert_problem(response: &Value, status: u16, kind: &str) {
    assert_eq!(names(&response["content"]), ["application/problem+json"]);
    let content = &response["content"]["application/problem+json"];
    assert_eq!(
        content["example"],
        json!({ "status": status, "type": kind })
    );
    let string = json!({ "type": "string" });
    assert_object(
        &content["schema"],
        &["type", "status"],
        &[
            ("type", string.clone()),
            ("status", json!({ "type": "integer" })),
            ("title", string.clone()),
            ("detail", string.clone()),
            ("instance", string.clone()),
            ("request_id", string),
        ],
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
                let header = &response["headers"]["upvest-request-id"];
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

#[test]
fn has_the_webhook_with_its_three_examples() {
    let document = description();
    assert_eq!(names(&document["x-webhooks"]), ["Cash Balance events"]);
    let post = at(&document, "/x-webhooks/Cash Balance events/post");
    assert_eq!(post["operationId"], "cash_balance_event");
    assert_eq!(post["tags"], json!(["Cash Balances"]));
    assert_eq!(names(&post["responses"]), ["204"]);
    assert_eq!(names(&post["requestBody"]["content"]), ["application/json"]);

    let event = at(&document, EVENT);
    // Not a mistake in this file: the published title is that of another webhook.
    assert_eq!(event["schema"]["title"], "Webhook - Positions - Callback");
    let uuid = json!({ "type": "string", "format": "uuid" });
    let kind = json!({ "type": "string", "enum": ["CASH_BALANCE.UPDATED"], "default": "CASH_BALANCE.UPDATED" });
    assert_object(
        &event["schema"],
        &["id", "created_at", "type", "object", "webhook_id"],
        &[
            ("id", uuid.clone()),
            (
                "created_at",
                json!({ "type": "string", "format": "date-time" }),
            ),
            ("type", kind),
            ("object", json!({ "type": "object" })),
            ("webhook_id", uuid),
        ],
    );
    assert_cash_balance(&event["schema"]["properties"]["object"]);

    let expected = [
        (
            "cash_balance_updated",
            "8962b496-8d42-4560-bfab-10490dd1a724",
            "2021-07-21T14:10:00.00Z",
            ["100.25", "10", "10", "80", "80"],
        ),
        (
            "cash_balance_not_available_for_new_withdrawal",
            "a59c81ee-7770-4f6b-9ebe-8c268b78beb4",
            "2021-07-22T14:12:00.00Z",
            ["200", "0", "0", "0", "0"],
        ),
        (
            "cash_balance_empty_for_confirmed_withdrawal",
            "8c049f77-dc72-489d-8f5f-3871db782252",
            "2021-07-21T14:11:00.00Z",
            ["0", "0", "0", "0", "0"],
        ),
    ];
    assert_eq!(names(&event["examples"]), expected.map(|(name, ..)| name));
    for (name, id, created_at, amounts) in expected {
        assert_eq!(
            event["examples"][name]["value"],
            json!({
                "id": id,
                "created_at": created_at,
                "type": "CASH_BALANCE.UPDATED",
                "object": balance(amounts),
                "webhook_id": "9df39835-be87-4243-9018-f2500b39cee6",
            }),
            "{name}"
        );
    }
}

#[test]
fn has_the_token_request_and_its_answer() {
    let document = description();
    let limited = json!({ "type": "string", "maxLength": 1000 });
    let form = "/paths/~1auth~1token/post/requestBody/content/application~1x-www-form-urlencoded";
    assert_object(
        at(&document, &format!("{form}/schema")),
        &["client_id", "client_secret", "grant_type", "scope"],
        &[
            ("client_id", json!({ "type": "string", "format": "uuid" })),
            ("client_secret", limited.clone()),
            (
                "grant_type",
                json!({ "type": "string", "default": "client_credentials" }),
            ),
            ("scope", limited.clone()),
        ],
    );
    assert_object(
        at(
            &document,
            "/paths/~1auth~1token/post/responses/200/content/application~1json/schema",
        ),
        &["access_token", "expires_in", "token_type", "scope"],
        &[
            ("access_token", limited.clone()),
            ("expires_in", json!({ "type": "integer" })),
            (
                "token_type",
                json!({ "type": "string", "default": "bearer" }),
            ),
            ("scope", limited),
        ],
    );
}

#[test]
fn has_the_subscriptions_with_what_may_be_left_out() {
    let document = description();
    let schema = |place: &str| {
        let pointer = format!("/paths/{place}/content/application~1json/schema");
        at(&document, &pointer).clone()
    };
    let webhook = schema("~1webhooks~1{webhook_id}/get/responses/200");
    for same in [
        "~1webhooks/post/responses/201",
        "~1webhooks~1{webhook_id}/patch/responses/200",
    ] {
        assert_eq!(schema(same), webhook, "{same}");
    }
    let list = schema("~1webhooks/get/responses/200");
    assert_eq!(list["properties"]["data"]["items"], webhook);

    let of_request = ["title", "url", "type", "config"];
    let of_update = ["title", "url", "enabled", "type", "config"];
    let of_webhook = [
        "id",
        "created_at",
        "updated_at",
        "title",
        "url",
        "enabled",
        "type",
        "config",
    ];
    for (found, fields, required) in [
        (&webhook, &of_webhook[..], &of_webhook[..]),
        (
            &schema("~1webhooks/post/requestBody"),
            &of_request,
            &of_request[..2],
        ),
        (
            &schema("~1webhooks~1{webhook_id}/patch/requestBody"),
            &of_update,
            &[],
        ),
    ] {
        assert_eq!(names(&found["properties"]), fields);
        let expected = if required.is_empty() {
            json!(null)
        } else {
            json!(required)
        };
        assert_eq!(found.get("required").unwrap_or(&Value::Null), &expected);
        let config = &found["properties"]["config"]["properties"];
        assert_eq!(config["delay"]["pattern"], "^[1-9][0-9]?[sm]$");
        assert_eq!(config["max_package_size"]["minimum"], 100);
        assert_eq!(config["max_package_size"]["maximum"], 1_048_576);
        let kinds = &found["properties"]["type"];
        assert_eq!(kinds["default"], json!(["ALL"]));
        // The 27 of version 1.9.0, and `INSTRUMENT`.
        assert_eq!(kinds["items"]["enum"].as_array().map(Vec::len), Some(28));
    }
}

#[test]
fn has_the_verification_keys() {
    let document = description();
    let content = at(
        &document,
        "/paths/~1auth~1verify_keys/get/responses/200/content/application~1json",
    );
    assert_object(
        &content["schema"],
        &["keys"],
        &[("keys", json!({ "type": "array" }))],
    );
    let key = &content["schema"]["properties"]["keys"]["items"];
    assert_eq!(key.get("required"), None);
    assert_eq!(names(&key["properties"]), ["kid", "kty", "crv", "x", "y"]);
    assert_eq!(
        bare(&key["properties"]["kid"]),
        json!({ "type": "string", "format": "uuid" })
    );
    assert_eq!(
        bare(&key["properties"]["kty"]),
        json!({ "type": "string", "enum": ["EC"], "default": "EC" })
    );
    assert_eq!(
        bare(&key["properties"]["crv"]),
        json!({ "type": "string", "enum": ["P-521"], "default": "P-521" })
    );
    assert_eq!(
        content["example"]["keys"][0]["kid"],
        "9ed77463-c18e-4794-ab5c-17423f9b801a"
    );
}
