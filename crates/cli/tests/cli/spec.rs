//! `upvest spec`.

use serde_json::Value;

use crate::support::{Home, json, stderr, stdout};

/// The description that the program was made from, as it is published.
const PUBLISHED: &str = include_str!("../../../../spec/upvest.yaml");

/// A description of an API with one operation.
const SMALL: &str = "openapi: 3.0.3
info: {title: Small, version: '1'}
paths:
  /things:
    get:
      operationId: list_things
      tags: [Things]
      parameters:
      - {name: limit, in: query, schema: {type: integer}}
      responses:
        '200':
          description: All of them.
          content:
            application/json:
              schema:
                type: object
                required: [count]
                properties: {count: {type: integer}}
";

fn kinds(told: &Value) -> Vec<(&str, &str)> {
    let changes = told["changes"].as_array().expect("a list");
    let text = |change: &'_ Value, member: &str| match &change[member] {
        Value::String(text) => text.clone().leak() as &str,
        other => panic!("{other}"),
    };
    let kinds = changes.iter();
    kinds
        .map(|change| (text(change, "kind"), text(change, "place")))
        .collect()
}

#[test]
fn the_description_of_this_version_changes_nothing() {
    let home = Home::new();
    home.write("same.yaml", PUBLISHED);
    let told = home.run(&["spec", "check", "same.yaml"]).code(0);
    let told = stdout(&told);
    assert!(
        told.contains(": nothing changes\n") && told.ends_with("This version keeps working.\n"),
        "{told}"
    );
}

#[test]
fn a_new_description_is_checked_against_this_version() {
    let home = Home::new();
    let renamed = PUBLISHED.replace(
        "operationId: list_webhooks\n",
        "operationId: all_webhooks\n",
    );
    assert_ne!(renamed, PUBLISHED);
    home.write("new.yaml", &renamed);
    let told = json(&home.run(&["spec", "check", "--json", "new.yaml"]).code(2));
    assert_eq!(told["class"], "breaking");
    assert_eq!(kinds(&told), [("operation renamed", "all_webhooks")]);
}

#[test]
fn two_descriptions_are_compared() {
    let home = Home::new();
    home.write("old.yaml", SMALL);
    let new = SMALL
        .replace(
            "limit, in: query, schema",
            "limit, in: query, required: true, schema",
        )
        .replace(
            "{count: {type: integer}}",
            "{count: {type: integer}, sum: {type: string}}",
        );
    home.write("new.yaml", &new);
    let told = home.run(&["spec", "diff", "old.yaml", "new.yaml"]).code(2);
    insta::assert_snapshot!(stdout(&told));
    let added = SMALL.replace("{count:", "{sum: {type: string}, count:");
    home.write("added.yaml", &added);
    home.run(&["spec", "diff", "old.yaml", "added.yaml"])
        .code(1);
    home.run(&["spec", "diff", "old.yaml", "old.yaml"]).code(0);
}

#[test]
fn what_cannot_be_compared_is_reported_with_exit_code_3() {
    let home = Home::new();
    home.write("small.yaml", SMALL);
    home.write(
        "broken.yaml",
        &SMALL.replace("type: integer}", "type: matrix}"),
    );
    home.run(&["spec", "check"]).code(3);
    home.run(&["spec", "diff", "small.yaml", "-", "more"])
        .code(3);
    let missing = home.run(&["spec", "check", "missing.yaml"]).code(3);
    assert!(stderr(&missing).contains("cannot read `missing.yaml`"));
    home.write_bytes("utf-16.yaml", b"\xff\xfeo\0p\0e\0n\0");
    for (arguments, words) in [
        (&["check", "utf-16.yaml"][..], "not text in UTF-8"),
        (&["check", "small.yaml"][..], "this describes `Small`"),
        (&["diff", "-", "-"], "standard input cannot be both"),
        (
            &["diff", "small.yaml", "broken.yaml"],
            "broken.yaml#/paths/~1things/get",
        ),
    ] {
        let told = home.run(&[&["spec"][..], arguments].concat()).code(3);
        let told = stderr(&told);
        assert!(
            told.contains(words) && told.contains("\n  help: "),
            "{told}"
        );
    }
}

