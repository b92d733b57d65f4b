//! Random descriptions: what is generated of one compiles, or it is refused with its place.
//!
//! `cargo test -p xtask --test suite -- --ignored random` compiles 500 of them, in few crates; the variable
//! `UPVEST_RANDOM_DESCRIPTIONS` says how many others.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRunner};
use serde_json::{Value, json};
use upvest_description::read::document::Document;
use xtask::Outcome;
use xtask::tasks::standalone;

use crate::support::{assert_success, cargo, directory, workspace};

/// Names that are hard to have: reserved, colliding, of no letter, of too many kinds.
const NAMES: &[&str] = &[
    "id",
    "type",
    "self",
    "Self",
    "crate",
    "name",
    "Name",
    "NAME",
    "user_id",
    "userId",
    "user-id",
    "2fa",
    "a b",
    "é",
    "+",
    "",
    "_",
    "__x",
    "new",
    "clone",
    "default",
    "builder",
    "send",
    "body",
    "call",
    "timeout",
    "Option",
    "String",
    "Vec",
    "Value",
    "Result",
    "Box",
    "Some",
    "Default",
    "data",
    "meta",
    "offset",
    "limit",
    "total_count",
    "status",
    "K",
    "T",
    "x",
    "X",
    "async",
    "account_id",
    "account_ids",
    "created_at",
    "webhook_id",
    "additional_properties",
    "Set1",
    "SetterKind",
    "Call",
    "Client",
    "Error",
    "Secret",
    "Optional",
    "Unset",
    "mod",
    "Common",
    "examples",
    "\r",
    "a\u{202e}b",
    "\"quoted\"",
    "back\\slash",
    "#",
    "Uuid",
    "gen",
];

const TEXTS: &[&str] = &[
    "",
    "A text.",
    "Two\rlines",
    "```\nlet x = ;\n```",
    "[link](",
    "    indented",
    "*/ end",
    "`",
    "a\u{202e}b",
    "<b>",
    "| a | b |\n|---|---|",
    "# Errors",
    "ends with \\",
];

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        5 => prop::sample::select(NAMES).prop_map(str::to_owned),
        60 => "[a-z]{2,8}(_[a-z]{1,5})?",
        1 => "[ -~]{1,6}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop::sample::select(TEXTS).prop_map(str::to_owned)
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        40 => plain(),
        2 => Just(json!({})),
        2 => Just(json!({ "type": "object" })),
        4 => Just(json!({ "$ref": "#/components/schemas/Shared" })),
        1 => Just(json!({ "$ref": "#/components/schemas/Nothing" })),
    ]
}

/// What an argument may be.
fn plain() -> impl Strategy<Value = Value> {
    let decimal = r"^-?[0-9]{0,63}(\.[0-9]{1,27})?$";
    prop_oneof![
        3 => Just(json!({ "type": "string" })),
        1 => Just(json!({ "type": "string", "format": "uuid" })),
        1 => Just(json!({ "type": "string", "format": "date-time" })),
        1 => Just(json!({ "type": "string", "format": "date" })),
        1 => Just(json!({ "type": "string", "format": "password" })),
        2 => Just(json!({ "type": "string", "pattern": decimal })),
        1 => Just(json!({ "type": "string", "pattern": decimal, "x-rust-empty": true })),
        1 => Just(json!({ "type": "string", "format": "date", "x-rust-empty": "clears" })),
        1 => Just(json!({ "type": "string", "pattern": "^([a-z]{1,9}|[0-9]+)?$", "maxLength": 9 })),
        1 => Just(json!({ "type": "integer" })),
        1 => Just(json!({ "type": "integer", "format": "int32", "minimum": 1 })),
        1 => Just(json!({ "type": "number" })),
        1 => Just(json!({ "type": "boolean" })),
        2 => prop::collection::vec(name(), 1..4)
            .prop_map(|values| json!({ "type": "string", "enum": values })),
    ]
}

fn object(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let property = (name(), inner, any::<bool>());
    let rest = prop::option::weighted(0.2, leaf());
    (prop::collection::vec(property, 0..7), rest, text()).prop_map(|(properties, rest, text)| {
        let mut schema = json!({ "type": "object", "description": text, "properties": {} });
        let mut required = Vec::new();
        for (name, property, is_required) in properties {
            if is_required {
                required.push(name.clone());
            }
            schema["properties"][name] = property;
        }
        if !required.is_empty() {
            schema["required"] = required.into();
        }
        if let Some(rest) = rest {
            schema["additionalProperties"] = rest;
        }
        schema
    })
}

fn schema() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 24, 6, |inner| {
        let nullable = |mut schema: Value| {
            schema["nullable"] = true.into();
            schema
        };
        prop_oneof![
            5 => object(inner.clone()),
            2 => inner.clone().prop_map(|items| json!({ "type": "array", "items": items })),
            1 => inner.clone().prop_map(|of| json!({ "type": "object", "additionalProperties": of })),
            2 => inner.clone().prop_map(nullable),
            1 => prop::collection::vec(inner.clone(), 1..3).prop_map(|all| json!({ "allOf": all })),
            1 => (object(inner.clone()), object(inner.clone()))
                .prop_map(|(a, b)| { let mut a = a; a["allOf"] = json!([b]); a }),
            1 => prop::collection::vec(object(inner), 1..3)
                .prop_map(|all| json!({ "oneOf": all, "x-rust-variants": "in order" })),
        ]
    })
}

