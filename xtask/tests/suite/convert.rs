//! What is not written as OpenAPI 3.0 has it: one construct each, before and after.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::Value;
use upvest_description::error::Error;
use upvest_description::read::document::Document;
use xtask::emit::Files;

use crate::support::{assert_untouched, directory, files, xtask};

/// A document of that version around one schema.
fn around(version: &str, schema: &str) -> String {
    format!(
        "openapi: {version}\ninfo: {{title: Test, version: '1'}}\npaths: {{}}\ncomponents: {{schemas: {{Thing: {schema}}}}}\n"
    )
}

fn converted(text: &str) -> Result<Value, Error> {
    Ok(Document::parse(text, Path::new("document.yaml"))?.root)
}

/// The schema of [`around`], converted.
fn schema(version: &str, schema: &str) -> Value {
    let mut root = converted(&around(version, schema)).unwrap_or_else(|error| panic!("{error}"));
    root["components"]["schemas"]["Thing"].take()
}

fn before_and_after(version: &str, schemas: &[&str]) -> String {
    let mut shown = String::new();
    for one in schemas {
        let after = upvest_description::read::yaml::write(&schema(version, one)).unwrap();
        writeln!(shown, "# before: {one}\n{after}").unwrap();
    }
    shown
}

/// The members of a document of OpenAPI 3.1 that are not the same afterwards.
fn document_before_and_after(members: &str) -> String {
    let text = format!("openapi: 3.1.0\n{members}");
    let after = upvest_description::read::yaml::write(
        &converted(&text).unwrap_or_else(|error| panic!("{error}")),
    );
    format!("# before\n{text}\n# after\n{}", after.unwrap())
}

const NULL_TYPES: [&str; 5] = [
    "{type: [string, 'null'], format: uuid}",
    "{type: ['null', object], properties: {a: {type: [array, 'null'], items: {type: [integer, 'null']}}}}",
    "{type: [string]}",
    "{type: [string, 'null'], enum: [A, null]}",
    "{type: object, additionalProperties: {type: [string, 'null']}}",
];

const NULL_VARIANTS: [&str; 8] = [
    "{oneOf: [{$ref: '#/components/schemas/Other'}, {type: 'null'}]}",
    "{anyOf: [{type: 'null'}, {type: string, format: uuid}], description: The payer.}",
    "{oneOf: [{type: string, description: Inside.}, {type: 'null'}], description: Outside.}",
    "{oneOf: [{type: object}, {type: ['null']}, {type: string}]}",
    "{oneOf: [{type: object}, {enum: [null]}], title: Thing}",
    "{anyOf: [{type: object}, {type: 'null'}], required: [a]}",
    "{oneOf: [{$ref: '#/components/schemas/Other'}, {type: 'null'}], allOf: [{type: object}]}",
    "{oneOf: [{type: string}, {type: integer}]}",
];

#[test]
fn null_types() {
    let of_3_0 = before_and_after("3.0.3", &NULL_TYPES);
    assert_eq!(before_and_after("3.1.0", &NULL_TYPES), of_3_0);
    insta::assert_snapshot!(of_3_0);
}

#[test]
fn null_variants() {
    let of_3_0 = before_and_after("3.0.3", &NULL_VARIANTS);
    assert_eq!(before_and_after("3.1.0", &NULL_VARIANTS), of_3_0);
    insta::assert_snapshot!(of_3_0);
}

#[test]
fn constants() {
    insta::assert_snapshot!(before_and_after(
        "3.1.0",
        &[
            "{const: CASH_BALANCE.UPDATED}",
            "{type: string, const: A, enum: [A, B]}",
            "{const: 1}",
            "{const: 1.5}",
            "{const: true}",
            "{oneOf: [{type: string}, {const: null}]}",
        ],
    ));
}

#[test]
fn bounds() {
    insta::assert_snapshot!(before_and_after(
        "3.1.0",
        &[
            "{type: number, exclusiveMinimum: 0}",
            "{type: number, exclusiveMaximum: 10, description: Few.}",
            "{type: integer, exclusiveMinimum: 0, minimum: 5}",
            "{type: integer, exclusiveMinimum: 0, minimum: -5}",
            "{type: integer, exclusiveMaximum: 10, maximum: 10}",
            "{type: integer, minimum: 1, exclusiveMinimum: true}",
        ],
    ));
}

#[test]
fn contents() {
    insta::assert_snapshot!(before_and_after(
        "3.1.0",
        &[
            "{type: string, contentEncoding: base64, contentMediaType: image/png}",
            "{type: string, contentEncoding: base64url}",
            "{type: string, contentMediaType: application/octet-stream}",
            "{type: string, format: uuid, contentMediaType: text/plain}",
        ],
    ));
}

#[test]
fn examples() {
    insta::assert_snapshot!(before_and_after(
        "3.1.0",
        &[
            "{type: string, examples: [EUR]}",
            "{type: string, examples: [EUR, GBP]}",
            "{type: string, example: USD, examples: [EUR]}",
            "{type: string, examples: []}",
        ],
    ));
}

