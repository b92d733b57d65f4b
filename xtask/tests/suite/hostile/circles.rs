//! Circles, and references to nothing.

use std::path::Path;

use upvest_description::diff::{ChangeKind, Diff};
use upvest_description::lower::lock::Lock;
use upvest_description::read::document::Document;
use upvest_description::version::Version;

use super::{answers, assert_refused, body, operation, parameters};

#[test]
fn circles_of_references_are_refused_wherever_they_are() {
    let of = |kind: &str, name: &str| format!("$ref: '#/components/{kind}/{name}'");
    let ring = |kind: &str| {
        let (a, b) = (of(kind, "A"), of(kind, "B"));
        format!("{kind}: {{A: {{{b}}}, B: {{{a}}}}}")
    };
    for (paths, kind, place) in [
        (
            parameters("{$ref: '#/components/parameters/A'}"),
            "parameters",
            "parameters/0",
        ),
        (
            answers("'200': {$ref: '#/components/responses/A'}"),
            "responses",
            "responses/200",
        ),
        (
            operation(
                "/things",
                "put",
                "requestBody: {$ref: '#/components/requestBodies/A'}",
            ),
            "requestBodies",
            "requestBody",
        ),
        (
            body(
                "application/json",
                "{type: object, properties: {a: {$ref: '#/components/schemas/A'}}}",
            ),
            "schemas",
            "properties/a",
        ),
    ] {
        let expected = format!("{place}: this `$ref` goes in a circle");
        assert_refused(&[(paths, &ring(kind), &expected)]);
    }
    assert_refused(&[
        (
            "/a: {$ref: '#/paths/~1b'}, /b: {$ref: '#/paths/~1a'}".to_owned(),
            "",
            "#/paths/~1a: this `$ref` goes in a circle",
        ),
        (
            String::new(),
            "schemas: {A: {type: object, properties: {a: {$ref: '#/components/schemas/A/properties/a'}}}}",
            "A/properties/a: this `$ref` goes in a circle",
        ),
        (
            answers(
                "'200': {description: ok, content: {application/json: {schema: {type: object, properties: {a: {type: string}}}, examples: {a: {$ref: '#/components/examples/A'}}}}}",
            ),
            "examples: {A: {$ref: '#/components/examples/A'}}",
            "examples/a: this `$ref` goes in a circle",
        ),
    ]);
}

/// Of these, Rust has no type: what they are made of is never more than themselves.
#[test]
fn schemas_that_are_nothing_but_themselves_are_refused() {
    let a = "{$ref: '#/components/schemas/A'}";
    let object = "{type: object, properties: {b: {type: string}}}";
    for (schema, expected) in [
        (a.to_owned(), "/A: this `$ref` goes in a circle"),
        (
            format!("{{allOf: [{a}]}}"),
            "/A: a schema that is made of itself",
        ),
        (
            format!("{{allOf: [{object}, {{allOf: [{a}]}}]}}"),
            "/A: a schema that is made of itself",
        ),
        (
            format!("{{oneOf: [{a}, {object}]}}"),
            "/A: a union that is a variant of itself",
        ),
        (
            format!("{{oneOf: [{a}]}}"),
            "/A: a schema that is made of itself",
        ),
        (
            format!("{{anyOf: [{object}, {{oneOf: [{a}, {object}]}}]}}"),
            "/A: a union that is a variant of itself",
        ),
        (
            format!("{{type: array, items: {a}}}"),
            "/A/items: a schema that contains itself",
        ),
        (
            format!("{{type: array, items: {{type: array, items: {a}}}}}"),
            "/items: a schema that contains itself",
        ),
        (
            format!("{{type: object, additionalProperties: {a}}}"),
            "/A/additionalProperties: a schema that contains itself",
        ),
        (
            format!("{{anyOf: [{{type: array, items: {a}}}, {{type: array, items: {object}}}]}}"),
            "/A/anyOf/0: a variant whose properties are not described",
        ),
    ] {
        assert_refused(&[(
            String::new(),
            &format!("schemas: {{A: {schema}}}"),
            expected,
        )]);
    }
}

