//! Tomorrow's API meets today's models: what is only added never makes them fail, and `spec diff`
//! never calls it breaking.

use std::path::Path;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, RngAlgorithm, RngSeed, TestRunner};
use serde_json::{Map, Value, json};
use upvest_models as models;
use xtask::description::Example;
use xtask::diff::{Class, Diff, Version};
use xtask::types::{Kind, Type, referred};

use crate::support::{description_with, workspace};

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
        "CashBalances" => of::<models::CashBalances>(value),
        "CashBalanceEvent" => of::<models::CashBalanceEvent>(value),
        "CreateWebhookRequest" => of::<models::CreateWebhookRequest>(value),
        "UpdateWebhookRequest" => of::<models::UpdateWebhookRequest>(value),
        "Webhook" => of::<models::Webhook>(value),
        "Webhooks" => of::<models::Webhooks>(value),
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
    fn find(&mut self, types: &[&Type], schema: &Value, value: &Value, at: &str) {
        if let Some([inner]) = schema["allOf"].as_array().map(Vec::as_slice) {
            return self.find(types, inner, value, at);
        }
        let named = referred(schema).and_then(|name| types.iter().find(|one| one.name == name));
        match (named, value) {
            (Some(kind), Value::String(_)) if kind.kind == Kind::OpenEnum => {
                self.enums.push(at.to_owned())
            }
            (Some(kind), Value::Object(members)) => {
                self.objects.push(at.to_owned());
                for (name, member) in members {
                    self.find(
                        types,
                        &kind.schema["properties"][name],
                        member,
                        &format!("{at}/{name}"),
                    );
                }
            }
            (None, Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    self.find(types, &schema["items"], item, &format!("{at}/{index}"));
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
    let description = xtask::generate_vendored(&workspace()).unwrap().description;
    let types: Vec<&Type> = description.types().collect();
    let examples: &[Example] = &description.examples;
    let fields = prop::collection::vec((any::<Index>(), "new_[a-z]{1,6}", any_value()), 0..4);
    let values = prop::collection::vec((any::<Index>(), "[A-Z][A-Z_.]{0,8}|.{0,6}"), 0..3);
    let (mut added, mut replaced) = (0, 0);
    let result = runner(256).run(
        &(any::<Index>(), fields, values),
        |(example, fields, values)| {
            let example = example.get(examples);
            let mut places = Places::default();
            places.find(&types, &example.schema, &example.value, "");
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
            let name = referred(&example.schema).unwrap();
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
        places.find(&types, &example.schema, &example.value, "");
        added += places.objects.len();
        replaced += places.enums.len();
    }
    assert!(
        added > examples.len() && replaced > 0,
        "{added} objects, {replaced} values"
    );
}

/// Something that a new version may have more than the old one.
#[derive(Clone, Debug)]
enum Addition {
    Field(Index, String, &'static str),
    Value(Index, String),
    Operation(String),
}

fn any_addition() -> impl Strategy<Value = Addition> {
    let kind = prop::sample::select(vec!["string", "integer", "boolean", "number"]);
    prop_oneof![
        (any::<Index>(), "new_[a-z]{1,6}", kind)
            .prop_map(|(place, name, kind)| Addition::Field(place, name, kind)),
        (any::<Index>(), "NEW_[A-Z]{1,6}").prop_map(|(place, value)| Addition::Value(place, value)),
        "[a-z]{3,8}".prop_map(Addition::Operation),
    ]
}

/// The document with an addition. What stands in several places is added in all of them, as long
/// as they are the same: otherwise one type would become two.
fn add(document: &mut Value, types: &[&Type], addition: &Addition) {
    match addition {
        Addition::Field(place, name, kind) => {
            let structs: Vec<&&Type> = types
                .iter()
                .filter(|one| one.kind == Kind::Struct)
                .collect();
            let names = |schema: &Value| -> Vec<String> {
                schema["properties"]
                    .as_object()
                    .into_iter()
                    .flat_map(|members| members.keys().cloned())
                    .collect()
            };
            let wanted = names(&place.get(&structs).schema);
            let is_meant = |schema: &Value| {
                let known = names(schema)
                    .into_iter()
                    .filter(|name| !name.starts_with("new_"));
                known.eq(wanted.iter().cloned())
            };
            each(document, &mut |schema| {
                if is_meant(schema) {
                    schema["properties"][name] = json!({ "type": kind });
                }
            });
        }
        Addition::Value(place, value) => {
            let enums: Vec<&&Type> = types
                .iter()
                .filter(|one| one.kind == Kind::OpenEnum)
                .collect();
            let first = place.get(&enums).schema["enum"][0].clone();
            each(document, &mut |schema| {
                let values = schema.get_mut("enum").and_then(Value::as_array_mut);
                if let Some(values) = values.filter(|values| values.first() == Some(&first))
                    && !values.contains(&json!(value))
                {
                    values.push(json!(value));
                }
            });
        }
        Addition::Operation(name) => {
            document["paths"][format!("/new/{name}")] = json!({ "get": {
                "operationId": format!("retrieve_new_{name}"),
                "tags": ["Cash Balances"],
                "parameters": [{ "name": "limit", "in": "query", "schema": { "type": "integer" } }],
                "responses": { "200": { "description": "ok", "content": { "application/json": { "schema": {
                    "type": "object", "properties": { format!("of_{name}"): { "type": "string" } }
                } } } } },
            } });
        }
    }
}

fn each(value: &mut Value, change: &mut impl FnMut(&mut Value)) {
    match value {
        Value::Object(_) => {
            change(value);
            value
                .as_object_mut()
                .into_iter()
                .flatten()
                .for_each(|(_, member)| each(member, change));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each(item, change)),
        _ => {}
    }
}

#[test]
fn what_is_only_added_is_never_called_breaking() {
    let old = Version::read(&description_with(&[]), Path::new("old"), &[]).unwrap();
    let types: Vec<&Type> = old.outcome.description.types().collect();
    let additions = prop::collection::vec(any_addition(), 1..5);
    let result = runner(12).run(&additions, |additions| {
        let mut document = old.document.root.clone();
        additions
            .iter()
            .for_each(|addition| add(&mut document, &types, addition));
        let new = Version::read(&document.to_string(), Path::new("new"), &[])
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        let diff =
            Diff::between(&old, &new).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!(
            diff.class(),
            Some(Class::Additive),
            "{:?} {:?}",
            diff.changes,
            diff.rust
        );
        Ok(())
    });
    result.unwrap_or_else(|error| panic!("{error}"));
}