#[test]
fn references() {
    insta::assert_snapshot!(before_and_after(
        "3.1.0",
        &[
            "{$ref: '#/components/schemas/Other'}",
            "{$ref: '#/components/schemas/Other', description: Of the payer., x-rust-name: Payer}",
            "{description: More., $ref: '#/components/schemas/Other', required: [a]}",
            "{type: object, properties: {$ref: {type: string}, b: {type: string}}}",
        ],
    ));
}

#[test]
fn foreign() {
    insta::assert_snapshot!(before_and_after(
        "3.1.0",
        &[
            "{type: object, properties: {anything: true}}",
            "{type: object, additionalProperties: true}",
            "{type: object, additionalProperties: false}",
            "true",
        ],
    ));
}

#[test]
fn dialects() {
    insta::assert_snapshot!(document_before_and_after(
        "jsonSchemaDialect: https://spec.openapis.org/oas/3.1/dialect/base
info: {title: Test, version: '1'}
paths: {}
components:
  schemas:
    Thing:
      $schema: https://json-schema.org/draft/2020-12/schema
      $comment: See the ticket.
      type: string
"
    ));
}

#[test]
fn info() {
    insta::assert_snapshot!(document_before_and_after(
        "info: {title: Test, version: '1', summary: Cash, license: {name: MIT, identifier: MIT}}
paths: {}
"
    ));
}

#[test]
fn path_items() {
    insta::assert_snapshot!(document_before_and_after(
        "info: {title: Test, version: '1'}
paths:
  /things: {$ref: '#/components/pathItems/Things'}
webhooks:
  Thing events: {$ref: '#/components/pathItems/a~1b'}
components:
  pathItems:
    Things: {get: {operationId: get_things, responses: {'204': {description: None.}}}}
    a/b: {post: {operationId: thing_event, responses: {'204': {description: None.}}}}
"
    ));
}

#[test]
fn webhooks() {
    insta::assert_snapshot!(document_before_and_after(
        "info: {title: Test, version: '1'}
webhooks:
  Thing events: {post: {operationId: thing_event, responses: {'204': {description: None.}}}}
"
    ));
}

