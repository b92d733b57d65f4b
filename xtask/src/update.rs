//! Taking a new version of the description: all of it, or nothing.

use std::path::{Path, PathBuf};

use crate::changelog::{self, CHANGELOG};
use crate::diff::{Diff, Version};
use crate::error::{Error, Result};
use crate::generate::Files;
use crate::read::overlay::Overlay;
use crate::{DESCRIPTION, GENERATED, OVERLAY, surface, tree};

/// An update that is thought through, but not made yet.
#[derive(Debug)]
pub struct Update {
    /// What it changes.
    pub diff: Diff,
    files: Files,
}

impl Update {
    /// Reads the new description in `text`, which errors call `name`, and makes everything that
    /// follows from it below `root`. Nothing is written.
    ///
    /// # Errors
    /// When it is not understood, cannot be expressed in Rust, or an action of the overlay does nothing any more, and
    /// when a file of the workspace cannot be read.
    pub fn prepare(root: &Path, text: &str, name: &Path) -> Result<Self> {
        let text = text.replace("\r\n", "\n");
        let overlay = Overlay::load(&root.join(OVERLAY), Path::new(OVERLAY))?;
        let old = Version::read(
            &read(root, DESCRIPTION)?,
            Path::new(DESCRIPTION),
            std::slice::from_ref(&overlay),
        )?;
        let new = Version::read_strictly(&text, name, &overlay)?;
        let diff = Diff::between(&old, &new)?;
        let mut files = new.outcome.files;
        files.extend(surface::files(root, &files)?);
        if !diff.changes.is_empty() {
            let changelog = changelog::with_entry(&read(root, CHANGELOG)?, &diff);
            files.insert(PathBuf::from(CHANGELOG), changelog);
        }
        files.insert(PathBuf::from(DESCRIPTION), text);
        Ok(Self { diff, files })
    }

    /// Writes it.
    ///
    /// # Errors
    /// When a file cannot be written; then everything is as it was.
    pub fn make(&self, root: &Path) -> Result<()> {
        if tree::compare(root, GENERATED, &self.files)?.is_empty() {
            return Ok(());
        }
        tree::replace(root, GENERATED, &self.files)
    }
}

fn read(root: &Path, file: &str) -> Result<String> {
    let text = std::fs::read_to_string(root.join(file)).map_err(|error| {
        Error::new(
            "this cannot be read",
            "name the root of a workspace that has it",
        )
        .in_file(Path::new(file))
        .with_source(error)
    })?;
    Ok(text.replace("\r\n", "\n"))
}
