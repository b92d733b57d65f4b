//! `cargo xtask generate --spec FILE --out DIR`.

use std::path::Path;

use crate::support::{assert_success, assert_untouched, cargo, directory, files, xtask};

#[test]
fn any_description_becomes_a_workspace_that_builds() {
    let out = directory("standalone").join("new");
    let generate = |name: &str| {
        let spec = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/constructs")
            .join(name);
        xtask(&[
            "generate",
            "--spec",
            spec.to_str().unwrap(),
            "--out",
            out.to_str().unwrap(),
        ])
    };
    let without_problem = generate("list.yaml");
    assert_eq!(without_problem.status, Some(2));
    assert!(
        without_problem.err.contains("problem details"),
        "{}",
        without_problem.err
    );
    assert!(!out.exists());

    let run = generate("problem_details.yaml");
    assert_eq!(run.status, Some(0), "{}", run.err);
    for file in [
        "Cargo.toml",
        "models/src/decimal.rs",
        "models/src/generated/common.rs",
        "client/src/runtime/mod.rs",
        "client/src/generated/things.rs",
    ] {
        assert!(out.join(file).is_file(), "{file} is missing");
    }
    assert!(!out.join("models/src/generated/cash_balances.rs").exists());
    // What is written by hand is tested where its fixtures are.
    for (name, is_tested) in [
        ("models", true),
        ("client", true),
        ("auth-signing", false),
        ("http", false),
    ] {
        let manifest = std::fs::read_to_string(out.join(name).join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        assert_eq!(manifest["lib"]["test"].as_bool(), Some(is_tested), "{name}");
    }
    assert_success(&cargo(&out, &["check", "--workspace"]));

    let before = files(&out);
    let again = generate("problem_details.yaml");
    assert_eq!(again.status, Some(2));
    assert!(
        again.err.contains("this directory is not empty"),
        "{}",
        again.err
    );
    assert_untouched(&out, &before);
}