/// Descriptions that are refused, each with its advice to the user.
fn refused() -> Vec<(&'static str, String, &'static str)> {
    let schema = "type: object
                required: [count]
                properties: {count: {type: integer}}";
    let union = "oneOf:
                - {title: A, type: object, properties: {a: {type: string}}}
                - {title: B, type: object, properties: {b: {type: string}}}";
    let decimal =
        "components: {schemas: {Decimal: {type: object, properties: {a: {type: string}}}}}\n";
    let parameter = "schema: {type: integer}}";
    let later = "a newer version";
    vec![
        ("no yaml", "a: [".to_owned(), "correct the syntax"),
        ("no description", "a: b".to_owned(), "openapi: 3.0.x"),
        (
            "a type",
            SMALL.replace("count: {type: integer}", "count: {type: matrix}"),
            later,
        ),
        (
            "no id",
            SMALL.replace("operationId: list_things", "summary: Things"),
            "add `operationId`",
        ),
        (
            "no tag",
            SMALL.replace("      tags: [Things]\n", ""),
            "add one",
        ),
        (
            "a pattern",
            SMALL.replace(parameter, "schema: {type: string, pattern: '^(ab)+$'}}"),
            later,
        ),
        ("a union", SMALL.replace(schema, union), later),
        (
            "a name of Rust",
            SMALL.replace(schema, "$ref: '#/components/schemas/Decimal'") + decimal,
            later,
        ),
        (
            "no name",
            SMALL.replace("operationId: list_things", "operationId: '+'"),
            later,
        ),
        (
            "nothing there",
            SMALL.replace("type: object\n", "$ref: '#/components/schemas/Nothing'\n"),
            "add what it names",
        ),
        (
            "elsewhere",
            SMALL.replace("type: object\n", "$ref: 'other.yaml'\n"),
            "bundle",
        ),
    ]
}

/// Who asks has the description, and neither the overlays nor the generator.
#[test]
fn advice_is_about_the_description_alone() {
    let home = Home::new();
    home.write("small.yaml", SMALL);
    for (name, text, help) in refused() {
        assert_ne!(text, SMALL, "{name}");
        home.write("new.yaml", &text);
        let told = home
            .run(&["spec", "diff", "small.yaml", "new.yaml"])
            .code(3);
        let told = stderr(&told);
        assert!(told.starts_with("error: new.yaml"), "{name}: {told}");
        assert_fits_a_user(&told, help);
    }
}

/// What an overlay corrects may be there in another shape.
#[test]
fn corrections_that_do_not_fit_are_not_a_fault_of_the_description() {
    let home = Home::new();
    let ours = "openapi: 3.0.3
info: {title: Upvest Investment API, version: '9'}
paths: {'/account_groups/{account_group_id}': {delete: not any more}}
";
    home.write("new.yaml", ours);
    let told = home.run(&["spec", "check", "new.yaml"]).code(3);
    assert_fits_a_user(&stderr(&told), "a newer version");
}

fn assert_fits_a_user(told: &str, help: &str) {
    let (_, advice) = told.split_once("\n  help: ").expect("advice");
    assert!(advice.contains(help), "{told}");
    for word in ["overlay", "xtask", "spec/", "names.lock", "x-rust-"] {
        assert!(!told.contains(word), "{word}: {told}");
    }
}

#[test]
fn a_description_comes_from_standard_input_and_prints_no_control_characters() {
    let home = Home::new();
    home.write("old.yaml", SMALL);
    let mut command = home.upvest(&["spec", "diff", "old.yaml", "-"]);
    let new = SMALL.replace(
        "title: Small, version: '1'",
        "title: Small, version: \"2\\e[31m\"",
    );
    let told = stdout(&command.write_stdin(new).assert().code(0));
    assert!(
        told.contains(r"2\u{1b}[31m") && !told.contains('\u{1b}'),
        "{told}"
    );
}
