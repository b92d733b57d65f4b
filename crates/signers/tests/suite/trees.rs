//! No other crate depends on what remote signers need, and no crate that can do without C depends on C.

use std::process::Command;

/// The crates that this one is built of, without those for tests.
fn tree(arguments: &[&str]) -> Vec<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--prefix", "none"])
        .args(["--format", "{lib}", "--package"])
        .args(arguments)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{problem}");
    let mut crates: Vec<String> = String::from_utf8(output.stdout)
        .expect("names are text")
        .lines()
        .map(|line| line.trim_end_matches(" (*)").to_owned())
        .collect();
    crates.sort();
    crates.dedup();
    crates
}

#[test]
fn the_trees_of_the_core_crates_did_not_grow() {
    for core in [
        "upvest-auth-signing",
        "upvest-client",
        "upvest",
        "upvest-webhooks",
    ] {
        let crates = tree(&[core, "-e", "normal"]);
        for foreign in ["cryptoki", "cryptoki_sys", "libloading", "upvest_signers"] {
            assert!(
                !crates.iter().any(|name| name == foreign),
                "{core}: {foreign}"
            );
        }
    }
    let crates = tree(&["upvest-auth-signing", "-e", "normal"]);
    for foreign in ["reqwest", "hyper", "mio"] {
        assert!(!crates.iter().any(|name| name == foreign), "{foreign}");
    }
}

#[test]
fn without_a_feature_there_is_nothing_but_the_core() {
    let mut core = tree(&["upvest-auth-signing", "-e", "normal"]);
    core.push("upvest_signers".to_owned());
    core.sort();
    assert_eq!(tree(&["upvest-signers", "-e", "normal"]), core);
}

#[test]
fn in_pure_rust_nothing_is_compiled_from_c_and_nothing_connects() {
    let crates = |cryptography: &str| {
        let features = ["--no-default-features", "--features", cryptography];
        tree(&[&["upvest", "-e", "normal,build"], &features[..]].concat())
    };
    let pure = crates("pure-rust");
    for foreign in ["cc", "hyper", "reqwest", "rustls"] {
        assert!(!pure.iter().any(|name| name == foreign), "{foreign}");
    }
    // Which the names in the tree would show.
    assert!(crates("aws-lc").iter().any(|name| name == "cc"));
    let default = tree(&["upvest", "-e", "normal"]);
    for shown in ["hyper", "reqwest", "rustls"] {
        assert!(default.iter().any(|name| name == shown), "{shown}");
    }
}
