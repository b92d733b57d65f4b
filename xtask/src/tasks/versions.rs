//! Versions of the description that are compared: with their overlays, and with the names that they had.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{DESCRIPTION, LOCK, OVERLAY, WHOLE_API};
use upvest_description::error::{Error, Result};
use upvest_description::lower::lock::Lock;
use upvest_description::read::document::Document;
use upvest_description::read::overlay::Overlay;
use upvest_description::version::{Terms, Version};

/// The overlays and names of the workspace at `root`.
///
/// # Errors
/// When a file cannot be read or is not understood.
pub fn of_tree(root: &Path) -> Result<Terms> {
    let lock = Lock::load(&root.join(LOCK))?;
    Ok(Terms::held(crate::overlays(root)?, lock))
}

/// The names of the workspace at `root`, with these overlays in place of its own overlays.
///
/// # Errors
/// When a file cannot be read or is not understood.
pub fn with_overlays(root: &Path, files: &[PathBuf]) -> Result<Terms> {
    let overlays = files.iter().map(|file| Overlay::load(file, file));
    let lock = Lock::load(&root.join(LOCK))?;
    Ok(Terms::new(overlays.collect::<Result<_>>()?, lock))
}

/// The vendored description as it was at a commit of the workspace.
///
/// # Errors
/// When there is none, or it is not understood.
pub fn at_commit(root: &Path, commit: &str) -> Result<Version> {
    let text = shown(root, commit, DESCRIPTION)?.ok_or_else(|| {
        Error::new(
            format!("there is no {DESCRIPTION} at `{commit}`"),
            "name a commit or tag of this repository that has one",
        )
    })?;
    let mut overlays = Vec::new();
    for file in [OVERLAY, WHOLE_API] {
        if let Some(text) = shown(root, commit, file)? {
            overlays.push(Overlay::parse(&text, Path::new(file))?);
        }
    }
    let lock = shown(root, commit, LOCK)?.unwrap_or_default();
    let terms = Terms::held(overlays, Lock::parse(&lock)?);
    let document = Document::parse(&text, Path::new(DESCRIPTION))?;
    Ok(terms.version(document)?.0)
}

/// The last tag of a release, if there is one.
///
/// # Errors
/// When git cannot be run.
pub fn last_release(root: &Path) -> Result<Option<String>> {
    git(
        root,
        &["describe", "--tags", "--abbrev=0", "--match", "v[0-9]*"],
    )
}

/// A file as it was at a commit, if it was there.
fn shown(root: &Path, commit: &str, file: &str) -> Result<Option<String>> {
    git(
        root,
        &["show", "--end-of-options", &format!("{commit}:{file}")],
    )
}

/// What git says, unless it refuses.
fn git(root: &Path, arguments: &[&str]) -> Result<Option<String>> {
    let mut command = Command::new("git");
    let output = command.arg("-C").arg(root).args(arguments).output();
    let output = output.map_err(|error| {
        Error::new("git cannot be run", "install git, or name a file").with_source(error)
    })?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(output.status.success().then_some(text))
}
