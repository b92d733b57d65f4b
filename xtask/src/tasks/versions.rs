//! Versions of the description that are compared: with their overlays, and with the names that they had.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::check::diff::Version;
use crate::error::{Error, Result};
use crate::lower::lock::Lock;
use crate::read::document::Document;
use crate::read::overlay::Overlay;
use crate::{DESCRIPTION, LOCK, OVERLAY, TITLE, WHOLE_API};

/// What is laid over a version, and what it calls things.
#[derive(Debug)]
pub struct Terms {
    overlays: Vec<Overlay>,
    lock: Lock,
    /// Whether the lock has the last word, since the overlays may have changed since it was written.
    is_held: bool,
}

impl Terms {
    /// Those of the workspace at `root`.
    ///
    /// # Errors
    /// When a file cannot be read or is not understood.
    pub fn of_tree(root: &Path) -> Result<Self> {
        Ok(Self {
            overlays: crate::overlays(root)?,
            lock: Lock::load(&root.join(LOCK))?,
            is_held: true,
        })
    }

    /// These overlays, in the place of those of the workspace.
    ///
    /// # Errors
    /// When a file cannot be read or is not understood.
    pub fn with_overlays(root: &Path, files: &[PathBuf]) -> Result<Self> {
        let overlays = files.iter().map(|file| Overlay::load(file, file));
        Ok(Self {
            overlays: overlays.collect::<Result<_>>()?,
            lock: Lock::load(&root.join(LOCK))?,
            is_held: false,
        })
    }

    /// Reads a version: what its overlays name that is not there is told of, no more.
    ///
    /// # Errors
    /// When it is not understood, or cannot be expressed in Rust.
    pub fn version(&self, document: Document) -> Result<(Version, Vec<Error>)> {
        let is_ours = document.root["info"]["title"] == TITLE;
        let none = Lock::default();
        let lock = if is_ours { &self.lock } else { &none };
        let effective = crate::laid_over(document, &self.overlays)?;
        let mut version = Version::of(effective.document, lock)?;
        if self.is_held {
            lock.restore(&mut version.api);
        }
        Ok((version, effective.idle))
    }

    /// The same overlays, and the names of another version.
    #[must_use]
    pub fn after(self, version: &Version) -> Self {
        Self {
            lock: Lock::of(&version.api),
            is_held: false,
            ..self
        }
    }
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
    let terms = Terms {
        overlays,
        lock: Lock::parse(&lock)?,
        is_held: true,
    };
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
