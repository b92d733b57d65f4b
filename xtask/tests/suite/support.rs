//! Directories to work in, and commands to run.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The root of this workspace.
pub(crate) fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest
        .parent()
        .expect("xtask is in the workspace")
        .to_owned()
}

/// An empty directory of that name for one test.
pub(crate) fn directory(name: &str) -> PathBuf {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if directory.exists() {
        std::fs::remove_dir_all(&directory).unwrap();
    }
    std::fs::create_dir_all(&directory).unwrap();
    directory
}

/// A description with its overlay that no update of the vendored ones changes: both as they were
/// for version 1.9.0.
pub(crate) fn published(file: &str) -> PathBuf {
    let name = Path::new(file).file_name().expect("the name of a file");
    workspace().join("xtask/tests/published").join(name)
}

/// A tree with the published description, its overlay and what is generated from them.
pub(crate) fn generated_tree(name: &str) -> PathBuf {
    let root = directory(name);
    std::fs::create_dir_all(root.join("spec")).unwrap();
    for file in [xtask::DESCRIPTION, xtask::OVERLAY] {
        std::fs::copy(published(file), root.join(file)).unwrap();
    }
    assert_eq!(
        xtask(&["generate", "--root", root.to_str().unwrap()]).status,
        Some(0)
    );
    root
}

/// What a run of `cargo xtask` left behind.
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

pub(crate) fn xtask(arguments: &[&str]) -> Run {
    xtask_reading(arguments, "")
}

/// Runs `cargo xtask` with this on standard input.
pub(crate) fn xtask_reading(arguments: &[&str], input: &str) -> Run {
    let mut process = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A run that fails early reads nothing.
    let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
    let run = process.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    Run {
        status: run.status.code(),
        out: text(run.stdout),
        err: text(run.stderr),
    }
}

/// Every file below a directory, with its content.
pub(crate) fn files(directory: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let content = std::fs::read(&path).unwrap();
            found.push((path, content));
        }
    }
    found.sort();
    found
}

/// The files below a directory are what they were.
#[track_caller]
pub(crate) fn assert_untouched(directory: &Path, before: &[(PathBuf, Vec<u8>)]) {
    let after = files(directory);
    let files = before.iter().chain(&after);
    let touched: Vec<_> = files
        .filter(|file| !before.contains(file) || !after.contains(file))
        .map(|(path, _)| path)
        .collect();
    assert!(touched.is_empty(), "{touched:?}");
}

/// Runs cargo on a crate outside the workspace, with the dependencies of the workspace and nothing
/// from the network.
pub(crate) fn cargo(directory: &Path, arguments: &[&str]) -> Output {
    std::fs::copy(workspace().join("Cargo.lock"), directory.join("Cargo.lock")).unwrap();
    Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--offline", "--quiet"])
        .current_dir(directory)
        // What is built for the workspace is used again.
        .env(
            "CARGO_TARGET_DIR",
            Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap(),
        )
        .output()
        .unwrap()
}

pub(crate) fn assert_success(output: &Output) {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        output.status.success(),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
}
