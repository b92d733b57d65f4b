//! What a new version of the description changes: for whom, how badly, and what it asks of the
//! next release.
//!
//! Both documents go the way of generation first, so that what is compared is what the generator
//! understands: operations, and types by their Rust names. What that leaves out (limits, defaults,
//! deprecated fields, the spelling of headers) is read from the documents.
//!
//! A change has a **class**: what it does to programs that were built with the old version and
//! meet the new API. It also asks a **step** of each crate: what Rust's rules for semantic
//! versioning make of the code that is generated now. The two differ where they should. A field
//! that is added to an answer breaks no running program, but it breaks those who write out the
//! struct, unless that is `#[non_exhaustive]`. A path that moves breaks every running program, but
//! asks nobody to change any code.
//!
//! Steps are those of a version from 1.0 on. While a crate is at 0.x, `major` raises the minor
//! number, and `minor` and `patch` raise the patch number.

use std::path::Path;

use serde::Serialize;

use crate::error::Result;
use crate::read::document::Document;
use crate::read::overlay::Overlay;
use crate::{Outcome, generate};

mod fields;
mod limits;
mod operations;
mod report;
mod rules;
mod rust;
mod types;
mod webhooks;

pub use report::Format;
pub(crate) use report::code;
pub use rules::{Kind, RULES, Rule};
pub use rust::{Crate, RustChange};

/// What a change does to programs built with the old version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Nothing.
    Harmless,
    /// Nothing, but there is more to use.
    Additive,
    /// They fail, or have to be changed when they are built with the new version.
    Breaking,
}

/// Whom a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Who reads it: in an answer or in a webhook.
    Reads,
    /// Who sends it: as an argument or in a body.
    Sends,
    /// Who names it in Rust.
    Names,
}

/// How a version of a crate is to be raised, from 1.0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Not at all: the crate stays as it is.
    None,
    /// Nothing that users name has changed.
    Patch,
    /// There is more to name.
    Minor,
    /// Code that uses it may have to change.
    Major,
}

/// Whether something is read, sent, or both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Usage {
    reads: bool,
    sends: bool,
}

impl Usage {
    const BOTH: Self = Self {
        reads: true,
        sends: true,
    };
    const SENT: Self = Self {
        reads: false,
        sends: true,
    };
    const READ: Self = Self {
        reads: true,
        sends: false,
    };
}

/// One change of the description.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// What happened.
    pub kind: Kind,
    /// To what: `CashBalance.currency`, `retrieve_cash_balance`.
    pub place: String,
    /// The particulars, if there are any.
    pub detail: String,
    /// How bad it is for those whom it concerns most.
    pub class: Class,
    /// Those whom it concerns most.
    pub audiences: Vec<Audience>,
    /// What it asks of `upvest-models`.
    pub models: Step,
    /// What it asks of `upvest-client`.
    pub client: Step,
    /// Where it is: in the new document, or in the old one if it is gone.
    pub pointer: String,
}

impl Change {
    /// A change with what the rule of its kind says about it.
    fn new(
        kind: Kind,
        usage: Usage,
        place: impl Into<String>,
        detail: impl Into<String>,
        pointer: impl ToString,
    ) -> Self {
        let rule = kind.rule();
        let verdicts = [
            (Audience::Reads, rule.reads.filter(|_| usage.reads)),
            (Audience::Sends, rule.sends.filter(|_| usage.sends)),
            (Audience::Names, rule.names),
        ];
        let worst = verdicts.iter().filter_map(|(_, class)| *class).max();
        let audiences = verdicts
            .iter()
            .filter(|(_, class)| class.is_some() && *class == worst)
            .map(|(audience, _)| *audience);
        Self {
            kind,
            place: place.into(),
            detail: detail.into(),
            class: worst.unwrap_or(Class::Harmless),
            audiences: audiences.collect(),
            models: rule.models,
            client: rule.client,
            pointer: pointer.to_string(),
        }
    }
}

/// One of the two versions that are compared.
#[derive(Debug)]
pub struct Version {
    /// The document as the generator sees it.
    pub document: Document,
    /// What it says and what was generated from it.
    pub outcome: Outcome,
}

impl Version {
    /// Reads any version of the description, with overlays over it. Actions that do nothing on
    /// this one are left out: only on the vendored version they have to.
    ///
    /// # Errors
    /// When it is not understood, or cannot be expressed in Rust.
    pub fn read(text: &str, name: &Path, overlays: &[Overlay]) -> Result<Self> {
        let mut document = Document::parse(text, name)?;
        for overlay in overlays {
            overlay.apply(&mut document)?;
        }
        Self::of(document)
    }

    /// Reads what is to be vendored: every action of the overlay has to do something.
    ///
    /// # Errors
    /// When one does not, when it is not understood, or cannot be expressed in Rust.
    pub fn read_strictly(text: &str, name: &Path, overlay: &Overlay) -> Result<Self> {
        let mut document = Document::parse(text, name)?;
        match overlay.apply(&mut document)?.into_iter().next() {
            Some(idle) => Err(idle),
            None => Self::of(document),
        }
    }

    fn of(document: Document) -> Result<Self> {
        let outcome = generate(&document)?;
        Ok(Self { document, outcome })
    }

    /// Title and version, as people call it.
    pub fn name(&self) -> String {
        let description = &self.outcome.description;
        format!("{} {}", description.title, description.version)
    }
}

/// All that changes from one version to another.
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
    /// When a document or a generated file cannot be walked, which would be a fault of the generator.
    pub fn between(old: &Version, new: &Version) -> Result<Self> {
        let rust = rust::compare(&old.outcome.files, &new.outcome.files)?;
        let mut changes = operations::of_document(old, new);
        let types = types::Comparison::of(old, new)?;
        changes.extend(operations::compare(old, new, &types)?);
        changes.extend(webhooks::compare(old, new, &types));
        changes.extend(types.changes);
        if changes.is_empty() && old.document.digest != new.document.digest {
            let detail = "only order, examples, titles or layout";
            changes.push(Change::new(
                Kind::Elsewhere,
                Usage::BOTH,
                "document",
                detail,
                "/",
            ));
        }
        changes.sort_by_key(|change| std::cmp::Reverse(change.class));
        Ok(Self {
            old: old.name(),
            new: new.name(),
            new_version: new.outcome.description.version.clone(),
            changes,
            rust,
        })
    }

    /// How bad the worst change is, if there is any.
    pub fn class(&self) -> Option<Class> {
        let changes = self.changes.iter().map(|change| change.class);
        changes
            .chain(self.rust.iter().map(|change| change.class))
            .max()
    }

    /// What all changes together ask of a crate.
    pub fn step(&self, of: Crate) -> Step {
        let changes = self.changes.iter().map(|change| match of {
            Crate::Models => change.models,
            Crate::Client => change.client,
        });
        let rust = self.rust.iter().filter(|change| change.of == of);
        changes
            .chain(rust.map(|change| change.step))
            .max()
            .unwrap_or(Step::None)
    }
}