#[test]
fn schemas_without_a_finite_value_are_refused() {
    let of = |name: &str| format!("{{$ref: '#/components/schemas/{name}'}}");
    let needing = |name: &str| {
        let inner = of(name);
        format!("{{type: object, required: [a], properties: {{a: {inner}}}}}")
    };
    let (a, b) = (needing("A"), needing("B"));
    for (schemas, place) in [
        (format!("A: {a}"), "/A"),
        (format!("A: {b}, B: {a}"), "/B"),
        (format!("A: {{oneOf: [{b}, {}]}}, B: {a}", of("B")), "/B"),
        (
            format!("A: {{allOf: [{{type: object, properties: {{b: {{type: string}}}}}}, {a}]}}"),
            "/A",
        ),
    ] {
        let expected = format!("{place}: a schema that always contains itself");
        assert_refused(&[(String::new(), &format!("schemas: {{{schemas}}}"), &expected)]);
    }
}

/// A document with a schema `A`.
fn document(schema: &str) -> Document {
    let text = format!(
        "openapi: 3.0.3\ninfo: {{title: Test, version: '1'}}\npaths: {{}}\ncomponents: {{schemas: {{A: {schema}}}}}\n"
    );
    Document::parse(&text, Path::new("circle.yaml")).unwrap()
}

#[test]
fn a_comparison_ends_where_a_schema_contains_itself() {
    let version = |more: &str| {
        let a = "{$ref: '#/components/schemas/A'}";
        let schema = format!("{{type: object, properties: {{a: {a}{more}}}}}");
        Version::of(document(&schema), &Lock::default()).unwrap()
    };
    let kinds = |old: &Version, new: &Version| -> Vec<ChangeKind> {
        let changes = Diff::between(old, new).unwrap().changes;
        changes.iter().map(|change| change.kind).collect()
    };
    let (old, new) = (version(""), version(", b: {type: string}"));
    assert_eq!(kinds(&old, &new), [ChangeKind::FieldAdded]);
    assert!(kinds(&old, &old).is_empty());
}

#[test]
fn schemas_that_may_contain_themselves_are_types_with_a_finite_example() {
    let a = "{$ref: '#/components/schemas/A'}";
    let object = "{type: object, properties: {b: {type: string}}}";
    let demanding = "{type: object, required: [b], properties: {b: {type: string}}}";
    for (schema, field, example) in [
        (
            format!("{{type: object, properties: {{a: {a}}}}}"),
            "a: Option<Box<A>>",
            "{}",
        ),
        (
            format!(
                "{{type: object, required: [a], properties: {{a: {{type: array, items: {a}}}}}}}"
            ),
            "a: Vec<A>",
            r#"{"a":[]}"#,
        ),
        (
            format!(
                "{{type: object, required: [a], properties: {{a: {{nullable: true, allOf: [{a}]}}}}}}"
            ),
            "a: Option<Box<A>>",
            r#"{"a":null}"#,
        ),
        (
            format!(
                "{{type: object, properties: {{b: {{type: string}}}}, additionalProperties: {a}}}"
            ),
            "additional_properties: BTreeMap<String, A>",
            "{}",
        ),
        (
            format!(
                "{{oneOf: [{{type: object, required: [a], properties: {{a: {a}}}}}, {object}]}}"
            ),
            "a: Box<A>",
            "{}",
        ),
        (
            format!("{{type: object, properties: {{next: {{oneOf: [{a}, {demanding}]}}}}}}"),
            "next: Option<Box<Next>>",
            "{}",
        ),
    ] {
        let outcome =
            xtask::generate(&document(&schema)).unwrap_or_else(|error| panic!("{schema}: {error}"));
        let written: Vec<&String> = outcome.files.values().collect();
        assert!(
            written
                .iter()
                .any(|text| text.contains(&format!("pub {field},"))),
            "{schema}"
        );
        let of_a = outcome.api.named("A").unwrap().example.clone();
        assert_eq!(of_a.unwrap().to_string(), example, "{schema}");
    }
}

#[test]
fn references_that_lead_to_nothing_useful_are_refused() {
    for (reference, expected) in [
        ("'#/components/schemas/A%2'", "points to nothing"),
        ("'#/components/schemas/A%FF'", "points to nothing"),
        ("'#/components/schemas/a~1b'", "points to nothing"),
        ("'other.yaml#/A'", "leads out of the document"),
        ("3", "/schema/$ref: a string is expected here, 3 was found"),
        ("'#/info/title'", "#/info/title: an object is expected here"),
        ("'#'", "`openapi` in a schema is not supported"),
    ] {
        let paths = body("application/json", &format!("{{$ref: {reference}}}"));
        assert_refused(&[(paths, "", expected)]);
    }
}
