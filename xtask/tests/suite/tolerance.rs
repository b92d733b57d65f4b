//! Tomorrow's API meets today's models, and today's programs tomorrow's models: what is only added makes
//! neither fail.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRunner};
use serde_json::{Map, Value, json};
use upvest_description::ir::{Api, Example, Ty, TypeKind};
use upvest_description::read::document::Document;
use upvest_models as models;
use xtask::tasks::standalone;

use crate::support::{assert_success, cargo, directory, workspace};

/// The same cases in every run.
fn runner(cases: u32) -> TestRunner {
    TestRunner::new(Config {
        cases,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::XorShift,
        rng_seed: RngSeed::Fixed(0x0075_7076_6573_7400),
        ..Config::default()
    })
}

/// What a field that nobody knows yet may hold.
fn any_value() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    plain.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,4}", inner, 0..3)
                .prop_map(|members| json!(members)),
        ]
    })
}

/// The types whose examples are tried.
const TRIED: &[&str] = &[
    "AccessToken",
    "AccessTokenRequest",
    "CashBalance",
    "CashBalanceList",
    "CashBalanceEvent",
    "CreateWebhookRequest",
    "UpdateWebhookRequest",
    "Webhook",
    "WebhookList",
    "JsonWebKeySet",
    "Problem",
];

/// Reads a value as the type of that name, and writes it back.
fn round_trip(name: &str, value: &Value) -> serde_json::Result<Value> {
    fn of<T: serde::de::DeserializeOwned + serde::Serialize>(
        value: &Value,
    ) -> serde_json::Result<Value> {
        // By way of text, as it arrives.
        serde_json::to_value(serde_json::from_str::<T>(&value.to_string())?)
    }
    match name {
        "AccessToken" => of::<models::AccessToken>(value),
        "AccessTokenRequest" => of::<models::AccessTokenRequest>(value),
        "CashBalance" => of::<models::CashBalance>(value),
        "CashBalanceList" => of::<models::CashBalanceList>(value),
        "CashBalanceEvent" => of::<models::CashBalanceEvent>(value),
        "CreateWebhookRequest" => of::<models::CreateWebhookRequest>(value),
        "UpdateWebhookRequest" => of::<models::UpdateWebhookRequest>(value),
        "Webhook" => of::<models::Webhook>(value),
        "WebhookList" => of::<models::WebhookList>(value),
        "JsonWebKeySet" => of::<models::JsonWebKeySet>(value),
        "Problem" => of::<models::Problem>(value),
        other => panic!("there are examples of `{other}` now: add it above"),
    }
}

/// Where an example has objects, and where it has values of open enums.
#[derive(Default)]
struct Places {
    objects: Vec<String>,
    enums: Vec<String>,
}

impl Places {
    fn find(&mut self, api: &Api, ty: &Ty, value: &Value, at: &str) {
        match (ty, value) {
            (Ty::Def(id), Value::String(_)) if matches!(api.def(*id).kind, TypeKind::Enum(_)) => {
                self.enums.push(at.to_owned());
            }
            (Ty::Def(_), Value::Object(members)) => {
                self.objects.push(at.to_owned());
                let (_, structure) = api.structure(ty).unwrap();
                for (name, member) in members {
                    let Some(field) = structure.field(name) else {
                        continue;
                    };
                    self.find(api, &field.ty, member, &format!("{at}/{name}"));
                }
            }
            (Ty::List(inner), Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.find(api, inner, item, &format!("{at}/{index}"));
                }
            }
            _ => {}
        }
    }
}

/// Timestamps are written in one way, however they were written before.
fn normalised(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.parse::<models::DateTime<models::Utc>>() {
            Ok(time) => json!(time),
            Err(_) => value.clone(),
        },
        Value::Array(items) => items.iter().map(normalised).collect(),
        Value::Object(members) => {
            let members: Map<String, Value> = members
                .iter()
                .map(|(name, member)| (name.clone(), normalised(member)))
                .collect();
            Value::Object(members)
        }
        other => other.clone(),
    }
}

