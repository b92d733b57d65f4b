//! Descriptions that nothing can be generated from.

use std::path::Path;

use crate::support::{assert_untouched, directory, files, generated_tree, xtask};

/// A description with this in place of its one schema, parameters and components.
fn description(schema: &str) -> String {
    with_operation(&format!(
        "      operationId: get_thing\n      tags: [Things]\n      responses:\n        '200':\n          description: ok\n          content:\n            application/json:\n              schema: {schema}\n"
    ))
}

fn with_operation(operation: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: Test, version: '1'}}\npaths:\n  /things:\n    get:\n{operation}"
    )
}

fn with_components(components: &str) -> String {
    format!(
        "openapi: 3.0.3\ninfo: {{title: Test, version: '1'}}\npaths: {{}}\ncomponents:\n  schemas:\n    {components}\n"
    )
}

const TWO_OPERATIONS: &str = "openapi: 3.0.3
info: {title: Test, version: '1'}
paths:
  /a:
    get: {operationId: get_a, tags: [A], responses: {'204': {description: ok}}}
    put: {operationId: get_a, tags: [A], responses: {'204': {description: ok}}}
";

const TWO_SCHEMAS_OF_ONE_NAME: &str = "openapi: 3.0.3
info: {title: Test, version: '1'}
paths: {}
components:
  schemas:
    cash_balance: {type: object, properties: {a: {type: string}}}
    CashBalance: {type: object, properties: {b: {type: string}}}
";

const TWO_ERRORS: &str = "      operationId: get_thing
      tags: [Things]
      responses:
        '204': {description: ok}
        '400': {description: bad, content: {application/problem+json: {schema: {type: object, properties: {type: {type: string}}}}}}
        '500': {description: worse, content: {application/problem+json: {schema: {type: object, properties: {code: {type: string}}}}}}
";

/// Two webhooks, whose schemas differ in `object`, with these names and types.
fn two_events(names: [&str; 2], types: [&str; 2]) -> String {
    let mut text =
        "openapi: 3.0.3\ninfo: {title: Test, version: '1'}\npaths: {}\nx-webhooks:\n".to_owned();
    for ((name, value), object) in names.iter().zip(types).zip(["string", "integer"]) {
        let id = "{type: string, format: uuid}";
        text.push_str(&format!(
            "  a-{object}:
    post:
      operationId: of_{object}
      tags: [Events]
      requestBody: {{content: {{application/json: {{schema: {{x-rust-name: {name}, type: object,
        properties: {{id: {id}, created_at: {{type: string, format: date-time}}, webhook_id: {id},
          type: {{type: string, enum: [{value}]}}, object: {{type: {object}}}}},
        required: [id, created_at, type, webhook_id]}}}}}}}}
      responses: {{'200': {{description: ok}}}}\n"
        ));
    }
    text
}

/// A description that is refused.
struct Case {
    /// The name of its file.
    name: &'static str,
    document: fn() -> String,
}

