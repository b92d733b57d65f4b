//! What a new version of the description changes: for whom, how badly, and what it asks of the
//! next release.
//!
//! Both documents go the way of generation first, and what is compared is what the generator makes of
//! them: operations, types, limits, by their Rust names. What generates nothing is read from the
//! documents (`rest`), and so is whatever else differs: examples, titles, words and order aside, it is
//! told as not understood, and taken for the worst.
//!
//! A change has a **class**: what it does to programs that were built with the old version and
//! meet the new API. It also asks a **step** of each crate: what Rust's rules for semantic
//! versioning make of the code that is generated now. The two differ where they should. A path that
//! moves breaks every running program, but asks nobody to change any code. What the models ask, the
//! client asks too, from a minor step on: it re-exports them, as `upvest` and `upvest-webhooks` do.
//!
//! Steps are those of a version from 1.0 on. While a crate is at 0.x, `major` raises the minor
//! number, and `minor` and `patch` raise the patch number.

use std::collections::HashSet;

use serde::Serialize;

use crate::error::{Pointer, Result};
use crate::ir::Usage;
use crate::version::Version;

mod arguments;
mod fields;
mod limits;
mod messages;
mod operations;
mod report;
mod rest;
mod rules;
mod rust;
mod schemas;
mod types;
mod webhooks;

pub use report::{Format, aligned, code, visible};
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

const BOTH: Usage = Usage {
    read: true,
    sent: true,
};

const SENT: Usage = Usage {
    read: false,
    sent: true,
};

const READ: Usage = Usage {
    read: true,
    sent: false,
};

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
            (Audience::Reads, rule.reads.filter(|_| usage.read)),
            (Audience::Sends, rule.sends.filter(|_| usage.sent)),
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
            client: reexported(rule.models).max(rule.client),
            pointer: pointer.to_string(),
        }
    }
}

/// What a step of the models is to a crate that re-exports them.
fn reexported(models: Step) -> Step {
    match models {
        Step::Minor | Step::Major => models,
        Step::None | Step::Patch => Step::None,
    }
}

/// The changes told so far, each once.
#[derive(Debug, Default)]
struct Changes(Vec<Change>);

impl Changes {
    fn tell(
        &mut self,
        kind: Kind,
        usage: Usage,
        place: impl Into<String>,
        detail: impl Into<String>,
        pointer: &Pointer,
    ) {
        self.0
            .push(Change::new(kind, usage, place, detail, pointer));
    }

    /// The worst first, and each once, wherever it is met.
    fn sorted(mut self) -> Vec<Change> {
        let mut met = HashSet::new();
        let key = |change: &Change| (change.kind, change.place.clone(), change.detail.clone());
        self.0.retain(|change| met.insert(key(change)));
        self.0.sort_by_key(|change| std::cmp::Reverse(change.class));
        self.0
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
    /// When a document cannot be walked, which would be a fault of the generator.
    pub fn between(old: &Version, new: &Version) -> Result<Self> {
        let types = types::Types::of(&old.api, &new.api);
        let (operations, webhooks) = (operations::pairs(&types), webhooks::pairs(&types));
        let mut changes = Changes::default();
        operations::compare(&types, &operations, &mut changes);
        webhooks::compare(&types, &webhooks, &mut changes);
        types.compare(&mut changes);
        let rest = rest::compare(old, new, &types, &operations, &webhooks, &changes)?;
        changes.0.extend(rest.0);
        let is_other = old.document.digest != new.document.digest;
        if changes.0.is_empty() && is_other {
            let detail = "only order, examples, titles or layout";
            changes.tell(Kind::Elsewhere, BOTH, "document", detail, &Pointer::root());
        }
        Ok(Self {
            old: old.name(),
            new: new.name(),
            new_version: new.api.version.clone(),
            changes: changes.sorted(),
            rust: Vec::new(),
        })
    }

    /// The same with what changes in the generated public surfaces, which tells what the changes of the
    /// description alone do not ask for.
    #[must_use]
    pub fn with_rust(mut self, rust: Vec<RustChange>) -> Self {
        self.rust = rust;
        self.agree();
        self
    }

    /// Tells what changes in Rust beyond what the changes told so far ask for.
    fn agree(&mut self) {
        for change in &self.rust {
            let asked = self.changes.iter().map(|known| match change.of {
                Crate::Models => known.models,
                Crate::Client => known.client,
            });
            if asked.max().unwrap_or(Step::None) < change.step {
                let item = change.new.as_ref().or(change.old.as_ref());
                let item = item.cloned().unwrap_or_default();
                let root = Pointer::root();
                let mut told = Change::new(Kind::RustChanged, BOTH, item, "", &root);
                told.class = change.class;
                (told.models, told.client) = match change.of {
                    Crate::Models => (change.step, reexported(change.step)),
                    Crate::Client => (Step::None, change.step),
                };
                self.changes.insert(0, told);
            }
        }
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
        changes.max().unwrap_or(Step::None)
    }
}
