//! Overlays: what they are refused for, when they expire, and what they do.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use upvest_description::error::Error;
use upvest_description::read::document::Document;
use upvest_description::read::overlay::Overlay;

use crate::support::{Run, assert_untouched, directory, files, generated_tree, workspace, xtask};

mod vendored;

/// An overlay of these actions.
fn overlay(actions: &str) -> String {
    format!("overlay: 1.1.0\ninfo: {{title: Test, version: '1'}}\nactions:\n{actions}\n")
}

fn write(directory: &Path, name: &str, text: &str) -> PathBuf {
    let file = directory.join(name);
    std::fs::write(&file, text).unwrap();
    file
}

/// A description that has no part in what is tested but `data`.
fn document(data: &str) -> Document {
    let text = format!("openapi: 3.0.3\ndata: {data}\n");
    Document::parse(&text, Path::new("document.yaml")).unwrap()
}

/// What becomes of `data`, and what is said of actions that did nothing.
fn applied(data: &str, actions: &str) -> Result<(Value, Vec<Error>), Error> {
    let mut document = document(data);
    let overlay = Overlay::parse(&overlay(actions), Path::new("overlay.yaml"))?;
    let idle = overlay.apply(&mut document)?;
    Ok((document.root["data"].take(), idle))
}

#[track_caller]
fn assert_becomes(data: &str, actions: &str, expected: Value) {
    let (found, idle) = applied(data, actions).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(found, expected);
    assert!(idle.is_empty(), "{idle:?}");
}

#[test]
fn what_is_not_an_overlay_is_refused() {
    let directory = directory("malformed-overlays");
    let spec = workspace().join("xtask/tests/constructs/decimal.yaml");
    let header = "overlay: 1.1.0\ninfo: {title: Test, version: '1'}\n";
    let mut told = String::new();
    for (name, text) in [
        ("not-yaml", "overlay: 1.1.0\n  actions: [\n".to_owned()),
        ("a-list", "- overlay\n".to_owned()),
        ("a-description", "openapi: 3.0.3\n".to_owned()),
        ("version-1.0", "overlay: 1.0.0\n".to_owned()),
        ("version-1.2", "overlay: 1.2.0\n".to_owned()),
        ("a-number", "overlay: 1.1\n".to_owned()),
        ("no-info", "overlay: 1.1.0\nactions: []\n".to_owned()),
        (
            "no-title",
            "overlay: 1.1.0\ninfo: {version: '1'}\nactions: []\n".to_owned(),
        ),
        ("no-actions", header.to_owned()),
        ("empty", format!("{header}actions: []\n")),
        ("misspelled", overlay("- {target: $.info, updates: {a: 1}}")),
        ("no-target", overlay("- {update: {a: 1}}")),
        (
            "no-path",
            overlay("- {target: $.info, remove: true}\n- {target: info.title, remove: true}"),
        ),
        ("no-source", overlay("- {target: $.info, copy: info}")),
        ("nothing", overlay("- {target: $.info, description: Why}")),
        ("not-removed", overlay("- {target: $.info, remove: false}")),
        (
            "update-and-remove",
            overlay("- {target: $.info, update: {a: 1}, remove: true}"),
        ),
        (
            "update-and-copy",
            overlay("- {target: $.info, update: null, copy: $.info}"),
        ),
    ] {
        let file = write(&directory, name, &text);
        let root = directory.join("out");
        std::fs::create_dir_all(&root).unwrap();
        let run = generate(&root, &["--spec", path(&spec), "--overlay", path(&file)]);
        assert_eq!(run.status, Some(2), "{name}: {}{}", run.out, run.err);
        assert!(files(&root).is_empty(), "{name}: something was written");
        told.push_str(&run.err.replace(path(&file), name));
        told.push('\n');
    }
    insta::assert_snapshot!(told);
}

#[test]
fn an_overlay_that_is_not_there_is_named() {
    let spec = workspace().join(xtask::DESCRIPTION);
    let run = xtask(&[
        "spec",
        "effective",
        "--spec",
        path(&spec),
        "--overlay",
        "no/such.yaml",
    ]);
    assert_eq!(run.status, Some(2));
    assert!(
        run.err
            .starts_with("error: no/such.yaml: the overlay cannot be read: "),
        "{}",
        run.err
    );

    let root = generated_tree("no-overlay");
    std::fs::remove_file(root.join(xtask::OVERLAY)).unwrap();
    let run = generate(&root, &[]);
    assert_eq!(run.status, Some(2));
    assert!(
        run.err
            .starts_with("error: spec/overlay.yaml: the overlay cannot be read: "),
        "{}",
        run.err
    );
}

