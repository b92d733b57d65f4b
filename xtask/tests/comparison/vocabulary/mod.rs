//! Every kind of change with a pair of documents that shows it: what it is called, how bad it is,
//! for whom, and what it asks of `upvest-models` and of `upvest-client`.

use std::collections::BTreeSet;
use std::path::Path;

use upvest_description::diff::{ChangeKind, Class, Crate, Diff, RULES, VersionStep};
use upvest_description::lower::lock::Lock;
use upvest_description::read::document::Document;
use upvest_description::version::Version;

mod operations;
mod protocol;
mod schemas;

/// The document that all pairs begin with.
const BASE: &str = "openapi: 3.0.3
info: {title: Test, version: '1'}
servers: [{url: 'https://a.example'}]
paths:
  /things/{id}:
    get:
      operationId: get_thing
      summary: Get a thing.
      tags: [Things]
      security: [{oauth: [things:read]}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: limit, in: query, required: false, description: How many., schema: {type: integer, maximum: 100, default: 10}}
        - {name: sort, in: query, schema: {type: string}}
        - {name: authorization, in: header, schema: {type: string}}
      responses:
        '200': {description: ok, headers: {x-request-id: {schema: {type: string}}}, content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
        '404': {description: no such thing}
  /pages:
    get:
      operationId: list_pages
      tags: [Pages]
      x-sunset: '2027-01-01'
      parameters:
        - {name: first, in: query, required: true, schema: {type: boolean}}
        - {name: second, in: query, required: true, schema: {type: boolean}}
        - {name: limit, in: query, schema: {type: integer}}
        - {name: offset, in: query, schema: {type: integer}}
        - {name: kinds, in: query, schema: {type: array, items: {type: string}}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Pages'}}}}
  /orders:
    post:
      operationId: place_order
      tags: [Orders]
      security: [{oauth: [orders:write]}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
      responses:
        '200': {description: ok}
  /file:
    get: {operationId: get_file, tags: [Files], responses: {'200': {description: ok, content: {application/pdf: {schema: {type: string}}}}}}
x-webhooks:
  Thing events:
    post:
      operationId: thing_event
      summary: A thing happened.
      tags: [Things]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}}
      responses: {'200': {description: ok}}
  Pulse events:
    post:
      operationId: pulse_event
      tags: [Pulses]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Pulse'}}}}
      responses: {'200': {description: ok}}
components:
  securitySchemes:
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://a.example', scopes: {}}}}
  schemas:
    Thing:
      type: object
      description: A thing.
      properties:
        name: {type: string, description: Its name., maxLength: 10, default: a}
        colour: {type: string, enum: [RED, GREEN]}
        currency: {type: string, format: iso-4217, enum: [EUR, USD]}
        note: {type: string}
        figure: {oneOf: [{$ref: '#/components/schemas/Circle'}, {$ref: '#/components/schemas/Square'}]}
      required: [name, colour]
    Order:
      type: object
      properties:
        amount: {type: string, description: How much., maxLength: 20, default: b}
        side: {type: string, enum: [BUY, SELL]}
        currency: {type: string, format: iso-4217, enum: [EUR]}
        hint: {type: string}
      required: [amount, side]
    Pages:
      type: object
      properties:
        meta: {type: object, properties: {offset: {type: integer}, limit: {type: integer}}}
        data: {type: array, items: {$ref: '#/components/schemas/Circle'}}
      required: [meta, data]
    Pulse:
      type: object
      properties:
        id: {type: string, format: uuid}
        webhook_id: {type: string, format: uuid}
        created_at: {type: string, format: date-time}
        type: {type: string, enum: [PULSE]}
      required: [id, webhook_id, created_at, type]
    Circle: {type: object, properties: {radius: {type: integer}}, required: [radius]}
    Square: {type: object, properties: {width: {type: integer}}, required: [width]}
    Left: {type: object, properties: {left: {type: integer}}}
";

/// A change of the base: what is replaced, what by, what that means, and what the way back means.
struct Case {
    from: &'static str,
    to: &'static str,
    forth: &'static [&'static str],
    back: &'static [&'static str],
}

fn version(text: &str) -> Version {
    let document = Document::parse(text, Path::new("pair"));
    let version = document.and_then(|document| Version::of(document, &Lock::default()));
    version.unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn rows(diff: &Diff) -> Vec<String> {
    let changes = diff.changes.iter();
    changes
        .map(|change| {
            let colon = if change.detail.is_empty() { "" } else { ": " };
            format!(
                "{} | {} | {} | {}, {} | {}{colon}{}",
                change.kind.name(),
                change.class.name(),
                change.for_whom(),
                change.models.name(),
                change.client.name(),
                change.place,
                change.detail
            )
        })
        .collect()
}

#[test]
fn every_kind_of_change_is_reported_for_what_it_is() {
    let base = version(BASE);
    let mut shown: BTreeSet<ChangeKind> = BTreeSet::new();
    let mut wrong = Vec::new();
    let cases = [operations::CASES, schemas::CASES, protocol::CASES];
    for case in cases.into_iter().flatten() {
        let Case { from, to, .. } = case;
        assert_eq!(BASE.matches(from).count(), 1, "{from} is there once");
        let other = version(&BASE.replacen(from, to, 1));
        for (old, new, way, expected) in [
            (&base, &other, "forth", case.forth),
            (&other, &base, "back", case.back),
        ] {
            let diff = xtask::check::rust::diff(old, new).unwrap();
            if rows(&diff) != *expected {
                wrong.push(format!("{from:?} and {to:?}, {way}: {:#?}", rows(&diff)));
            }
            agree(&diff, from);
            shown.extend(diff.changes.iter().map(|change| change.kind));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let rules = RULES
        .iter()
        .filter(|rule| rule.kind != ChangeKind::RustChanged);
    let missing: Vec<&str> = rules
        .filter(|rule| !shown.contains(&rule.kind))
        .map(|rule| rule.name)
        .collect();
    assert!(missing.is_empty(), "no pair shows {missing:?}");
}

/// What vanishes from Rust breaks whoever named it, whatever the description calls it; and what the rows
/// ask for is what the Rust table asks for, from a minor step on.
fn agree(diff: &Diff, case: &str) {
    for of in [Crate::Models, Crate::Client] {
        let rust = diff.rust.iter().filter(|change| change.of == of);
        let (rust, rows) = (rust.map(|change| change.step).max(), diff.step(of));
        assert!(
            rust.unwrap_or(VersionStep::None) <= rows,
            "{case:?}: {:?}",
            diff.rust
        );
    }
    let is_lost = diff.rust.iter().any(|change| change.new.is_none());
    assert!(
        !is_lost || diff.class() == Some(Class::Breaking),
        "{case:?}: {:?}",
        diff.rust
    );
    let unexplained = diff
        .changes
        .iter()
        .find(|change| change.kind == ChangeKind::RustChanged);
    assert!(unexplained.is_none(), "{case:?}: {unexplained:?}");
}

#[test]
fn each_kind_has_its_own_rule_and_name() {
    for rule in RULES {
        assert_eq!(rule.kind.rule().name, rule.name);
    }
    let names: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
}

#[test]
fn nothing_changes_from_a_document_to_itself() {
    let diff = xtask::check::rust::diff(&version(BASE), &version(BASE)).unwrap();
    assert!(diff.changes.is_empty() && diff.rust.is_empty());
    assert_eq!(diff.class(), None);
}
