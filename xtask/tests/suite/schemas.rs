//! The JSON schemas of the models (feature `schemars`) against the description they come from.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Value, json};
use upvest_description::ir::{Api, Def, Field, Id, Presence, Struct, Ty, TypeKind};
use upvest_models as models;

use crate::support::workspace;

fn api() -> Api {
    xtask::generate_vendored(&workspace(), &[]).unwrap().api
}

/// Those of the types that the table of this test has.
fn tried(api: &Api) -> impl Iterator<Item = &Def> {
    let schemas = schemas();
    let is_tried = move |def: &&Def| schemas.contains_key(def.name.as_str());
    api.defs.iter().filter(is_tried)
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
        AccountGroupId,
        CashBalanceList,
        WebhookEventKind,
        WebhookList,
        CashBalance,
        CashBalanceEvent,
        CreateWebhookRequest,
        Currency,
        JsonWebKey,
        JsonWebKeySet,
        Problem,
        UpdateWebhookRequest,
        Webhook,
        WebhookConfig,
        WebhookId,
    )
}

fn schema_of(def: &Def) -> Value {
    schemas()
        .remove(def.name.as_str())
        .unwrap_or_else(|| panic!("add `{}` to the table of this test", def.name))
}

fn structs(api: &Api) -> impl Iterator<Item = (&Def, &Struct)> {
    tried(api).filter_map(|def| match &def.kind {
        TypeKind::Struct(structure) => Some((def, structure)),
        _ => None,
    })
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
    let api = api();
    for (def, structure) in structs(&api) {
        let schema = schema_of(def);
        let fields = structure.fields.iter();
        let wires: BTreeSet<&str> = fields.clone().map(|one| one.wire.as_str()).collect();
        assert_eq!(keys(&schema["properties"]), wires, "{}", def.name);
        let required = fields.filter(|one| one.presence == Presence::Required);
        let required: BTreeSet<&str> = required.map(|one| one.wire.as_str()).collect();
        assert_eq!(strings(&schema["required"]), required, "{}", def.name);
        for field in &structure.fields {
            let place = format!("{}.{}", def.name, field.wire);
            property(&api, field, &schema["properties"][&field.wire], &place);
        }
    }
}

fn property(api: &Api, field: &Field, found: &Value, place: &str) {
    assert_eq!(found["pattern"].as_str(), field.limits.pattern(), "{place}");
    let kind = found["type"].as_str().or(found["type"][0].as_str());
    let expected = match &field.ty {
        Ty::Def(id) => {
            let part = format!("/{}\"", api.def(*id).name);
            return assert!(found.to_string().contains(&part), "{place}: {found}");
        }
        Ty::Secret => return assert_eq!(found["format"], "password", "{place}"),
        Ty::I32 | Ty::I64 => "integer",
        Ty::Bool => "boolean",
        Ty::List(_) => "array",
        _ => "string",
    };
    assert_eq!(kind, Some(expected), "{place}");
    for (ty, format) in [(Ty::Uuid, "uuid"), (Ty::DateTime, "date-time")] {
        assert!(
            field.ty != ty || found["format"] == format,
            "{place}: {found}"
        );
    }
}

#[test]
fn every_enum_names_the_values_of_the_description_and_admits_more() {
    for def in tried(&api()) {
        if let TypeKind::Enum(values) = &def.kind {
            let schema = schema_of(def);
            let values: Vec<&str> = values.iter().map(|one| one.wire.as_str()).collect();
            assert_eq!(schema["anyOf"][0]["enum"], json!(values), "{}", def.name);
            assert!(jsonschema::is_valid(&schema, &json!("added tomorrow")));
            assert!(!jsonschema::is_valid(&schema, &json!(1)));
        }
    }
}

#[test]
fn every_id_is_what_it_is_written_as() {
    for def in tried(&api()) {
        if let TypeKind::Id(form) = &def.kind {
            let schema = schema_of(def);
            assert_eq!(schema["type"], "string", "{}", def.name);
            assert_eq!(
                schema["format"] == "uuid",
                *form == Id::Uuid,
                "{}",
                def.name
            );
        }
    }
}

#[test]
fn every_example_is_valid_and_what_is_missing_or_malformed_is_not() {
    let api = api();
    assert!(!api.examples.is_empty());
    for example in &api.examples {
        let Some((def, structure)) = api.structure(&example.ty) else {
            continue;
        };
        if !tried(&api).any(|one| one.name == def.name) {
            continue;
        }
        let schema = schema_of(def);
        jsonschema::validate(&schema, &example.value)
            .unwrap_or_else(|error| panic!("{}: {error}", example.pointer));
        for field in &structure.fields {
            let mut without = example.value.clone();
            let was_there = without
                .as_object_mut()
                .unwrap()
                .remove(&field.wire)
                .is_some();
            let is_needed = field.presence == Presence::Required && was_there;
            let is_valid = jsonschema::is_valid(&schema, &without);
            assert_eq!(
                is_valid, !is_needed,
                "{} without {}",
                example.pointer, field.wire
            );
            if field.limits.pattern().is_some() {
                let mut malformed = example.value.clone();
                malformed[&field.wire] = json!("1,5");
                let is_valid = jsonschema::is_valid(&schema, &malformed);
                assert!(!is_valid, "{}: {}", example.pointer, field.wire);
            }
        }
    }
}

#[test]
fn an_event_is_one_of_those_known_or_anything_like_an_event() {
    let schema = SchemaGenerator::default()
        .into_root_schema_for::<models::WebhookEvent>()
        .to_value();
    for example in &api().examples {
        let is_event = example.pointer.as_str().starts_with("/x-webhooks/");
        let is_valid = jsonschema::is_valid(&schema, &example.value);
        assert!(is_valid || !is_event, "{}", example.pointer);
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