/// Schemas are found wherever a document may have them, and nowhere else.
#[test]
fn places() {
    let nullable = "{schema: {type: [string, 'null']}}";
    let media = format!("{{application/json: {nullable}}}");
    let untouched = "{type: [string, 'null'], schema: {const: 1}}";
    let operation = format!(
        "{{parameters: [{nullable}, {{content: {media}}}], requestBody: {{content: {{multipart/form-data: {{schema: {{type: object}}, encoding: {{a: {{headers: {{b: {nullable}}}}}}}}}}}}}, responses: {{'200': {{headers: {{a: {nullable}}}, content: {{application/json: {{schema: {{type: object}}, example: {untouched}}}}}}}}}, callbacks: {{a: {{b: {{post: {{requestBody: {{content: {media}}}}}}}}}}}, x-own: {untouched}}}"
    );
    let text = format!(
        "openapi: 3.1.0\npaths: {{/a: {{parameters: [{nullable}], get: {operation}}}}}\nwebhooks: {{a: {{post: {operation}}}}}\ncomponents: {{parameters: {{a: {nullable}}}, headers: {{a: {nullable}}}, requestBodies: {{a: {{content: {media}}}}}, responses: {{a: {{content: {media}}}}}, callbacks: {{a: {{b: {{post: {operation}}}}}}}, examples: {{a: {{value: {untouched}}}}}}}\n"
    );
    let after = converted(&text).unwrap_or_else(|error| panic!("{error}"));
    let told = after.to_string();
    assert_eq!(
        told.matches(r#"{"type":"string","nullable":true}"#).count(),
        20
    );
    let kept = r#"{"type":["string","null"],"schema":{"const":1}}"#;
    assert_eq!(told.matches(kept).count(), 7);
    assert_eq!(told.matches(r#""null""#).count(), 7);
}

#[test]
fn what_cannot_be_said_is_refused_with_its_place() {
    let schemas = [
        "{type: [string, integer]}",
        "{type: [string, integer, 'null']}",
        "{type: []}",
        "{type: 'null'}",
        "{type: object, properties: {a: {type: ['null']}}}",
        "{type: object, properties: {a: {const: null}}}",
        "{oneOf: [{type: 'null'}, {const: null}]}",
        "{oneOf: [{type: 'null'}, {type: object, properties: {a: {if: {}}}}]}",
        "{const: A, enum: [B]}",
        "{type: string, contentEncoding: quoted-printable}",
        "{type: string, examples: {a: {value: 1}}}",
        "{$schema: 'http://json-schema.org/draft-07/schema#'}",
        "{type: object, properties: {a: false}}",
        "{$id: thing}",
        "{patternProperties: {^a: {type: string}}}",
        "{prefixItems: [{type: string}]}",
        "{unevaluatedProperties: false}",
        "{if: {required: [a]}, then: {required: [b]}}",
    ];
    let documents = [
        "jsonSchemaDialect: https://example.com/dialect\n",
        "info: {license: {name: Both, identifier: MIT OR Apache-2.0}}\n",
        "info: {license: {name: MIT, identifier: MIT, url: 'https://example.com'}}\n",
        "webhooks: {a: {}}\nx-webhooks: {b: {}}\n",
        "paths: {/a: {$ref: '#/components/pathItems/B'}}\ncomponents: {pathItems: {A: {}}}\n",
        "paths: {/a: {$ref: '#/components/pathItems/A', get: {}}}\ncomponents: {pathItems: {A: {}}}\n",
    ];
    let schemas = schemas
        .iter()
        .map(|schema| (*schema, around("3.1.0", schema)));
    let documents = documents
        .iter()
        .map(|members| (*members, format!("openapi: 3.1.1\n{members}")));
    let mut told = String::new();
    for (shown, text) in schemas.chain(documents) {
        let Err(error) = converted(&text) else {
            panic!("{shown} was converted");
        };
        writeln!(told, "{}\n{error}\n", shown.trim_end()).unwrap();
    }
    insta::assert_snapshot!(told);
}

/// What is wrong in OpenAPI 3.0 stays wrong, except for the types that circulate.
#[test]
fn a_document_of_3_0_is_not_read_as_3_1() {
    for kept in [
        "{$ref: '#/components/schemas/Other', description: Ignored.}",
        "{const: A}",
        "{type: string, examples: [A]}",
        "{type: number, exclusiveMinimum: 0}",
        "{patternProperties: {^a: {type: string}}}",
        "true",
    ] {
        let text = format!("- {kept}");
        let published =
            upvest_description::read::yaml::parse(&text, Path::new("schema.yaml")).unwrap();
        assert_eq!(schema("3.0.3", kept), published[0]);
    }
    assert!(converted(&around("3.0.3", "{type: [string, integer]}")).is_err());
    assert!(converted(&around("3.0.3", "{type: 'null'}")).is_err());
}

#[test]
fn a_document_that_cannot_be_converted_leaves_what_is_there() {
    let directory = directory("not-converted");
    let spec = directory.join("spec.yaml");
    std::fs::write(&spec, around("3.1.0", "{prefixItems: []}")).unwrap();
    let before = files(&directory);
    let root = directory.to_str().unwrap();
    let run = xtask(&["generate", "--root", root, "--spec", spec.to_str().unwrap()]);
    assert_eq!(run.status, Some(2));
    let place = format!(
        "error: {}#/components/schemas/Thing/prefixItems: ",
        spec.display()
    );
    assert!(run.err.starts_with(&place), "{}", run.err);
    assert_untouched(&directory, &before);
}

/// One overlay fits a document of either version, and may put right what OpenAPI 3.0 forbids.
#[test]
fn overlays_come_after_the_conversion_and_before_the_check() {
    let directory = directory("converted-first");
    let write = |name: &str, text: &str| {
        let file = directory.join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    let spec = write(
        "spec.yaml",
        "openapi: 3.1.0\ninfo: {title: Test, version: 1}\nwebhooks: {a: {}}\n",
    );
    let overlay = write(
        "overlay.yaml",
        "overlay: 1.1.0\ninfo: {title: Test, version: '1'}\nactions:\n- {target: \"$['x-webhooks'].a\", remove: true}\n- {target: $.info.version, update: '1'}\n",
    );
    let root = directory.to_str().unwrap();
    let generate = ["generate", "--root", root, "--spec", &spec];
    let run = xtask(&generate);
    assert_eq!(run.status, Some(2));
    assert!(run.err.contains("#/info/version: "), "{}", run.err);
    let run = xtask(&[&generate[..], &["--overlay", &overlay]].concat());
    assert_eq!((run.status, &run.err[..]), (Some(0), ""));
}

#[test]
fn other_versions_are_refused() {
    for version in ["'2.0'", "3.2.0", "3.10.0", "4.0.0", "3.1"] {
        let text = format!("openapi: {version}\npaths: {{}}\n");
        let error = converted(&text).unwrap_err().to_string();
        assert!(error.contains("is not supported"), "{error}");
    }
}

/// The same description in both versions, and as the copies of 3.0 have it.
#[test]
fn twins_generate_the_same() {
    let expected = generated("twin-3.0.yaml");
    assert!(expected.len() > 6, "{:?}", expected.keys());
    assert_eq!(generated("twin-3.1.yaml"), expected);
    assert_eq!(generated("twin-3.0-null.yaml"), expected);
}

/// The generated files without the digest of the document.
fn generated(name: &str) -> Files {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/twins");
    let document = Document::load(&directory.join(name), &PathBuf::from(name)).unwrap();
    let outcome = xtask::generate(&document).unwrap_or_else(|error| panic!("{error}"));
    let without_digest = |text: String| text.replace(&document.digest, "");
    // What the sandbox is given has the keywords of schemas in the order of the document.
    let of_crates = |path: &PathBuf| !path.starts_with(xtask::emit::sandbox::DIRECTORY);
    let files = outcome.files.into_iter();
    files
        .filter(|(path, _)| of_crates(path))
        .map(|(path, text)| (path, without_digest(text)))
        .collect()
}
