//! `cargo xtask changelog`: what users read about the description at a release.

use std::path::Path;
use std::process::Command;

use crate::support::{xtask, xtask_reading};
use crate::versions::{description_with, updatable_tree};

fn git(root: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org"];
    let run = Command::new("git")
        .arg("-C")
        .arg(root)
        .args(identity)
        .args(["-c", "commit.gpgsign=false", "-c", "tag.gpgsign=false"])
        .args(arguments)
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
}

/// The notes of a release on GitHub: `gh release create --notes-from-tag` asks git for them like this.
fn told_by_the_tag(root: &Path, tag: &str) -> String {
    let format = "--format=%(contents:subject)%0a%0a%(contents:body)";
    let arguments = ["tag", "--list", tag, format];
    let mut command = Command::new("git");
    let run = command.arg("-C").arg(root).args(arguments).output();
    String::from_utf8(run.unwrap().stdout).unwrap()
}

fn update(root: &Path, replacements: &[(&str, &str)]) {
    let arguments = ["spec", "update", "-", "--root", root.to_str().unwrap()];
    let run = xtask_reading(&arguments, &description_with(replacements));
    assert_eq!(run.status, Some(0), "{}", run.err);
}

const DEPRECATED: (&str, &str) = (
    "operationId: get_jwks",
    "deprecated: true\n      operationId: get_jwks",
);

/// What came and went between two releases is nobody's business.
#[test]
fn a_release_lists_only_what_changed_since_the_last_one() {
    let root = updatable_tree("changelog");
    std::fs::write(root.join("CHANGELOG.md"), CHANGELOG).unwrap();
    git(&root, &["init", "--quiet"]);
    git(&root, &["add", "--all"]);
    git(&root, &["commit", "--quiet", "--message", "first"]);
    git(&root, &["tag", "v0.1.0"]);
    update(&root, &[("version: 1.9.0", "version: 1.10.0"), DEPRECATED]);
    update(
        &root,
        &[
            ("version: 1.9.0", "version: 1.11.0"),
            ("operationId: issue_token", "operationId: make_token"),
        ],
    );
    let at = root.to_str().unwrap();
    let run = xtask(&["changelog", "--root", at]);
    assert_eq!(run.status, Some(0), "{}", run.err);
    assert!(
        run.out
            .starts_with("Generated from the Upvest Investment API 1.11.0.\n"),
        "{}",
        run.out
    );
    assert!(
        run.out
            .contains("**Breaking:** operation renamed `issue_token → make_token`"),
        "{}",
        run.out
    );
    assert!(!run.out.contains("get_jwks"), "{}", run.out);

    let release = [
        "changelog",
        "--root",
        at,
        "--release",
        "0.2.0",
        "--date",
        "2027-01-31",
    ];
    assert_eq!(xtask(&release).status, Some(0));
    let text = std::fs::read_to_string(root.join("CHANGELOG.md")).unwrap();
    let begins = "# Changelog\n\n## [Unreleased]\n\n## [0.2.0] - 2027-01-31\n\nGenerated from the Upvest Investment API 1.11.0.\n\n### Added\n\n- Something.\n\n### Changed\n\n- **Breaking:**";
    assert!(text.starts_with(begins), "{text}");
    assert!(
        text.contains("\n### Fixed\n\n- Something else.\n\n## [0.1.0]\n\n- The first one.\n"),
        "{text}"
    );

    for (key, value) in [
        ("user.name", "Test"),
        ("user.email", "test@example.org"),
        ("tag.gpgsign", "false"),
    ] {
        git(&root, &["config", key, value]);
    }
    assert_eq!(
        xtask::tasks::release::tag(&root, "0.2.0").unwrap(),
        "v0.2.0"
    );
    let notes = told_by_the_tag(&root, "v0.2.0");
    let begins = "Release 0.2.0\n\nGenerated from the Upvest Investment API 1.11.0.\n\n### Added\n\n- Something.\n";
    assert!(notes.starts_with(begins), "{notes}");
    assert!(
        notes.trim_end().ends_with("### Fixed\n\n- Something else."),
        "{notes}"
    );

    let again = xtask(&release);
    assert_eq!(again.status, Some(2));
    assert!(
        again.err.contains("0.2.0 is released already"),
        "{}",
        again.err
    );
}

#[test]
fn an_unknown_commit_is_refused() {
    let root = updatable_tree("changelog_nowhere");
    git(&root, &["init", "--quiet"]);
    let at = root.to_str().unwrap();
    let run = xtask(&["changelog", "--root", at]);
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
    assert!(
        run.out.starts_with("Nothing was released before"),
        "{}",
        run.out
    );
    let run = xtask(&["changelog", "--root", at, "--since", "v9"]);
    assert_eq!(run.status, Some(2));
    assert!(
        run.err.contains("there is no spec/upvest.yaml at `v9`"),
        "{}",
        run.err
    );
}

const CHANGELOG: &str = "# Changelog

## [Unreleased]

Generated from the Upvest Investment API 1.10.0.

### Added

- Something.

### Fixed

- Something else.

## [0.1.0]

- The first one.
";
