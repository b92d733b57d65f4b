//! No change is silent: whatever is taken out of a document or becomes something else is reported, whether
//! or not there is a rule for it.

use std::path::Path;

use serde_json::{Value, json};
use upvest_description::diff::{ChangeKind, Class, Diff};
use upvest_description::lower::lock::Lock;
use upvest_description::read::document::Document;
use upvest_description::read::yaml;
use upvest_description::version::Version;

/// A document with one of everything that a comparison has to see.
const RICH: &str = "openapi: 3.0.3
info: {title: Test, version: '1'}
servers: [{url: 'https://a.example'}]
x-audience: partners
paths:
  /things/{thing_id}:
    parameters:
      - {$ref: '#/components/parameters/Thing'}
    patch:
      operationId: update_thing
      tags: [Things]
      x-sunset: '2027-01-01'
      deprecated: true
      security: [{oauth: [things:write]}]
      parameters:
        - {name: kinds, in: query, explode: false, schema: {type: array, maxItems: 3, items: {type: string, maxLength: 5}}}
        - {name: signature, in: header, required: true, schema: {type: string, maxLength: 100}}
        - {name: idempotency-key, in: header, required: true, schema: {type: string, format: uuid}}
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Change'}}}
      responses:
        '200':
          description: ok
          headers: {x-request-id: {required: true, schema: {type: string, format: uuid}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        '400':
          description: refused
          headers: {x-request-id: {schema: {type: string}}}
          content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}
x-webhooks:
  Thing events:
    post:
      operationId: thing_event
      tags: [Things]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses: {'200': {description: ok}}
components:
  parameters:
    Thing: {name: thing_id, in: path, required: true, schema: {type: string, format: uuid}}
  securitySchemes:
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://a.example', scopes: {'things:write': Change things.}}}}
  schemas:
    Amount: {type: string, pattern: '^[a-z]+$', maxLength: 12}
    Thing:
      type: object
      properties:
        id: {type: string, format: uuid, readOnly: true}
        amount: {allOf: [{$ref: '#/components/schemas/Amount'}, {minLength: 2, description: How much.}]}
        colour: {type: string, enum: [RED, GREEN]}
        tags: {type: array, minItems: 1, items: {type: string, pattern: '^a'}}
        notes: {type: object, additionalProperties: {type: string, maxLength: 9}}
        figure: {oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]}
      required: [id, colour]
    Change:
      type: object
      minProperties: 1
      properties:
        amount: {$ref: '#/components/schemas/Amount'}
        secret: {type: string, format: password, writeOnly: true}
        until: {type: string, format: date, nullable: true, deprecated: true}
        level: {type: integer, format: int32, minimum: 1, maximum: 9, default: 3}
        rate: {type: number, multipleOf: 0.5}
    Circle: {type: object, properties: {radius: {type: integer}}, required: [radius]}
    Square: {type: object, properties: {width: {type: integer}}, required: [width]}
    Problem: {type: object, properties: {title: {type: string}, status: {type: integer}}}
";

/// Members that are words, examples, or the names of what is referred to.
const SILENT: &[&str] = &[
    "description",
    "example",
    "examples",
    "openapi",
    "summary",
    "operationId",
];

fn version(text: &str) -> upvest_description::error::Result<Version> {
    Version::of(
        Document::parse(text, Path::new("document"))?,
        &Lock::default(),
    )
}

fn between(old: &str, new: &str) -> Diff {
    let read = |text: &str| version(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    xtask::check::rust::diff(&read(old), &read(new)).unwrap()
}

/// All that can be made of a value by one small change.
fn mutants(value: &Value) -> Vec<Value> {
    let mut found = Vec::new();
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                if SILENT.contains(&key.as_str()) && !member.is_object() {
                    continue;
                }
                let mut without = members.clone();
                without.shift_remove(key);
                found.push(without.into());
                for changed in mutants(member) {
                    let mut with = members.clone();
                    with.insert(key.clone(), changed);
                    found.push(with.into());
                }
            }
            // Beside a reference nothing has a meaning.
            if !members.contains_key("$ref") {
                let mut with = members.clone();
                with.insert("x-new".to_owned(), json!(1));
                found.push(with.into());
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let mut without = items.clone();
                without.remove(index);
                found.push(without.into());
                for changed in mutants(item) {
                    let mut with = items.clone();
                    with[index] = changed;
                    found.push(with.into());
                }
            }
        }
        Value::Bool(is) => found.push((!is).into()),
        Value::Number(_) => found.push(json!(77)),
        Value::String(text) => found.push(format!("{text}x").into()),
        Value::Null => {}
    }
    found
}

