//! `cargo xtask spec update`: everything follows the description, or nothing does.

use std::path::Path;

use crate::support::{Run, assert_untouched, files, xtask, xtask_reading};
use crate::versions::{description_with, updatable_tree};

const NEXT: &[(&str, &str)] = &[
    ("version: 1.9.0", "version: 1.10.0"),
    ("operationId: get_jwks", "operationId: get_keys"),
];

fn next() -> String {
    description_with(NEXT)
}

fn update(root: &Path, text: &str) -> Run {
    xtask_reading(
        &["spec", "update", "-", "--root", root.to_str().unwrap()],
        text,
    )
}

#[test]
fn everything_follows_the_description() {
    let root = updatable_tree("update");
    let text = next();
    let run = update(&root, &text);
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    insta::assert_snapshot!("what_an_update_prints", run.out);
    assert_eq!(
        std::fs::read_to_string(root.join(xtask::DESCRIPTION)).unwrap(),
        text
    );
    // What a pull request with it is checked for.
    for task in ["generate", "surface"] {
        let check = xtask(&[task, "--check", "--root", root.to_str().unwrap()]);
        assert_eq!(check.status, Some(0), "{task}: {}", check.out);
    }
    let lock = std::fs::read_to_string(root.join(xtask::LOCK)).unwrap();
    assert!(lock.contains("operation get_keys \"get_keys\""), "{lock}");
    let table = std::fs::read_to_string(root.join("crates/client/operations.txt")).unwrap();
    assert!(table.contains("get_keys: GET /auth/verify_keys"), "{table}");
    let surface = std::fs::read_to_string(root.join("crates/client/surface.txt")).unwrap();
    assert!(surface.contains("pub fn Client::get_keys("));
}

#[test]
fn nothing_new_changes_nothing() {
    let root = updatable_tree("update_same");
    let before = files(&root);
    assert_eq!(update(&root, &description_with(&[])).status, Some(0));
    assert_untouched(&root, &before);
}

#[test]
fn a_file_may_be_named_and_have_the_line_ends_of_windows() {
    let root = updatable_tree("update_file");
    let file = root.join("next.yaml");
    std::fs::write(&file, next().replace('\n', "\r\n")).unwrap();
    let run = xtask(&[
        "spec",
        "update",
        file.to_str().unwrap(),
        "--root",
        root.to_str().unwrap(),
    ]);
    assert_eq!(run.status, Some(0), "{}", run.err);
    assert_eq!(
        std::fs::read_to_string(root.join(xtask::DESCRIPTION)).unwrap(),
        next()
    );
}

#[test]
fn a_description_that_is_refused_leaves_all_as_it_was() {
    let root = updatable_tree("update_refused");
    let before = files(&root);
    for (text, told) in [
        (
            "not: openapi".to_owned(),
            "standard input: this is not an OpenAPI document",
        ),
        (
            next().replacen("type: string", "type: text", 1),
            "standard input#/",
        ),
        // An action of the overlay has lost its place.
        (
            next().replacen("/auth/verify_keys:", "/auth/keys:", 1),
            "matches nothing in standard input",
        ),
    ] {
        let run = update(&root, &text);
        assert_eq!(run.status, Some(2), "{}", run.out);
        assert!(run.err.contains(told), "{}", run.err);
        assert_untouched(&root, &before);
    }
}

/// Whatever is replaced is moved to `*.old` first; something that is in that way blocks it.
#[test]
fn a_blocked_path_leaves_all_as_it_was() {
    for (index, place) in [
        "crates/client/operations.txt",
        "crates/client/src/generated",
        "crates/client/surface.txt",
        "crates/models/src/generated",
        "crates/models/surface.txt",
        "docs/reference.md",
        "spec/names.lock",
        "spec/upvest.yaml",
    ]
    .into_iter()
    .enumerate()
    {
        let root = updatable_tree(&format!("update_blocked_{index}"));
        let blocked = root.join(place).with_extension("old");
        if root.join(place).is_dir() {
            std::fs::write(&blocked, "a file").unwrap();
        } else {
            std::fs::create_dir(&blocked).unwrap();
            std::fs::write(blocked.join("within"), "a directory").unwrap();
        }
        let before = files(&root);
        let run = update(&root, &next());
        assert_eq!(run.status, Some(2), "{place}: {}", run.out);
        assert!(run.err.contains("cannot be written"), "{}", run.err);
        assert_untouched(&root, &before);
    }
}

/// The names of a type that stays are its names of before, whatever comes.
#[test]
fn an_update_renames_nothing() {
    let root = updatable_tree("update_names");
    let lock = || std::fs::read_to_string(root.join(xtask::LOCK)).unwrap();
    let names = |lock: &str| -> Vec<String> {
        let types = lock.lines().filter(|line| line.starts_with("type "));
        types.map(str::to_owned).collect()
    };
    let before = names(&lock());
    assert_eq!(update(&root, &next()).status, Some(0));
    let after = names(&lock());
    assert!(before.iter().all(|name| after.contains(name)), "{after:?}");
}

#[test]
fn a_description_of_another_api_is_refused() {
    let root = updatable_tree("update_foreign");
    let before = files(&root);
    let title = ("title: Upvest Investment API", "title: Another API");
    let run = update(&root, &description_with(&[title]));
    assert_eq!(run.status, Some(2), "{}", run.out);
    assert!(
        run.err.contains(", not the Upvest Investment API"),
        "{}",
        run.err
    );
    assert_untouched(&root, &before);
}

#[test]
fn a_directory_in_the_place_of_a_file_leaves_all_as_it_was() {
    let root = updatable_tree("update_misplaced");
    let surface = root.join("crates/models/surface.txt");
    std::fs::remove_file(&surface).unwrap();
    std::fs::create_dir(&surface).unwrap();
    std::fs::write(surface.join("within"), "a directory").unwrap();
    let before = files(&root);
    let run = update(&root, &next());
    assert_eq!(run.status, Some(2));
    assert!(run.err.contains("cannot be written"), "{}", run.err);
    assert_untouched(&root, &before);
}
