//! The JSON schemas of the models (feature `schemars`) against the description they come from.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};
use upvest_models as models;
use xtask::description::Description;
use xtask::types::{Kind, Type, referred};

use crate::support::workspace;

fn description() -> Description {
    xtask::generate_vendored(&workspace()).unwrap().description
}

/// The schema of every model by its name.
fn schemas() -> BTreeMap<&'static str, Value> {
    fn schema<T: JsonSchema>() -> Value {
        SchemaGenerator::default()
            .into_root_schema_for::<T>()
            .to_value()
    }
    macro_rules! schemas_of {
        ($($name:ident),* $(,)?) => {
            BTreeMap::from([$((stringify!($name), schema::<models::$name>())),*])
        };
    }
    schemas_of!(
        AccessToken,
        AccessTokenRequest,
        CashBalance,
        CashBalanceEvent,
        CashBalanceEventType,
        CashBalances,
        CreateWebhookRequest,
        Currency,
        JsonWebKey,
        JsonWebKeyCurve,
        JsonWebKeySet,
        JsonWebKeyType,
        ListMeta,
        Problem,
        SortOrder,
        UpdateWebhookRequest,
        Webhook,
        WebhookConfig,
        WebhookType,
        Webhooks,
        WebhooksSort,
    )
}

fn schema_of(kind: &Type) -> Value {
    schemas()
        .remove(kind.name.as_str())
        .unwrap_or_else(|| panic!("add `{}` to the table of this test", kind.name))
}

fn keys(object: &Value) -> BTreeSet<&str> {
    object
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .collect()
}

fn strings(array: &Value) -> BTreeSet<&str> {
    array
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

#[test]
fn every_struct_has_the_properties_of_the_description() {
    for kind in description()
        .types()
        .filter(|kind| kind.kind == Kind::Struct)
    {
        let schema = schema_of(kind);
        assert_eq!(
            keys(&schema["properties"]),
            keys(&kind.schema["properties"]),
            "{}",
            kind.name
        );
        assert_eq!(
            strings(&schema["required"]),
            strings(&kind.schema["required"]),
            "{}",
            kind.name
        );
        for (name, expected) in kind.schema["properties"].as_object().unwrap() {
            let place = format!("{}.{name}", kind.name);
            let found = &schema["properties"][name];
            let pattern = kind.fields[name].pattern.as_deref();
            assert_eq!(found["pattern"].as_str(), pattern, "{place}");
            match (referred(expected), expected["format"].as_str()) {
                (Some(part), _) => assert!(
                    found.to_string().contains(&format!("/{part}\"")),
                    "{place}: {found}"
                ),
                (None, Some("decimal")) => assert_eq!(found["type"], "string", "{place}"),
                (None, Some("secret")) => assert_eq!(found["format"], "password", "{place}"),
                (None, format) => {
                    if let Some(format) = format {
                        assert_eq!(found["format"], format, "{place}");
                    }
                    let kind = found["type"].as_str().or(found["type"][0].as_str());
                    assert_eq!(kind, expected["type"].as_str(), "{place}");
                }
            }
        }
    }
}

#[test]
fn every_enum_names_the_values_of_the_description_and_admits_more() {
    for kind in description()
        .types()
        .filter(|kind| kind.kind == Kind::OpenEnum)
    {
        let schema = schema_of(kind);
        assert_eq!(
            schema["anyOf"][0]["enum"], kind.schema["enum"],
            "{}",
            kind.name
        );
        assert!(jsonschema::is_valid(&schema, &json!("added tomorrow")));
        assert!(!jsonschema::is_valid(&schema, &json!(1)));
    }
}

#[test]
fn every_example_is_valid_and_what_is_missing_or_malformed_is_not() {
    let description = description();
    assert!(!description.examples.is_empty());
    for example in &description.examples {
        let name = referred(&example.schema).unwrap();
        let kind = description.types().find(|kind| kind.name == name).unwrap();
        let schema = schema_of(kind);
        jsonschema::validate(&schema, &example.value)
            .unwrap_or_else(|error| panic!("{}: {error}", example.pointer));
        for (property, field) in &kind.fields {
            let mut without = example.value.clone();
            let was_there = without.as_object_mut().unwrap().remove(property).is_some();
            let is_valid = jsonschema::is_valid(&schema, &without);
            assert_eq!(
                is_valid,
                !(field.required && was_there),
                "{} without {property}",
                example.pointer
            );
            if field.pattern.is_some() {
                let mut malformed = example.value.clone();
                malformed[property] = json!("1,5");
                assert!(
                    !jsonschema::is_valid(&schema, &malformed),
                    "{}: {property}",
                    example.pointer
                );
            }
        }
    }
}

#[test]
fn an_event_is_one_of_those_known_or_anything_like_an_event() {
    let schema = SchemaGenerator::default()
        .into_root_schema_for::<models::WebhookEvent>()
        .to_value();
    for example in &description().examples {
        let is_event = example.pointer.as_str().starts_with("/x-webhooks/");
        assert_eq!(
            jsonschema::is_valid(&schema, &example.value),
            is_event,
            "{}",
            example.pointer
        );
    }
    let mut tomorrow = json!({
        "id": "8962b496-8d42-4560-bfab-10490dd1a724",
        "created_at": "2021-07-21T14:10:00Z",
        "type": "MOON.FULL",
    });
    assert!(jsonschema::is_valid(&schema, &tomorrow));
    tomorrow["id"] = Value::Null;
    assert!(!jsonschema::is_valid(&schema, &tomorrow));
}
