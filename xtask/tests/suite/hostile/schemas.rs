//! Schemas that no type could hold, and what is reported as left out.

use super::{answers, assert_refused, operation, parameters, read};

/// A schema that is refused, and a part of what is told.
struct Case {
    schema: &'static str,
    expected: &'static str,
}

const SCHEMAS: &[Case] = &[
    Case {
        schema: "{type: strin}",
        expected: "the type `strin`",
    },
    Case {
        schema: "{enum: [a, 1]}",
        expected: "enum/1: a string is expected here, 1 was found",
    },
    Case {
        schema: "{type: array}",
        expected: "`items` is missing",
    },
    Case {
        schema: "{allOf: [{type: string}, {type: integer}]}",
        expected: "not all plain objects",
    },
    Case {
        schema: "{oneOf: [{type: string}, {type: integer}]}",
        expected: "a union of different kinds of values",
    },
    Case {
        schema: "{type: object, properties: {a: {not: {type: string}}}}",
        expected: "`not` in a schema",
    },
    Case {
        schema: "{type: object, properties: {'': {type: string}}}",
        expected: "the property `` has no letter or digit",
    },
    Case {
        schema: "{type: object, properties: {🦀: {type: string}}}",
        expected: "has no letter or digit",
    },
    Case {
        schema: "{type: string, enum: [ä]}",
        expected: "has no letter or digit",
    },
    Case {
        schema: "{type: object, properties: [a]}",
        expected: "does not follow OpenAPI 3.0",
    },
    Case {
        schema: "{type: object, required: a}",
        expected: "does not follow OpenAPI 3.0",
    },
    Case {
        schema: "{type: string, enum: {a: 1}}",
        expected: "does not follow OpenAPI 3.0",
    },
];

#[test]
fn schemas_that_no_type_could_hold_are_refused() {
    for Case { schema, expected } in SCHEMAS {
        assert_refused(&[(
            String::new(),
            &format!("schemas: {{Thing: {schema}}}"),
            expected,
        )]);
    }
    for name in [
        "Option",
        "Vec",
        "String",
        "Self",
        "SetterKind",
        "UnknownEvent",
    ] {
        let components =
            format!("schemas: {{{name}: {{type: object, properties: {{a: {{type: string}}}}}}}}");
        assert_refused(&[(
            String::new(),
            &components,
            "a name that the generated code needs itself",
        )]);
    }
}

const SCHEMAS_OF_3_1: &[Case] = &[
    Case {
        schema: "{const: null}",
        expected: "admits nothing but `null`",
    },
    Case {
        schema: "{type: [string, integer]}",
        expected: "the types [\"string\",\"integer\"] of one schema",
    },
    Case {
        schema: "{anyOf: [{type: 'null'}]}",
        expected: "a choice of nothing but `null`",
    },
    Case {
        schema: "{$ref: '#/components/schemas/A', description: a}",
        expected: "a schema that is made of itself",
    },
    Case {
        schema: "{type: object, properties: {a: false}}",
        expected: "the schema `false`",
    },
];

#[test]
fn what_3_0_cannot_say_is_refused_and_what_stands_beside_a_reference_is_not_lost() {
    for Case { schema, expected } in SCHEMAS_OF_3_1 {
        let error = read("3.1.0", "", &format!("schemas: {{A: {schema}}}"));
        let error = error.map(|_| ()).unwrap_err().to_string();
        assert!(error.contains(expected), "{schema}: {error}");
    }
    let components = "schemas: {A: {type: string}, B: {type: object, properties: {a: {$ref: '#/components/schemas/A', maxLength: 3}}}}";
    let api = read("3.1.0", "", components).unwrap();
    let (_, structure) = api
        .structure(&upvest_description::ir::Ty::Def(
            upvest_description::ir::DefId(0),
        ))
        .unwrap();
    assert_eq!(structure.fields[0].limits.keywords["maxLength"], 3);
}

#[test]
fn what_has_nothing_in_the_client_is_reported() {
    let text = "schema: {type: string}";
    let beside = "{type: object, properties: {a: {$ref: '#/components/schemas/A', nullable: true, description: a}}}";
    for (paths, components, place) in [
        (
            operation("/a", "put", "servers: [{url: 'https://a.example'}]"),
            "",
            "/paths/~1a/put/servers",
        ),
        (
            operation("/a", "put", "callbacks: {a: {}}"),
            "",
            "/paths/~1a/put/callbacks",
        ),
        (
            operation("/a", "put", "deprecatd: true"),
            "",
            "/paths/~1a/put/deprecatd",
        ),
        (
            "/a: {connect: {operationId: a}}".to_owned(),
            "",
            "/paths/~1a/connect",
        ),
        (
            parameters(&format!(
                "{{name: a, in: query, allowReserved: true, {text}}}"
            )),
            "",
            "/paths/~1things/put/parameters/0/allowReserved",
        ),
        (
            answers("'204': {description: a, links: {a: {operationId: a}}}"),
            "",
            "/paths/~1things/put/responses/204/links",
        ),
        (
            String::new(),
            &format!("schemas: {{A: {{type: string}}, B: {beside}}}"),
            "/components/schemas/B/properties/a/nullable",
        ),
        (
            String::new(),
            "schemas: {A: {type: object, properties: {a: {type: integer, enum: [1, 2]}}}}",
            "/components/schemas/A/properties/a/enum",
        ),
    ] {
        let api = read("3.0.3", &paths, components).unwrap();
        let told: Vec<&str> = api
            .left_out
            .iter()
            .map(|one| one.pointer.as_str())
            .collect();
        assert_eq!(told, [place], "{paths} {components}");
    }
    let silent = parameters(&format!(
        "{{name: a, in: query, allowReserved: false, {text}}}"
    ));
    assert!(read("3.0.3", &silent, "").unwrap().left_out.is_empty());
}
