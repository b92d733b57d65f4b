//! Taking a new version of the description: all of it, or nothing.

use std::path::{Path, PathBuf};

use super::versions;
use crate::check::{rust, tree};
use crate::emit::{self, Files, surface};
use crate::{DESCRIPTION, GENERATED, LOCK};
use upvest_description::diff::Diff;
use upvest_description::error::{Error, Pointer, Result};
use upvest_description::lower::lock::Lock;
use upvest_description::read::document::Document;
use upvest_description::version::Version;

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
    /// When it is not understood, is of another API, or cannot be expressed in Rust, when an action of
    /// the overlay does nothing any more, and when a file of the workspace cannot be read.
    pub fn prepare(root: &Path, text: &str, name: &Path) -> Result<Self> {
        let text = text.replace("\r\n", "\n");
        let old = Document::load(&root.join(DESCRIPTION), Path::new(DESCRIPTION))?;
        let (old, _) = versions::of_tree(root)?.version(old)?;
        let document = crate::as_vendored(root, Document::parse(&text, name)?, &[])?;
        let title = &document.root["info"]["title"];
        if *title != old.api.title {
            let error = Error::new(
                format!("this describes {title}, not the {}", old.api.title),
                "name a description of the same API, or replace the old one by hand",
            );
            return Err(error
                .at(&Pointer::root().join("info").join("title"))
                .in_file(name));
        }
        let mut outcome = crate::generate_with(&document, &Lock::of(&old.api))?;
        outcome.embed(root, &document)?;
        let mut files = outcome.files;
        let new = Version {
            document,
            api: outcome.api,
        };
        let diff = rust::diff(&old, &new)?;
        files.extend(surface::files(&new.api));
        files.insert(PathBuf::from(LOCK), emit::names(&Lock::of(&new.api)));
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