#[test]
fn the_models_read_what_is_only_added() {
    let api = xtask::generate_vendored(&workspace(), &[]).unwrap().api;
    let is_tried = |one: &&Example| {
        let tried = api.structure(&one.ty).map(|(def, _)| def.name.as_str());
        tried.is_some_and(|name| TRIED.contains(&name))
    };
    let examples: Vec<Example> = api.examples.iter().filter(is_tried).cloned().collect();
    let examples = &examples[..];
    let fields = prop::collection::vec((any::<Index>(), "new_[a-z]{1,6}", any_value()), 0..4);
    let values = prop::collection::vec((any::<Index>(), "[A-Z][A-Z_.]{0,8}|.{0,6}"), 0..3);
    let (mut added, mut replaced) = (0, 0);
    let result = runner(256).run(
        &(any::<Index>(), fields, values),
        |(example, fields, values)| {
            let example = example.get(examples);
            let mut places = Places::default();
            places.find(&api, &example.ty, &example.value, "");
            let mut expected = example.value.clone();
            for (place, value) in values.iter().filter(|_| !places.enums.is_empty()) {
                *expected
                    .pointer_mut(place.get::<String>(&places.enums))
                    .unwrap() = json!(value);
            }
            let mut sent = expected.clone();
            for (place, name, value) in &fields {
                sent.pointer_mut(place.get::<String>(&places.objects))
                    .unwrap()[name] = value.clone();
            }
            let name = &api.structure(&example.ty).unwrap().0.name;
            let written = round_trip(name, &sent)
                .map_err(|error| TestCaseError::fail(format!("{}: {error}", example.pointer)))?;
            prop_assert_eq!(normalised(&written), normalised(&expected));
            Ok(())
        },
    );
    result.unwrap_or_else(|error| panic!("{error}"));
    // The examples have both kinds of places, so that the test tries something.
    for example in examples {
        let mut places = Places::default();
        places.find(&api, &example.ty, &example.value, "");
        added += places.objects.len();
        replaced += places.enums.len();
    }
    assert!(
        added > examples.len() && replaced > 0,
        "{added} objects, {replaced} values"
    );
}

/// A new version of the description that has more of everything: properties of every object, values of
/// every enum, optional parameters of every operation, operations, and webhooks.
fn with_additions(document: &Document, names: &[String]) -> Document {
    let mut grown = document.clone();
    let mut more = 0;
    each(&mut grown.root, &mut |value| {
        for name in names {
            if value["properties"].is_object() && value["type"] == "object" {
                value["properties"][format!("new_{name}")] = json!({ "type": "string" });
            }
            // An enum of one value is not a list that grows: it distinguishes a variant from others.
            if let Some(values) = value.get_mut("enum").and_then(Value::as_array_mut)
                && values.len() > 1
            {
                more += 1;
                values.push(format!("NEW.{}.{more}", name.to_uppercase()).into());
            }
            if value["operationId"].is_string() && value["responses"].is_object() {
                let parameter = json!({
                    "name": format!("new_{name}"), "in": "query", "schema": { "type": "integer" },
                });
                match value.get_mut("parameters").and_then(Value::as_array_mut) {
                    Some(parameters) => parameters.push(parameter),
                    None => value["parameters"] = json!([parameter]),
                }
            }
        }
    });
    for name in names {
        grown.root["paths"][format!("/new/{name}")] = json!({ "get": {
            "operationId": format!("retrieve_new_{name}"), "tags": ["Cash Balances"],
            "responses": { "200": { "description": "ok", "content": { "application/json": {
                "schema": { "type": "object", "properties": { "a": { "type": "string" } } },
            } } } },
        } });
        let id = json!({ "type": "string", "format": "uuid" });
        grown.root["x-webhooks"][format!("New {name} events")] = json!({ "post": {
            "operationId": format!("new_{name}_event"), "tags": ["Cash Balances"],
            "requestBody": { "content": { "application/json": { "schema": {
                "type": "object", "required": ["id", "created_at", "type", "webhook_id"],
                "properties": {
                    "id": id, "webhook_id": id,
                    "created_at": { "type": "string", "format": "date-time" },
                    "type": { "type": "string", "enum": [format!("OTHER_{}", name.to_uppercase())] },
                },
            } } } },
            "responses": { "200": { "description": "ok" } },
        } });
    }
    grown
}

fn each(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(_) => {
            change(value);
            let members = value.as_object_mut().into_iter().flatten();
            members.for_each(|(_, member)| each(member, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, change)),
        _ => {}
    }
}

/// A program that uses whatever there is to use compiles, unchanged, against what is only more.
#[test]
fn programs_compile_against_what_is_only_added() {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/published/program.rs");
    let program = std::fs::read_to_string(program).unwrap();
    let document = xtask::vendored(&workspace(), &[]).unwrap();
    let names = prop::collection::vec("[a-z]{3,8}", 1..4);
    for (index, count) in [0, 1].into_iter().enumerate() {
        let mut runner = runner(1);
        let mut added = names.new_tree(&mut runner).unwrap().current();
        added.truncate(added.len() * count);
        let grown = with_additions(&document, &added);
        let outcome = xtask::generate(&grown).unwrap_or_else(|error| panic!("{error}"));
        let directory = directory(&format!("additions_{index}")).join("new");
        let mut files = standalone::files(&workspace(), &outcome).unwrap();
        files.insert("client/examples/program.rs".into(), program.clone());
        standalone::write(&directory, &files).unwrap();
        assert_success(&cargo(
            &directory,
            &["check", "-p", "upvest-client", "--examples"],
        ));
    }
}
