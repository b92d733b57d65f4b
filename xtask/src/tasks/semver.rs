//! `cargo xtask semver`: the public API against that of the last release.

use std::path::Path;
use std::process::ExitCode;

use clap::Args;

use super::{packages, process, root, versions};
use upvest_description::error::Result;

/// Compares the public API of every published crate with that of the last release, by
/// `cargo semver-checks`.
#[derive(Args, Debug)]
pub struct Semver {}

impl Semver {
    /// Does it.
    ///
    /// # Errors
    /// When the API has changed by more than the version says, or the tool is not installed.
    pub fn run(&self) -> Result<ExitCode> {
        check(&root(None)?)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Compares, if there was a release.
///
/// # Errors
/// As [`Semver::run`].
pub fn check(root: &Path) -> Result<()> {
    let Some(tag) = versions::last_release(root)? else {
        println!("Nothing was released before: there is nothing to compare with.");
        return Ok(());
    };
    let crates = packages::published(root)?;
    let mut arguments = vec![
        "semver-checks",
        "--all-features",
        "--baseline-rev",
        tag.trim(),
    ];
    for (name, _) in &crates {
        arguments.extend(["--package", name]);
    }
    process::run(root, "cargo", &arguments)
}
