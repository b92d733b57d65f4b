//! Circles, and references to nothing.

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

#[test]
fn schemas_that_contain_themselves_are_refused_whatever_is_between() {
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
            format!(
                "{{type: object, properties: {{b: {{type: string}}}}, additionalProperties: {a}}}"
            ),
            "/A/additionalProperties: a schema that contains itself",
        ),
        (
            format!("{{type: object, properties: {{a: {a}}}}}"),
            "/A/properties/a: a schema that contains itself",
        ),
        (
            format!("{{type: object, properties: {{a: {{nullable: true, allOf: [{a}]}}}}}}"),
            "/A/properties/a: a schema that contains itself",
        ),
        (
            format!(
                "{{oneOf: [{{type: object, required: [a], properties: {{a: {a}}}}}, {object}]}}"
            ),
            "/A/oneOf/0/properties/a: a schema that contains itself",
        ),
        (
            format!("{{anyOf: [{{type: array, items: {a}}}, {{type: array, items: {object}}}]}}"),
            "/A/anyOf/0/items: a schema that contains itself",
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
