//! `cargo xtask changelog`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::changelog::{self, CHANGELOG, Lines};
use super::{root, versions};
use crate::LOCK;
use crate::check::{rust, tree};
use crate::emit::Files;
use upvest_description::diff::{ChangeKind, Diff};
use upvest_description::error::{Error, Result};
use upvest_description::lower::lock::Lock;
use upvest_description::version::Version;

/// What the description changes since the last release.
#[derive(Args, Debug)]
pub struct Changelog {
    /// The commit or tag to compare with [default: the last tag `v*`]
    #[arg(long, value_name = "COMMIT")]
    since: Option<String>,

    /// Make a release of what is unreleased in CHANGELOG.md, under this version
    #[arg(long, value_name = "VERSION", requires = "date")]
    release: Option<String>,

    /// The day of the release, such as 2027-01-31
    #[arg(long, value_name = "DATE")]
    date: Option<String>,

    /// The workspace to read from and write to [default: this one]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

impl Changelog {
    /// Prints it, or writes it into the changelog.
    ///
    /// # Errors
    /// When one of the versions cannot be read, or the changelog cannot be written.
    pub fn run(&self) -> Result<ExitCode> {
        let root = root(self.root.as_deref())?;
        if let (Some(version), Some(date)) = (&self.release, &self.date) {
            make(&root, self.since.as_deref(), version, date)?;
            return Ok(ExitCode::SUCCESS);
        }
        match compared(&root, self.since.as_deref())?.1 {
            Some(diff) => print!("{}", changelog::text(&diff)),
            None => println!("Nothing was released before: there is nothing to compare with."),
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Makes a release of what is unreleased in the changelog, with the changes of the description since the last
/// release.
///
/// # Errors
/// When one of the versions cannot be read, the version is released already, or the changelog cannot be
/// written.
pub fn release(root: &Path, version: &str, date: &str) -> Result<()> {
    make(root, None, version, date)
}

fn make(root: &Path, since: Option<&str>, version: &str, date: &str) -> Result<()> {
    let (new, diff) = compared(root, since)?;
    let lines = diff.as_ref().map(changelog::lines).unwrap_or_default();
    write(root, version, date, &new, &lines)
}

/// The description as it is, and what it changes since a commit or else the last release, if there was one.
fn compared(root: &Path, since: Option<&str>) -> Result<(Version, Option<Diff>)> {
    let document = crate::vendored(root, &[])?;
    let new = Version::of(document, &Lock::load(&root.join(LOCK))?)?;
    let since = match since {
        Some(since) => Some(since.to_owned()),
        None => versions::last_release(root)?.map(|tag| tag.trim().to_owned()),
    };
    let diff = match since {
        Some(since) => Some(rust::diff(&versions::at_commit(root, &since)?, &new)?),
        None => None,
    };
    if let Some(diff) = &diff {
        warn(diff);
    }
    Ok((new, diff))
}

/// Warns of what has to be looked at before a release.
fn warn(diff: &Diff) {
    let open = diff
        .changes
        .iter()
        .filter(|change| change.kind == ChangeKind::NotUnderstood);
    for change in open {
        eprintln!(
            "warning: {}: {}, at {}",
            change.kind.name(),
            change.what(),
            change.pointer
        );
    }
}

fn write(root: &Path, version: &str, date: &str, new: &Version, lines: &Lines) -> Result<()> {
    let path = root.join(CHANGELOG);
    let before = std::fs::read_to_string(&path).map_err(|error| {
        Error::new(
            "this cannot be read",
            "name the root of a workspace that has it",
        )
        .in_file(Path::new(CHANGELOG))
        .with_source(error)
    })?;
    let before = before.replace("\r\n", "\n");
    if before.contains(&format!("## [{version}]")) {
        return Err(Error::new(
            format!("{version} is released already"),
            "name the next version",
        )
        .in_file(Path::new(CHANGELOG)));
    }
    let after = changelog::released(&before, version, date, &new.name(), lines);
    tree::replace(root, &[], &Files::from([(PathBuf::from(CHANGELOG), after)]))
}
