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

#[test]
fn each_is_refused_with_place_reason_and_advice() {
    let directory = directory("refusals");
    let mut told = String::new();
    for (name, text) in [
        ("not-yaml.yaml", "openapi: 3.0.3\n  paths: [\n".to_owned()),
        ("not-openapi.yaml", "name: something else\n".to_owned()),
        ("a-list.yaml", "- 1\n- 2\n".to_owned()),
        ("swagger.yaml", "swagger: '2.0'\n".to_owned()),
        (
            "openapi-3.2.yaml",
            "openapi: 3.2.0\ninfo: {title: Test, version: '1'}\npaths: {}\n".to_owned(),
        ),
        (
            "no-paths.yaml",
            "openapi: 3.0.3\ninfo: {title: Test, version: '1'}\n".to_owned(),
        ),
        (
            "malformed.yaml",
            "openapi: 3.0.3\ninfo: {title: Test, version: 1}\npaths: {}\n".to_owned(),
        ),
        (
            "no-description.yaml",
            with_operation("      operationId: a\n      tags: [A]\n      responses: {'204': {}}\n"),
        ),
        (
            "bad-operation.yaml",
            with_operation(
                "      operationId: 7\n      tags: [A]\n      responses: {'204': {description: ok}}\n",
            ),
        ),
        (
            "replaced-by-nothing.yaml",
            with_operation(
                "      operationId: a\n      tags: [A]\n      deprecated: true\n      x-rust-replacement: a\n      responses: {'204': {description: ok}}\n",
            ),
        ),
        (
            "replaced-for-nothing.yaml",
            with_operation(
                "      operationId: a\n      tags: [A]\n      x-rust-replacement: b\n      responses: {'204': {description: ok}}\n",
            ),
        ),
        (
            "bad-schema.yaml",
            description("{type: object, required: yes}"),
        ),
        ("bad-type.yaml", description("{type: text}")),
        (
            "a-number-that-is-empty.yaml",
            description("{type: object, properties: {a: {type: integer, x-rust-empty: true}}}"),
        ),
        (
            "pattern.yaml",
            with_operation(
                "      operationId: a\n      tags: [A]\n      parameters: [{name: q, in: query, schema: {type: string, pattern: '^(ab)+$'}}]\n      responses: {'204': {description: ok}}\n",
            ),
        ),
        (
            "dangling.yaml",
            description("{$ref: '#/components/schemas/Nothing'}"),
        ),
        ("elsewhere.yaml", description("{$ref: 'other.yaml#/Thing'}")),
        (
            "circle.yaml",
            description(
                "{type: object, required: [a], properties: {a: {$ref: '#/paths/~1things/get/responses/200/content/application~1json/schema'}}}",
            ),
        ),
        (
            "all-of.yaml",
            description("{allOf: [{type: object}, {type: string}]}"),
        ),
        (
            "two-unions.yaml",
            description(
                "{oneOf: [{type: object, properties: {a: {type: string}}}, {type: string}]}",
            ),
        ),
        (
            "ambiguous.yaml",
            description(
                "{oneOf: [{x-rust-name: A, type: object, properties: {a: {type: string}}}, {x-rust-name: B, type: object, properties: {a: {type: integer}}}]}",
            ),
        ),
        (
            "overlapping.yaml",
            description(
                "{oneOf: [{x-rust-name: A, type: object, properties: {a: {type: string}, b: {type: string}}}, {x-rust-name: B, type: object, properties: {b: {type: string}, c: {type: string}}}]}",
            ),
        ),
        (
            "order.yaml",
            description(
                "{x-rust-variants: sorted, oneOf: [{type: object, properties: {a: {type: string}}}, {type: object, required: [b], properties: {b: {type: string}}}]}",
            ),
        ),
        ("not.yaml", description("{not: {type: string}}")),
        (
            "required.yaml",
            description("{type: object, required: [b], properties: {a: {type: string}}}"),
        ),
        (
            "reserved.yaml",
            description("{x-rust-name: Decimal, type: object, properties: {a: {type: string}}}"),
        ),
        (
            "values.yaml",
            description("{type: string, enum: [a-b, a_b]}"),
        ),
        (
            "no-name.yaml",
            description("{type: string, enum: [a, '+']}"),
        ),
        ("one-name.yaml", TWO_SCHEMAS_OF_ONE_NAME.to_owned()),
        ("two-errors.yaml", with_operation(TWO_ERRORS)),
        ("one-id.yaml", TWO_OPERATIONS.to_owned()),
        (
            "no-tag.yaml",
            with_operation("      operationId: a\n      responses: {'204': {description: ok}}\n"),
        ),
        (
            "no-id.yaml",
            with_operation("      tags: [A]\n      responses: {'204': {description: ok}}\n"),
        ),
        (
            "no-success.yaml",
            with_operation(
                "      operationId: a\n      tags: [A]\n      responses: {'404': {description: bad}}\n",
            ),
        ),
        (
            "cookie.yaml",
            with_operation(
                "      operationId: a\n      tags: [A]\n      parameters: [{name: c, in: cookie, schema: {type: string}}]\n      responses: {'204': {description: ok}}\n",
            ),
        ),
        (
            "style.yaml",
            with_operation(
                "      operationId: a\n      tags: [A]\n      parameters: [{name: c, in: query, style: deepObject, schema: {type: string}}]\n      responses: {'204': {description: ok}}\n",
            ),
        ),
        (
            "not-in-path.yaml",
            with_operation(
                "      operationId: a\n      tags: [A]\n      parameters: [{name: c, in: path, required: true, schema: {type: string}}]\n      responses: {'204': {description: ok}}\n",
            ),
        ),
        (
            "made-of-itself.yaml",
            with_components("A: {allOf: [{$ref: '#/components/schemas/A'}]}"),
        ),
        (
            "variant-of-itself.yaml",
            with_components(
                "A: {oneOf: [{$ref: '#/components/schemas/A'}, {type: object, properties: {b: {type: string}}}]}",
            ),
        ),
        (
            "circle-of-lists.yaml",
            with_components("A: {type: array, items: {$ref: '#/components/schemas/A'}}"),
        ),
        (
            "circle-of-references.yaml",
            with_components(
                "A: {$ref: '#/components/schemas/B'}\n    B: {$ref: '#/components/schemas/A'}",
            ),
        ),
        (
            "beside-one-of.yaml",
            with_components(
                "A: {properties: {a: {type: string}}, oneOf: [{type: object, properties: {b: {type: string}}}, {type: object, required: [c], properties: {c: {type: string}}}]}",
            ),
        ),
        (
            "described-twice.yaml",
            with_components(
                "A: {properties: {a: {type: string}}, allOf: [{type: object, properties: {a: {type: integer}}}]}",
            ),
        ),
        (
            "listed-twice.yaml",
            with_components("A: {type: string, enum: [a, a]}"),
        ),
        (
            "one-method.yaml",
            TWO_OPERATIONS.replacen("get_a", "get-a", 1),
        ),
        ("one-letter.yaml", TWO_OPERATIONS.replacen("get_a", "x", 1)),
        (
            "object-in-query.yaml",
            with_operation(
                "      operationId: a\n      tags: [A]\n      parameters: [{name: c, in: query, schema: {type: object, properties: {d: {type: string}}}}]\n      responses: {'204': {description: ok}}\n",
            ),
        ),
        (
            "no-letter.yaml",
            with_operation(
                "      operationId: '+'\n      tags: [A]\n      responses: {'204': {description: ok}}\n",
            ),
        ),
        (
            "no-module.yaml",
            with_operation(
                "      operationId: a_b\n      tags: ['?']\n      responses: {'204': {description: ok}}\n",
            ),
        ),
        (
            "two-media-types.yaml",
            with_operation(
                "      operationId: a\n      tags: [A]\n      responses: {'200': {description: ok, content: {application/json: {schema: {type: string}}, text/csv: {}}}}\n",
            ),
        ),
        (
            "two-events-of-one-type.yaml",
            two_events(["OneEvent", "OtherEvent"], ["A.NEW", "A.NEW"]),
        ),
        (
            "two-events-of-one-name.yaml",
            two_events(["One", "OneEvent"], ["A.NEW", "B.NEW"]),
        ),
        (
            "unknown-event.yaml",
            two_events(["OneEvent", "Unknown"], ["A.NEW", "B.NEW"]),
        ),
        (
            "xml.yaml",
            with_operation(
                "      operationId: a\n      tags: [A]\n      requestBody: {content: {application/xml: {schema: {type: string}}}}\n      responses: {'204': {description: ok}}\n",
            )
            .replacen("    get:", "    put:", 1),
        ),
    ] {
        let file = directory.join(name);
        std::fs::write(&file, text).unwrap();
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
