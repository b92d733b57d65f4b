//! `cargo xtask spec diff`: what it prints and how it exits.

use std::path::PathBuf;

use crate::support::{description_with, directory, published, xtask, xtask_reading};

/// One additive change, one breaking one, and some that are harmless.
const ALL_SORTS: &[(&str, &str)] = &[
    ("version: 1.9.0", "version: 1.10.0"),
    ("- EUR\n", "- EUR\n                        - GBP\n"),
    ("- name: authorization", "- name: Authorization"),
    (
        "summary: Retrieve an account group's cash balance",
        "summary: Retrieve a cash | balance `now`",
    ),
    ("operationId: get_jwks", "operationId: get_keys"),
];

fn written(name: &str, text: &str) -> PathBuf {
    let file = directory(name).join("new.yaml");
    std::fs::write(&file, text).unwrap();
    file
}

fn diff(name: &str, replacements: &[(&str, &str)], more: &[&str]) -> (Option<i32>, String) {
    let text = reindented(&description_with(replacements));
    let new = written(name, &text);
    let old = published(xtask::DESCRIPTION);
    let arguments = ["spec", "diff", old.to_str().unwrap(), new.to_str().unwrap()];
    let run = xtask(&[&arguments[..], more].concat());
    assert_eq!(run.err, "");
    (run.status, run.out)
}

/// Puts each `- GBP` below the `- EUR` before it, which stands at different depths.
fn reindented(text: &str) -> String {
    let mut indent = String::new();
    let mut lines = Vec::new();
    for line in text.lines() {
        if let Some(before) = line.strip_suffix("- EUR") {
            indent = before.to_owned();
        }
        lines.push(match line.trim_start() {
            "- GBP" => format!("{indent}- GBP\n"),
            _ => format!("{line}\n"),
        });
    }
    lines.concat()
}

#[test]
fn the_exit_code_says_how_bad_it_is() {
    assert_eq!(diff("diff_same", &[], &[]).0, Some(0));
    assert_eq!(diff("diff_harmless", &ALL_SORTS[2..4], &[]).0, Some(0));
    assert_eq!(diff("diff_additive", &ALL_SORTS[1..2], &[]).0, Some(1));
    assert_eq!(diff("diff_breaking", &ALL_SORTS[4..5], &[]).0, Some(2));
    assert_eq!(diff("diff_all", ALL_SORTS, &[]).0, Some(2));
}

#[test]
fn people_read_text() {
    insta::assert_snapshot!(diff("diff_text", ALL_SORTS, &[]).1);
}

#[test]
fn nothing_is_said_in_one_line() {
    let (_, out) = diff("diff_nothing", &[], &[]);
    assert_eq!(
        out,
        "Upvest Investment API 1.9.0 → Upvest Investment API 1.9.0: nothing changes\n"
    );
}

#[test]
fn pull_requests_get_markdown() {
    insta::assert_snapshot!(diff("diff_markdown", ALL_SORTS, &["--format", "markdown"]).1);
}

#[test]
fn programs_get_json() {
    let (_, out) = diff("diff_json", ALL_SORTS, &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(json["class"], "breaking");
    assert_eq!(json["steps"]["upvest-client"], "major");
    insta::assert_snapshot!(out);
}

#[test]
fn texts_of_the_document_are_no_markup() {
    let name = "[click](https://example.org) `@you` |";
    let replacement = format!("title: \"{name}\"");
    let (_, out) = diff(
        "diff_markup",
        &[("title: Upvest Investment API", &replacement)],
        &["--format", "markdown"],
    );
    assert!(
        out.contains(r"→ [click](https://example.org) '@you' \|` |"),
        "{out}"
    );
}

#[test]
fn either_version_comes_from_standard_input() {
    let (file, text) = (
        published(xtask::DESCRIPTION),
        description_with(&ALL_SORTS[4..5]),
    );
    let file = file.to_str().unwrap();
    assert_eq!(
        xtask_reading(&["spec", "diff", file, "-"], &text).status,
        Some(2)
    );
    assert_eq!(
        xtask_reading(&["spec", "diff", "-", file], &text).status,
        Some(2)
    );
}

#[test]
fn what_cannot_be_compared_has_an_exit_code_of_its_own() {
    let file = published(xtask::DESCRIPTION);
    let file = file.to_str().unwrap();
    for (arguments, input, told) in [
        (
            &["no/such.yaml", file][..],
            "",
            "no/such.yaml: the API description cannot be read",
        ),
        (
            &[file, "-"],
            "swagger: '2.0'",
            "standard input: this is not an OpenAPI document",
        ),
        (&["-", "-"], "", "standard input cannot be both versions"),
        (&[file], "", "required arguments were not provided"),
        (&[file, file, "--format", "xml"], "", "invalid value 'xml'"),
    ] {
        let run = xtask_reading(&[&["spec", "diff"], arguments].concat(), input);
        assert_eq!(run.status, Some(3), "{arguments:?}");
        assert!(run.err.contains(told), "{}", run.err);
    }
    assert_eq!(xtask(&["spec", "diff", "--help"]).status, Some(0));
    assert_eq!(xtask(&["spec", "difff"]).status, Some(2));
}
