//! Properties of the crates that the compiler does not hold.

use crate::support::{assert_success, cargo, workspace};

/// The packages that a crate of the workspace depends on with all its features, dependencies of
/// dependencies included.
fn tree(package: &str) -> Vec<String> {
    tree_with(package, &["--all-features"])
}

fn tree_with(package: &str, features: &[&str]) -> Vec<String> {
    let output = std::process::Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--package",
            package,
            "--edges",
            "normal",
        ])
        .args(features)
        .args(["--prefix", "none", "--format", "{p}"])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert_success(&output);
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

const HTTP_OR_ASYNC: [&str; 10] = [
    "async-trait",
    "futures-core",
    "futures-util",
    "http",
    "http-body",
    "hyper",
    "reqwest",
    "tokio",
    "tower",
    "url",
];

#[test]
fn the_models_need_neither_http_nor_anything_asynchronous() {
    let found = tree("upvest-models");
    assert!(
        found.contains(&"serde".to_owned()),
        "the tree is read: {found:?}"
    );
    for name in HTTP_OR_ASYNC {
        assert!(
            !found.contains(&name.to_owned()),
            "{name} is in the tree of upvest-models"
        );
    }
}

/// Derive macros would have to be compiled before the models can be.
#[test]
fn the_models_need_no_derive_macros() {
    let found = tree_with("upvest-models", &[]);
    assert!(
        found.contains(&"serde_json".to_owned()),
        "the tree is read: {found:?}"
    );
    for name in ["proc-macro2", "quote", "serde_derive", "syn"] {
        assert!(
            !found.contains(&name.to_owned()),
            "{name} is in the tree of upvest-models"
        );
    }
}

#[test]
fn signing_knows_neither_the_client_nor_reqwest() {
    let found = tree("upvest-auth-signing");
    assert!(
        found.contains(&"http".to_owned()),
        "the tree is read: {found:?}"
    );
    for name in ["reqwest", "upvest-client", "upvest-models", "hyper"] {
        assert!(
            !found.contains(&name.to_owned()),
            "{name} is in the tree of upvest-auth-signing"
        );
    }
}

#[test]
fn webhooks_need_no_http_client() {
    let found = tree("upvest-webhooks");
    assert!(
        found.contains(&"upvest-models".to_owned()),
        "the tree is read: {found:?}"
    );
    for name in ["reqwest", "upvest-client", "upvest"] {
        assert!(
            !found.contains(&name.to_owned()),
            "{name} is in the tree of upvest-webhooks"
        );
    }
}

#[test]
fn another_crate_builds_on_the_models_alone() {
    assert_success(&cargo(&workspace().join("tests/downstream"), &["test"]));
}