const CASES: &[Case] = &[
    Case {
        name: "not-yaml.yaml",
        document: || "openapi: 3.0.3\n  paths: [\n".to_owned(),
    },
    Case {
        name: "not-openapi.yaml",
        document: || "name: something else\n".to_owned(),
    },
    Case {
        name: "a-list.yaml",
        document: || "- 1\n- 2\n".to_owned(),
    },
    Case {
        name: "swagger.yaml",
        document: || "swagger: '2.0'\n".to_owned(),
    },
    Case {
        name: "openapi-3.2.yaml",
        document: || "openapi: 3.2.0\ninfo: {title: Test, version: '1'}\npaths: {}\n".to_owned(),
    },
    Case {
        name: "no-paths.yaml",
        document: || "openapi: 3.0.3\ninfo: {title: Test, version: '1'}\n".to_owned(),
    },
    Case {
        name: "malformed.yaml",
        document: || "openapi: 3.0.3\ninfo: {title: Test, version: 1}\npaths: {}\n".to_owned(),
    },
    Case {
        name: "no-description.yaml",
        document: || {
            with_operation("      operationId: a\n      tags: [A]\n      responses: {'204': {}}\n")
        },
    },
    Case {
        name: "bad-operation.yaml",
        document: || {
            with_operation(
                "      operationId: 7\n      tags: [A]\n      responses: {'204': {description: ok}}\n",
            )
        },
    },
    Case {
        name: "replaced-by-nothing.yaml",
        document: || {
            with_operation(
                "      operationId: a\n      tags: [A]\n      deprecated: true\n      x-rust-replacement: a\n      responses: {'204': {description: ok}}\n",
            )
        },
    },
    Case {
        name: "replaced-for-nothing.yaml",
        document: || {
            with_operation(
                "      operationId: a\n      tags: [A]\n      x-rust-replacement: b\n      responses: {'204': {description: ok}}\n",
            )
        },
    },
    Case {
        name: "bad-schema.yaml",
        document: || description("{type: object, required: yes}"),
    },
    Case {
        name: "bad-type.yaml",
        document: || description("{type: text}"),
    },
    Case {
        name: "a-number-that-is-empty.yaml",
        document: || {
            description("{type: object, properties: {a: {type: integer, x-rust-empty: true}}}")
        },
    },
    Case {
        name: "pattern.yaml",
        document: || {
            with_operation(
                "      operationId: a\n      tags: [A]\n      parameters: [{name: q, in: query, schema: {type: string, pattern: '^(ab)+$'}}]\n      responses: {'204': {description: ok}}\n",
            )
        },
    },
    Case {
        name: "dangling.yaml",
        document: || description("{$ref: '#/components/schemas/Nothing'}"),
    },
    Case {
        name: "elsewhere.yaml",
        document: || description("{$ref: 'other.yaml#/Thing'}"),
    },
    Case {
        name: "circle.yaml",
        document: || {
            description(
                "{type: object, required: [a], properties: {a: {$ref: '#/paths/~1things/get/responses/200/content/application~1json/schema'}}}",
            )
        },
    },
    Case {
        name: "all-of.yaml",
        document: || description("{allOf: [{type: object}, {type: string}]}"),
    },
    Case {
        name: "two-unions.yaml",
        document: || {
            description(
                "{oneOf: [{type: object, properties: {a: {type: string}}}, {type: string}]}",
            )
        },
    },
    Case {
        name: "ambiguous.yaml",
        document: || {
            description(
                "{oneOf: [{x-rust-name: A, type: object, properties: {a: {type: string}}}, {x-rust-name: B, type: object, properties: {a: {type: integer}}}]}",
            )
        },
    },
    Case {
        name: "overlapping.yaml",
        document: || {
            description(
                "{oneOf: [{x-rust-name: A, type: object, properties: {a: {type: string}, b: {type: string}}}, {x-rust-name: B, type: object, properties: {b: {type: string}, c: {type: string}}}]}",
            )
        },
    },
    Case {
        name: "order.yaml",
        document: || {
            description(
                "{x-rust-variants: sorted, oneOf: [{type: object, properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}]}",
            )
        },
    },
    Case {
        name: "not.yaml",
        document: || description("{not: {type: string}}"),
    },
    Case {
        name: "required.yaml",
        document: || description("{type: object, required: [b], properties: {a: {type: string}}}"),
    },
    Case {
        name: "reserved.yaml",
        document: || {
            description("{x-rust-name: Decimal, type: object, properties: {a: {type: string}}}")
        },
    },
    Case {
        name: "values.yaml",
        document: || description("{type: string, enum: [a-b, a_b]}"),
    },
    Case {
        name: "no-name.yaml",
        document: || description("{type: string, enum: [a, '+']}"),
    },
    Case {
        name: "one-name.yaml",
        document: || TWO_SCHEMAS_OF_ONE_NAME.to_owned(),
    },
    Case {
        name: "two-errors.yaml",
        document: || with_operation(TWO_ERRORS),
    },
    Case {
        name: "one-id.yaml",
        document: || TWO_OPERATIONS.to_owned(),
    },
    Case {
        name: "no-tag.yaml",
        document: || {
            with_operation("      operationId: a\n      responses: {'204': {description: ok}}\n")
        },
    },
    Case {
        name: "no-id.yaml",
        document: || {
            with_operation("      tags: [A]\n      responses: {'204': {description: ok}}\n")
        },
    },
    Case {
        name: "no-success.yaml",
        document: || {
            with_operation(
                "      operationId: a\n      tags: [A]\n      responses: {'404': {description: bad}}\n",
            )
        },
    },
    Case {
        name: "cookie.yaml",
        document: || {
            with_operation(
                "      operationId: a\n      tags: [A]\n      parameters: [{name: c, in: cookie, schema: {type: string}}]\n      responses: {'204': {description: ok}}\n",
            )
        },
    },
    Case {
        name: "style.yaml",
        document: || {
            with_operation(
                "      operationId: a\n      tags: [A]\n      parameters: [{name: c, in: query, style: deepObject, schema: {type: string}}]\n      responses: {'204': {description: ok}}\n",
            )
        },
    },
    Case {
        name: "not-in-path.yaml",
        document: || {
            with_operation(
                "      operationId: a\n      tags: [A]\n      parameters: [{name: c, in: path, required: true, schema: {type: string}}]\n      responses: {'204': {description: ok}}\n",
            )
        },
    },
    Case {
        name: "made-of-itself.yaml",
        document: || with_components("A: {allOf: [{$ref: '#/components/schemas/A'}]}"),
    },
    Case {
        name: "variant-of-itself.yaml",
        document: || {
            with_components(
                "A: {oneOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {b: {type: string}}}]}",
            )
        },
    },
    Case {
        name: "circle-of-lists.yaml",
        document: || with_components("A: {type: array, items: {$ref: '#/components/schemas/A'}}"),
    },
    Case {
        name: "circle-of-references.yaml",
        document: || {
            with_components(
                "A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}",
            )
        },
    },
    Case {
        name: "beside-one-of.yaml",
        document: || {
            with_components(
                "A: {properties: {a: {type: string}}, oneOf: [{type: object, properties: {b: {type: string}}}, {type: object, required: [c], properties: {c: {type: string}}}]}",
            )
        },
    },
    Case {
        name: "described-twice.yaml",
        document: || {
            with_components(
                "A: {properties: {a: {type: string}}, allOf: [{type: object, properties: {a: {type: integer}}}]}",
            )
        },
    },
    Case {
        name: "listed-twice.yaml",
        document: || with_components("A: {type: string, enum: [a, a]}"),
    },
    Case {
        name: "one-method.yaml",
        document: || TWO_OPERATIONS.replacen("get_a", "get-a", 1),
    },
    Case {
        name: "one-letter.yaml",
        document: || TWO_OPERATIONS.replacen("get_a", "x", 1),
    },
    Case {
        name: "object-in-query.yaml",
        document: || {
            with_operation(
                "      operationId: a\n      tags: [A]\n      parameters: [{name: c, in: query, schema: {type: object, properties: {d: {type: string}}}}]\n      responses: {'204': {description: ok}}\n",
            )
        },
    },
    Case {
        name: "no-letter.yaml",
        document: || {
            with_operation(
                "      operationId: '+'\n      tags: [A]\n      responses: {'204': {description: ok}}\n",
            )
        },
    },
    Case {
        name: "no-module.yaml",
        document: || {
            with_operation(
                "      operationId: a_b\n      tags: ['?']\n      responses: {'204': {description: ok}}\n",
            )
        },
    },
    Case {
        name: "two-media-types.yaml",
        document: || {
            with_operation(
                "      operationId: a\n      tags: [A]\n      responses: {'200': {description: ok, content: {application/json: {schema: {type: string}}, text/csv: {}}}}\n",
            )
        },
    },
    Case {
        name: "two-events-of-one-type.yaml",
        document: || two_events(["OneEvent", "OtherEvent"], ["A.NEW", "A.NEW"]),
    },
    Case {
        name: "two-events-of-one-name.yaml",
        document: || two_events(["One", "OneEvent"], ["A.NEW", "B.NEW"]),
    },
    Case {
        name: "unknown-event.yaml",
        document: || two_events(["OneEvent", "Unknown"], ["A.NEW", "B.NEW"]),
    },
    Case {
        name: "xml.yaml",
        document: || {
            with_operation("      operationId: a\n      tags: [A]\n      requestBody: {content: {application/xml: {schema: {type: string}}}}\n      responses: {'204': {description: ok}}\n").replacen("    get:", "    put:", 1)
        },
    },
];

