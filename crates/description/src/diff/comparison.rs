//! The result of a comparison.

use serde::Serialize;

use super::change::{BOTH, Change, Changes, reexported};
use super::class::{Class, VersionStep};
use super::rules::ChangeKind;
use super::rust::{Crate, RustChange};
use super::{document, operations, pairs, types, webhooks};
use crate::error::{Pointer, Result};
use crate::version::Version;

/// Everything that changes from one version to another.
#[derive(Clone, Debug, Serialize)]
pub struct Diff {
    /// The old version.
    pub old: String,
    /// The new version.
    pub new: String,
    /// `info.version` of the new version alone.
    pub new_version: String,
    /// What changes in the description.
    pub changes: Vec<Change>,
    /// What changes in the generated public surfaces.
    pub rust: Vec<RustChange>,
}

impl Diff {
    /// Compares two versions.
    ///
    /// # Errors
    /// When a document cannot be walked, which would be a fault of the generator.
    pub fn between(old: &Version, new: &Version) -> Result<Self> {
        let types = types::Types::of(&old.api, &new.api);
        let (operations, webhooks) = (operations::pairs(&types), webhooks::pairs(&types));
        let mut changes = Changes::default();
        operations::compare(&types, &operations, &mut changes);
        webhooks::compare(&types, &webhooks, &mut changes);
        pairs::compare(&types, &mut changes);
        let rest = document::compare(old, new, &types, &operations, &webhooks, &changes)?;
        changes.0.extend(rest.0);
        let is_other = old.document.digest != new.document.digest;
        if changes.0.is_empty() && is_other {
            let detail = "only order, examples, titles or layout";
            changes.tell(
                ChangeKind::Elsewhere,
                BOTH,
                "document",
                detail,
                &Pointer::root(),
            );
        }
        Ok(Self {
            old: old.name(),
            new: new.name(),
            new_version: new.api.version.clone(),
            changes: changes.sorted(),
            rust: Vec::new(),
        })
    }

    /// Adds the changes in the generated public surfaces, which show what the changes of the
    /// description alone do not require.
    #[must_use]
    pub fn with_rust(mut self, rust: Vec<RustChange>) -> Self {
        self.rust = rust;
        self.agree();
        self
    }

    /// Reports changes in Rust that the changes reported so far do not explain.
    fn agree(&mut self) {
        for change in &self.rust {
            let asked = self.changes.iter().map(|known| match change.of {
                Crate::Models => known.models,
                Crate::Client => known.client,
            });
            if asked.max().unwrap_or(VersionStep::None) < change.step {
                let item = change.new.as_ref().or(change.old.as_ref());
                let item = item.cloned().unwrap_or_default();
                let root = Pointer::root();
                let mut told = Change::new(ChangeKind::RustChanged, BOTH, item, "", &root);
                told.class = change.class;
                (told.models, told.client) = match change.of {
                    Crate::Models => (change.step, reexported(change.step)),
                    Crate::Client => (VersionStep::None, change.step),
                };
                self.changes.insert(0, told);
            }
        }
    }

    /// The class of the worst change, if there is any change.
    pub fn class(&self) -> Option<Class> {
        let changes = self.changes.iter().map(|change| change.class);
        changes
            .chain(self.rust.iter().map(|change| change.class))
            .max()
    }

    /// The version step that all changes together require of a crate.
    pub fn step(&self, of: Crate) -> VersionStep {
        let changes = self.changes.iter().map(|change| match of {
            Crate::Models => change.models,
            Crate::Client => change.client,
        });
        changes.max().unwrap_or(VersionStep::None)
    }
}
