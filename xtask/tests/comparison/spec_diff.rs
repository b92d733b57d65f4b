//! `cargo xtask spec diff`: what it prints and how it exits.

use std::path::PathBuf;

use crate::support::{directory, published, workspace, xtask, xtask_reading};
use crate::versions::description_with;

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

/// A workspace with the overlay of the published description, and nothing generated.
fn tree(name: &str) -> PathBuf {
    let root = directory(name);
    std::fs::create_dir(root.join("spec")).unwrap();
    std::fs::copy(published(xtask::OVERLAY), root.join(xtask::OVERLAY)).unwrap();
    root
}

fn diff(name: &str, replacements: &[(&str, &str)], more: &[&str]) -> (Option<i32>, String) {
    let text = reindented(&description_with(replacements));
    let new = written(name, &text);
    let old = published(xtask::DESCRIPTION);
    let root = tree(&format!("{name}_tree"));
    let root = root.to_str().unwrap();
    let files = [old.to_str().unwrap(), new.to_str().unwrap()];
    let arguments = [&["spec", "diff", "--root", root][..], &files].concat();
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
fn texts_of_the_document_are_not_markup() {
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
fn what_cannot_be_compared_has_its_own_exit_code() {
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

const RENAMING: &str = "overlay: 1.1.0
info: {title: Names, version: 1.0.0}
actions:
  - {target: \"$.paths['/auth/token'].post.responses['200'].content['application/json'].schema\", update: {x-rust-name: NAME}}
";

/// The description is the same, and so is the wire; what a type is called is another.
#[test]
fn a_rename_by_overlay_alone_is_reported() {
    let root = tree("diff_renamed");
    let file = published(xtask::DESCRIPTION);
    let file = file.to_str().unwrap();
    let old = root.join("old.yaml");
    std::fs::write(&old, RENAMING.replace("NAME", "BearerToken")).unwrap();
    let (old, root) = (old.to_str().unwrap(), root.to_str().unwrap());
    let run = xtask(&[
        "spec",
        "diff",
        "--root",
        root,
        "--old-overlay",
        old,
        file,
        file,
    ]);
    assert_eq!(run.status, Some(2), "{}{}", run.out, run.err);
    assert!(run.out.contains("BearerToken → AccessToken"), "{}", run.out);
}

/// Where names are written down, they are those of the old version, whatever the overlay says by now.
#[test]
fn a_rename_by_overlay_is_noticed_by_the_lock_of_names() {
    let root = tree("diff_locked");
    std::fs::copy(published(xtask::DESCRIPTION), root.join(xtask::DESCRIPTION)).unwrap();
    let at = root.to_str().unwrap();
    assert_eq!(xtask(&["generate", "--root", at]).status, Some(0));
    let overlay = root.join(xtask::OVERLAY);
    let text = std::fs::read_to_string(&overlay).unwrap();
    std::fs::write(
        &overlay,
        text.replace("x-rust-name: AccessToken\n", "x-rust-name: BearerToken\n"),
    )
    .unwrap();
    let file = published(xtask::DESCRIPTION);
    let file = file.to_str().unwrap();
    let run = xtask(&["spec", "diff", "--root", at, file, file]);
    assert_eq!(run.status, Some(2), "{}{}", run.out, run.err);
    assert!(run.out.contains("AccessToken → BearerToken"), "{}", run.out);
}

/// Names of our API are nothing to another one.
#[test]
fn overlays_are_for_documents_of_our_title() {
    let replacements = &[("title: Upvest Investment API", "title: Another API")];
    let (status, out) = diff("diff_foreign", replacements, &[]);
    assert_eq!(status, Some(2), "{out}");
    assert!(
        out.contains("title: Upvest Investment API → Another API"),
        "{out}"
    );
    assert!(out.contains("type renamed"), "{out}");
}

/// An action that has lost its place is reported, whether it selects it or names it.
#[test]
fn what_an_overlay_names_that_is_gone_is_a_warning() {
    let root = tree("diff_lost");
    let overlay = root.join(xtask::OVERLAY);
    let text = std::fs::read_to_string(&overlay).unwrap();
    let more = "  - {target: \"$.paths['/auth/verify_keys'].get\", update: {deprecated: true, x-rust-replacement: issue_token}}\n";
    std::fs::write(&overlay, text + more).unwrap();
    let new = description_with(&[("operationId: issue_token", "operationId: make_token")]);
    let file = published(xtask::DESCRIPTION);
    let arguments = [
        "spec",
        "diff",
        "--root",
        root.to_str().unwrap(),
        file.to_str().unwrap(),
        "-",
    ];
    let run = xtask_reading(&arguments, &new);
    assert_eq!(run.status, Some(2), "{}", run.err);
    assert!(
        run.err
            .contains("there is no operation `issue_token` to call"),
        "{}",
        run.err
    );
}

/// The overlays of the workspace are laid over the vendored description, too, and agree with its names.
#[test]
fn the_vendored_description_does_not_differ_from_itself() {
    let file = workspace().join(xtask::DESCRIPTION);
    let file = file.to_str().unwrap();
    let run = xtask(&["spec", "diff", file, file]);
    assert_eq!(run.status, Some(0), "{}{}", run.out, run.err);
    assert!(run.out.ends_with(": nothing changes\n"), "{}", run.out);
    assert_eq!(run.err, "");
}