#[test]
fn each_is_refused_with_place_reason_and_advice() {
    let directory = directory("refusals");
    let mut told = String::new();
    for Case { name, document } in CASES {
        let file = directory.join(name);
        std::fs::write(&file, document()).unwrap();
        let root = directory.join("out");
        std::fs::create_dir_all(&root).unwrap();
        let run = xtask(&[
            "generate",
            "--spec",
            file.to_str().unwrap(),
            "--root",
            root.to_str().unwrap(),
        ]);
        assert_eq!(run.status, Some(2), "{name}: {}{}", run.out, run.err);
        assert!(files(&root).is_empty(), "{name}: something was written");
        let err = run.err.replace(&file.display().to_string(), name);
        assert!(err.starts_with(&format!("error: {name}")), "{err}");
        told.push_str(&err);
        told.push('\n');
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let run = xtask(&["generate", "--spec", "no/such/file.yaml"]);
    assert_eq!(run.status, Some(2));
    assert!(
        run.err
            .starts_with("error: no/such/file.yaml: the API description cannot be read: "),
        "{}",
        run.err
    );
    let run = xtask(&["generate", "--root", "no/such/directory"]);
    assert_eq!(run.status, Some(2));
    assert!(
        run.err
            .starts_with("error: no/such/directory: there is no such directory"),
        "{}",
        run.err
    );
}

#[test]
fn a_refused_description_leaves_what_is_there() {
    let root = generated_tree("refused");
    let path = root.join(xtask::DESCRIPTION);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("type: string", "type: text", 1)).unwrap();
    let before = files(&root);
    assert_eq!(
        xtask(&["generate", "--root", root.to_str().unwrap()]).status,
        Some(2)
    );
    assert_untouched(&root, &before);
}

#[test]
fn the_command_line_is_checked() {
    for arguments in [&["generate", "--chekc"][..], &["make"], &[]] {
        assert_eq!(xtask(arguments).status, Some(2));
    }
    assert!(Path::new(env!("CARGO_BIN_EXE_xtask")).exists());
}