fn parameter() -> impl Strategy<Value = Value> {
    let place = prop::sample::select(vec!["query", "header"]);
    let kind = prop_oneof![
        30 => plain(),
        10 => plain().prop_map(|items| json!({ "type": "array", "items": items })),
        1 => leaf(),
    ];
    (name(), place, any::<bool>(), any::<bool>(), kind, text()).prop_map(
        |(name, place, required, explode, schema, text)| {
            json!({
                "name": name, "in": place, "required": required, "explode": explode,
                "schema": schema, "description": text,
            })
        },
    )
}

fn operation() -> impl Strategy<Value = Value> {
    let parameters = prop::collection::vec(parameter(), 0..5);
    let body = prop::option::of(schema());
    let answer = prop::option::of(schema());
    (name(), name(), text(), parameters, body, answer).prop_map(
        |(id, tag, text, parameters, body, answer)| {
            let content = |schema: Value| json!({ "application/json": { "schema": schema } });
            let mut operation = json!({
                "operationId": id, "tags": [tag], "summary": text, "parameters": parameters,
                "responses": { "200": { "description": "" } },
            });
            if let Some(schema) = answer {
                operation["responses"]["200"]["content"] = content(schema);
            }
            if let Some(schema) = body {
                operation["requestBody"] = json!({ "content": content(schema) });
            }
            operation
        },
    )
}

fn document() -> impl Strategy<Value = Value> {
    let operations = prop::collection::vec(operation(), 1..4);
    let components = prop::collection::vec((name(), schema()), 0..3);
    (operations, components).prop_map(|(operations, components)| {
        let mut document = json!({
            "openapi": "3.0.3",
            "info": { "title": "Random", "version": "1" },
            "paths": {},
            "components": { "schemas": {
                "Shared": { "type": "object", "properties": {
                    "a": { "type": "string" }, "ring": reference("Ring"), "again": reference("Shared"),
                } },
                "Ring": { "type": "object", "required": ["rings"], "properties": {
                    "rings": { "type": "array", "items": reference("Ring") }, "shared": reference("Shared"),
                } },
                "Problem": problem(),
            } },
        });
        for (index, operation) in operations.into_iter().enumerate() {
            document["paths"][format!("/p{index}")] = json!({ "post": operation });
        }
        for (name, schema) in components {
            document["components"]["schemas"][name] = schema;
        }
        document
    })
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

fn problem() -> Value {
    let text = json!({ "type": "string" });
    json!({
        "type": "object", "required": ["type", "status"],
        "properties": {
            "type": text, "status": { "type": "integer" }, "title": text, "detail": text,
            "instance": text, "request_id": text,
        },
    })
}

fn documents(count: u32) -> Vec<Value> {
    let mut runner = TestRunner::new(Config {
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::XorShift,
        rng_seed: RngSeed::Fixed(0x0075_7076_6573_7401),
        ..Config::default()
    });
    let strategy = document();
    let one = |_| strategy.new_tree(&mut runner).unwrap().current();
    (0..count).map(one).collect()
}

/// What is generated, or nothing if it is refused as it should be.
fn generate(document: &Value) -> Option<Outcome> {
    let parsed = Document::parse(&document.to_string(), Path::new("random")).unwrap();
    match xtask::generate(&parsed) {
        Ok(outcome) => Some(outcome),
        Err(error) => {
            let told = error.to_string();
            assert!(told.starts_with("random#/"), "{told}\n{document:#}");
            None
        }
    }
}

#[test]
fn random_descriptions_are_taken_or_refused_with_their_place() {
    let taken = documents(300).iter().filter_map(generate).count();
    assert!(taken > 90, "{taken} are taken");
}

/// Compiles them, as many as `UPVEST_RANDOM_DESCRIPTIONS` says, a hundred at a time.
#[test]
#[ignore = "compiles for minutes"]
fn random_descriptions_compile() {
    let count =
        std::env::var("UPVEST_RANDOM_DESCRIPTIONS").map_or(500, |count| count.parse().unwrap());
    let first = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/constructs/problem_details.yaml");
    let mut methods = BTreeSet::new();
    let mut cases: Vec<(String, Outcome)> = Vec::new();
    let mut refused = 0;
    for (index, mut document) in documents(count).into_iter().enumerate() {
        let Some(outcome) = generate(&document) else {
            refused += 1;
            continue;
        };
        // All cases have one client: a method that another case has gets a number.
        let is_new = |one: &str| one != "get_thing" && !methods.contains(one);
        let mut outcome = outcome;
        if !outcome.api.operations.iter().all(|one| is_new(&one.name)) {
            for (place, item) in document["paths"]
                .as_object_mut()
                .unwrap()
                .values_mut()
                .enumerate()
            {
                let id = item["post"]["operationId"].as_str().unwrap().to_owned();
                item["post"]["operationId"] = format!("{id} {index} {place}").into();
            }
            outcome = match generate(&document) {
                Some(outcome) => outcome,
                None => continue,
            };
        }
        methods.extend(outcome.api.operations.iter().map(|one| one.name.clone()));
        cases.push((format!("random_{index}"), outcome));
    }
    println!("{} of {count} are taken, {refused} refused", cases.len());
    let mut number = 0;
    while !cases.is_empty() {
        number += 1;
        let mut part: Vec<(String, Outcome)> = cases.split_off(cases.len().saturating_sub(100));
        part.insert(
            0,
            ("first".to_owned(), xtask::generate_from(&first).unwrap()),
        );
        let directory = directory(&format!("random_{number}")).join("new");
        let files = standalone::batch(&workspace(), &part).unwrap();
        standalone::write(&directory, &files).unwrap();
        assert_success(&cargo(
            &directory,
            &[
                "check",
                "--workspace",
                "--features",
                "upvest-models/schemars,upvest-models/testing",
            ],
        ));
    }
}