#[test]
fn what_cannot_be_done_is_refused() {
    let mut told = String::new();
    for (data, action) in [
        ("{a: {b: 1}}", "{target: $.data.a, update: text}"),
        ("{a: {b: 1}}", "{target: $.data.a, update: [1]}"),
        ("{a: text}", "{target: $.data.a, update: {b: 1}}"),
        ("{a: text}", "{target: $.data.a, update: [1]}"),
        ("{a: [1]}", "{target: $.data, update: {a: 2}}"),
        (
            "{a: {b: [1]}}",
            "{target: $.data, update: {a: {b: {c: 1}}}}",
        ),
        ("{a: {b: 1}}", "{target: $.data, update: {a: null}}"),
        ("{a: 1, b: [1]}", "{target: $.data.*, update: 2}"),
        ("{a: 1, b: 2}", "{target: $.data.a, copy: $.data.*}"),
        ("{a: 1}", "{target: $.data, copy: $.data.a}"),
        ("{a: 1}", "{target: $, remove: true}"),
    ] {
        let actions = format!("- {{target: $.openapi, update: 3.0.4}}\n- {action}");
        let error = applied(data, &actions).unwrap_err();
        told.push_str(&format!("{data}\n{action}\n{error}\n\n"));
    }
    insta::assert_snapshot!(told);
}

#[test]
fn an_action_of_the_vendored_overlay_expires_with_its_reason() {
    let root = generated_tree("expired");
    let before = files(&root.join("crates"));
    let description = root.join(xtask::DESCRIPTION);
    let text = std::fs::read_to_string(&description).unwrap();
    let told: Vec<String> = [
        ("/auth/verify_keys:", "/auth/keys:"),
        (
            "                client_secret:\n                  type: string\n",
            "                client_secret:\n                  type: string\n                  format: password\n",
        ),
        (
            "title: Webhook - Positions - Callback",
            "title: Webhook - Cash Balance events - Callback",
        ),
    ]
    .into_iter()
    .map(|(from, to)| {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        std::fs::write(&description, changed).unwrap();
        let run = generate(&root, &[]);
        assert_eq!(run.status, Some(2), "{}", run.out);
        assert_eq!(generate(&root, &["--check"]).status, Some(2));
        run.err
    })
    .collect();
    insta::assert_snapshot!(told.join("\n"));
    assert_untouched(&root.join("crates"), &before);
}

#[test]
fn an_action_that_does_nothing_is_an_error_on_the_vendored_description_and_reported_on_others() {
    let root = generated_tree("idle");
    let spec = write(
        &root,
        "other.yaml",
        &std::fs::read_to_string(root.join(xtask::DESCRIPTION)).unwrap(),
    );
    let mut told = String::new();
    for (name, action) in [
        ("missing", "- {target: $.nowhere, remove: true}"),
        ("same", "- {target: $.info, update: {version: 1.9.0}}"),
        ("no-source", "- {target: $.info, copy: $.nowhere}"),
        ("no-entries", "- {target: $.tags, update: []}"),
    ] {
        let overlay = write(&root, name, &overlay(action));
        let overlay = ["--overlay", path(&overlay)];
        let vendored = generate(&root, &overlay);
        assert_eq!(vendored.status, Some(2), "{name}: {}", vendored.out);
        let other = generate(
            &root,
            &[&overlay[..], &["--verbose", "--spec", path(&spec)]].concat(),
        );
        assert_eq!(other.status, Some(0), "{name}: {}", other.err);
        let err = format!("{}{}", vendored.err, other.err);
        told.push_str(
            &err.replace(&format!("{}/", path(&root)), "")
                .replace('\\', "/"),
        );
        told.push('\n');
    }
    insta::assert_snapshot!(told);
}

#[test]
fn objects_are_merged_with_all_that_is_in_them() {
    assert_becomes(
        "{a: {b: 1, c: {d: 2}}, e: 3}",
        "- {target: $.data, update: {a: {b: 4, c: {f: 5}}, g: {h: 6}}}",
        json!({"a": {"b": 4, "c": {"d": 2, "f": 5}}, "e": 3, "g": {"h": 6}}),
    );
}