#[test]
fn every_small_change_is_reported() {
    let root: Value = yaml::parse(RICH, Path::new("rich.yaml")).unwrap();
    let base = version(&root.to_string()).unwrap();
    let mut compared = 0;
    let mut silent = Vec::new();
    for mutant in mutants(&root) {
        let Ok(other) = version(&mutant.to_string()) else {
            continue;
        };
        for (old, new) in [(&base, &other), (&other, &base)] {
            compared += 1;
            let diff = xtask::check::rust::diff(old, new).unwrap();
            let is_told =
                |kind: ChangeKind| kind != ChangeKind::Elsewhere && kind != ChangeKind::RustChanged;
            if !diff.changes.iter().any(|change| is_told(change.kind)) {
                silent.push(difference(&root, &mutant));
            }
        }
    }
    assert!(compared > 300, "{compared}");
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

/// The first place at which two documents differ.
fn difference(old: &Value, new: &Value) -> String {
    match (old, new) {
        (Value::Object(before), Value::Object(after)) => {
            let keys = before.keys().chain(after.keys());
            let mut keys = keys.filter(|key| before.get(*key) != after.get(*key));
            let key = keys.next().map_or("", String::as_str);
            let null = Value::Null;
            let inner = difference(&old[key], after.get(key).unwrap_or(&null));
            format!("/{key}{inner}")
        }
        (old, new) => format!(": {old} → {new}"),
    }
}

/// What is replaced in [`RICH`], by what, what is reported, and how bad it is.
const CASES: &[(&str, &str, &str, Class)] = &[
    (
        "headers: {x-request-id: {required: true, schema: {type: string, format: uuid}}}",
        "headers: {}",
        "response header removed: update_thing 200: x-request-id",
        Class::Breaking,
    ),
    (
        "x-request-id: {required: true, schema",
        "x-request-id: {required: false, schema",
        "response header no longer always there: update_thing 200: x-request-id",
        Class::Breaking,
    ),
    (
        "        '400':\n          description: refused\n          headers: {x-request-id: {schema: {type: string}}}",
        "        '400':\n          description: refused\n          headers: {x-request-id: {schema: {type: integer}}}",
        "response header changed: update_thing 400: x-request-id: schema",
        Class::Breaking,
    ),
    (
        "required: true\n        content",
        "required: false\n        content",
        "body optional: update_thing",
        Class::Additive,
    ),
    (
        "minLength: 2",
        "minLength: 4",
        "limit of a field tightened: Thing.amount: minLength 2 → 4",
        Class::Harmless,
    ),
    (
        "maxLength: 12",
        "maxLength: 11",
        "limit of a field tightened: Change.amount: maxLength 12 → 11",
        Class::Breaking,
    ),
    (
        "items: {type: string, pattern: '^a'}",
        "items: {type: string, pattern: '^b'}",
        "limit of a field tightened: Thing.tags: of its elements: pattern \"^a\" → \"^b\"",
        Class::Harmless,
    ),
    (
        "maxLength: 9}",
        "maxLength: 8}",
        "limit of a field tightened: Thing.notes: of its elements: maxLength 9 → 8",
        Class::Harmless,
    ),
    (
        "items: {type: string, maxLength: 5}",
        "items: {type: string, maxLength: 4}",
        "limit of a parameter tightened: update_thing(kinds): of its elements: maxLength 5 → 4",
        Class::Breaking,
    ),
    (
        "format: uuid, readOnly: true",
        "format: uuid, readOnly: false",
        "field no longer read only: Thing.id",
        Class::Harmless,
    ),
    (
        "writeOnly: true",
        "readOnly: true",
        "field read only: Change.secret",
        Class::Breaking,
    ),
    (
        "explode: false",
        "explode: true",
        "parameter written differently: update_thing(kinds): joined by commas → one by one",
        Class::Breaking,
    ),
    (
        "'2027-01-01'",
        "'2026-12-01'",
        "sunset earlier: update_thing: 2027-01-01 → 2026-12-01",
        Class::Breaking,
    ),
    (
        "{type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://a.example', scopes: {'things:write': Change things.}}}}",
        "{type: http, scheme: bearer}",
        "security scheme changed: oauth",
        Class::Breaking,
    ),
    (
        "x-audience: partners",
        "x-audience: everybody",
        "not understood, check by hand: document: x-audience \"partners\" → \"everybody\"",
        Class::Breaking,
    ),
    (
        "minProperties: 1",
        "minProperties: 2",
        "not understood, check by hand: Change: minProperties 1 → 2",
        Class::Breaking,
    ),
];

#[test]
fn what_was_silent_once_is_reported() {
    let mut wrong = Vec::new();
    for (from, to, told, class) in CASES {
        assert_eq!(RICH.matches(from).count(), 1, "{from}");
        let diff = between(RICH, &RICH.replacen(from, to, 1));
        let rows: Vec<String> = diff
            .changes
            .iter()
            .map(|change| format!("{}: {}", change.kind.name(), change.what()))
            .collect();
        if !rows.iter().any(|row| row == told) || diff.class() != Some(*class) {
            wrong.push(format!("{from:?}: {:?} {rows:#?}", diff.class()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_security_scheme_that_another_takes_the_place_of_is_reported() {
    let swapped = RICH
        .replace(
            "security: [{oauth: [things:write]}]",
            "security: [{key: []}]",
        )
        .replace(
            "    oauth: {",
            "    key: {type: apiKey, in: header, name: x-key}\n    oauth: {",
        );
    let diff = between(RICH, &swapped);
    let kinds: Vec<ChangeKind> = diff.changes.iter().map(|change| change.kind).collect();
    for kind in [
        ChangeKind::SecurityAdded,
        ChangeKind::SecurityRemoved,
        ChangeKind::SchemeAdded,
    ] {
        assert!(kinds.contains(&kind), "{kinds:?}");
    }
    assert_eq!(diff.class(), Some(Class::Breaking));
}

/// A schema is the same wherever it stands.
#[test]
fn a_schema_that_moves_to_the_components_changes_nothing() {
    let inline = "colour: {type: string, enum: [RED, GREEN]}";
    let moved = RICH
        .replace(inline, "colour: {$ref: '#/components/schemas/Colour'}")
        .replace(
            "    Amount: {",
            "    Colour: {type: string, enum: [RED, GREEN]}\n    Amount: {",
        );
    for (old, new) in [(RICH, moved.as_str()), (&moved, RICH)] {
        let diff = between(old, new);
        let kinds: Vec<ChangeKind> = diff.changes.iter().map(|change| change.kind).collect();
        assert_eq!(kinds, [ChangeKind::Elsewhere], "{:?}", diff.changes);
    }
}

/// An order without meaning is not a change; but required fields have their places in `new`.
#[test]
fn order_counts_where_rust_counts_it() {
    let swapped = RICH
        .replace("[RED, GREEN]", "[GREEN, RED]")
        .replace("[id, colour]", "[colour, id]");
    let kinds =
        |diff: Diff| -> Vec<ChangeKind> { diff.changes.iter().map(|one| one.kind).collect() };
    assert_eq!(kinds(between(RICH, &swapped)), [ChangeKind::Elsewhere]);

    let required = RICH.replace("minProperties: 1", "required: [level, rate]");
    let swapped = required.replace(
        "        level: {type: integer, format: int32, minimum: 1, maximum: 9, default: 3}\n        rate: {type: number, multipleOf: 0.5}",
        "        rate: {type: number, multipleOf: 0.5}\n        level: {type: integer, format: int32, minimum: 1, maximum: 9, default: 3}",
    );
    assert_ne!(required, swapped);
    assert_eq!(
        kinds(between(&required, &swapped)),
        [ChangeKind::FieldsReordered]
    );
}