#[test]
fn the_order_of_members_stays_and_new_ones_follow() {
    let (data, _) = applied("{b: 1, a: 2}", "- {target: $.data, update: {c: 3, b: 4}}").unwrap();
    assert_eq!(data.to_string(), r#"{"b":4,"a":2,"c":3}"#);
}

#[test]
fn arrays_are_appended_to() {
    let update = |value: &str| format!("- {{target: $.data.a, update: {value}}}");
    assert_becomes("{a: [1]}", &update("[2, 3]"), json!({"a": [1, 2, 3]}));
    assert_becomes("{a: [1]}", &update("2"), json!({"a": [1, 2]}));
    assert_becomes("{a: [1]}", &update("{b: 2}"), json!({"a": [1, {"b": 2}]}));
    assert_becomes("{a: [1]}", &update("null"), json!({"a": [1, null]}));
    assert_becomes(
        "{a: {b: [1]}}",
        "- {target: $.data, update: {a: {b: [1, 2]}}}",
        json!({"a": {"b": [1, 1, 2]}}),
    );
}

#[test]
fn primitives_are_replaced_by_primitives() {
    let update = |value: &str| format!("- {{target: $.data.a, update: {value}}}");
    assert_becomes("{a: text}", &update("7"), json!({"a": 7}));
    assert_becomes("{a: 7}", &update("null"), json!({"a": null}));
    assert_becomes("{a: null}", &update("true"), json!({"a": true}));
}

#[test]
fn everything_that_matches_is_changed() {
    assert_becomes(
        "{a: {in: query}, b: {in: header}, c: {in: query}}",
        "- {target: \"$.data[?@.in == 'query']\", update: {required: true}}",
        json!({
            "a": {"in": "query", "required": true},
            "b": {"in": "header"},
            "c": {"in": "query", "required": true},
        }),
    );
    // An outer place, and one that is inside it.
    assert_becomes(
        "{a: {b: {}}}",
        "- {target: \"$.data..*\", update: {x: {}}}",
        json!({"a": {"b": {"x": {}}, "x": {}}}),
    );
    // It is enough that one of them is changed.
    assert_becomes(
        "{a: {x: 1}, b: {x: 2}}",
        "- {target: \"$.data.*\", update: {x: 1}}",
        json!({"a": {"x": 1}, "b": {"x": 1}}),
    );
}

#[test]
fn what_is_removed_goes_from_objects_and_arrays_wherever_it_stands() {
    let remove = |target: &str| format!("- {{target: \"{target}\", remove: true}}");
    assert_becomes("{a: 1, b: 2}", &remove("$.data.a"), json!({"b": 2}));
    assert_becomes("[1, 2, 3, 4]", &remove("$.data[2, 0, 2]"), json!([2, 4]));
    assert_becomes(
        "[a, b, c, d, e, f, g, h, i, j, k, l]",
        &remove("$.data[1, 10, 2]"),
        json!(["a", "d", "e", "f", "g", "h", "i", "j", "l"]),
    );
    assert_becomes("[dummy, a]", &remove("$.data[?@ == 'dummy']"), json!(["a"]));
    assert_becomes(
        "{a: {a: {a: 1}}, b: 2}",
        &remove("$.data..a"),
        json!({"b": 2}),
    );
    assert_becomes(
        "{a~/b: 1, c: 2}",
        &remove("$.data['a~/b']"),
        json!({"c": 2}),
    );
}

#[test]
fn a_copy_does_what_an_update_with_that_value_would() {
    let copy = |from: &str, to: &str| format!("- {{target: $.data.{to}, copy: $.data.{from}}}");
    assert_becomes(
        "{a: {c: 1}, b: {d: 2}}",
        &copy("a", "b"),
        json!({"a": {"c": 1}, "b": {"d": 2, "c": 1}}),
    );
    assert_becomes(
        "{a: [1], b: [2]}",
        &copy("a", "b"),
        json!({"a": [1], "b": [2, 1]}),
    );
    assert_becomes("{a: 1, b: 2}", &copy("a", "b"), json!({"a": 1, "b": 1}));
}

#[test]
fn each_action_sees_what_the_one_before_it_left() {
    // Moving is copying to a new place and removing the old one.
    assert_becomes(
        "{old: {a: 1}}",
        "- {target: $.data, update: {new: {}}}\n- {target: $.data.new, copy: $.data.old}\n- {target: $.data.old, remove: true}",
        json!({"new": {"a": 1}}),
    );
}

#[test]
fn members_of_an_overlay_that_begin_with_x_are_ignored() {
    let text = "overlay: 1.1.2\nx-a: 1\ninfo: {title: Test, version: '1', description: Why, x-b: 2}\nextends: upvest.yaml\nactions: [{target: $.openapi, update: 3.0.4, x-c: 3}]\n";
    let overlay = Overlay::parse(text, Path::new("overlay.yaml")).unwrap();
    let mut document = document("{}");
    assert!(overlay.apply(&mut document).unwrap().is_empty());
    assert_eq!(document.root["openapi"], "3.0.4");
}

#[test]
fn an_overlay_may_be_json() {
    let text = json!({
        "overlay": "1.1.0",
        "info": {"title": "Test", "version": "1"},
        "actions": [{"target": "$.openapi", "update": "3.0.4"}],
    });
    assert!(Overlay::parse(&text.to_string(), Path::new("overlay.json")).is_ok());
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn generate(root: &Path, arguments: &[&str]) -> Run {
    xtask(&[&["generate", "--root", path(root)], arguments].concat())
}
