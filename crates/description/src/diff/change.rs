//! Changes in the form of a report, and whom they concern.

use std::collections::HashSet;
use std::fmt::Display;

use serde::Serialize;

use super::class::{Audience, Class, VersionStep};
use super::limits;
use super::rules::ChangeKind;
use crate::error::Pointer;
use crate::ir::{Limits, Usage};

/// Whoever reads or sends something.
pub(super) const BOTH: Usage = Usage {
    read: true,
    sent: true,
};

/// Whoever sends it.
pub(super) const SENT: Usage = Usage {
    read: false,
    sent: true,
};

/// Whoever reads it.
pub(super) const READ: Usage = Usage {
    read: true,
    sent: false,
};

/// One change of the description.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    /// What happened.
    pub kind: ChangeKind,
    /// What changed: `CashBalance.currency`, `retrieve_cash_balance`.
    pub place: String,
    /// The particulars, if there are any.
    pub detail: String,
    /// The class for those whom it concerns most.
    pub class: Class,
    /// Those whom it concerns most.
    pub audiences: Vec<Audience>,
    /// The version step that it requires of `upvest-models`.
    pub models: VersionStep,
    /// The version step that it requires of `upvest-client`.
    pub client: VersionStep,
    /// The JSON pointer of its place: in the new document, or in the old one if it was removed.
    pub pointer: String,
}

impl Change {
    /// A change with what the rule of its kind says about it.
    pub(super) fn new(
        kind: ChangeKind,
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
pub(super) fn reexported(models: VersionStep) -> VersionStep {
    match models {
        VersionStep::Minor | VersionStep::Major => models,
        VersionStep::None | VersionStep::Patch => VersionStep::None,
    }
}

impl Change {
    /// Those whom it concerns, in words.
    pub fn for_whom(&self) -> String {
        let names: Vec<&str> = self
            .audiences
            .iter()
            .map(|audience| match audience {
                Audience::Reads => "reads",
                Audience::Sends => "sends",
                Audience::Names => "names",
            })
            .collect();
        if names.is_empty() {
            "nobody".to_owned()
        } else {
            format!("who {} it", names.join(", "))
        }
    }

    /// The place, and the particulars.
    pub fn what(&self) -> String {
        let colon = if self.detail.is_empty() { "" } else { ": " };
        format!("{}{colon}{}", self.place, self.detail)
    }
}

/// The changes reported so far, each once.
#[derive(Debug, Default)]
pub(super) struct Changes(pub(super) Vec<Change>);

impl Changes {
    /// Something whose changes are reported: its name and its place.
    pub(super) fn at<'c>(
        &'c mut self,
        usage: Usage,
        name: impl Into<String>,
        pointer: &'c Pointer,
    ) -> At<'c> {
        At {
            changes: self,
            usage,
            name: name.into(),
            pointer,
        }
    }

    pub(super) fn tell(
        &mut self,
        kind: ChangeKind,
        usage: Usage,
        place: impl Into<String>,
        detail: impl Into<String>,
        pointer: &Pointer,
    ) {
        self.0
            .push(Change::new(kind, usage, place, detail, pointer));
    }

    /// The worst first, and each once, wherever it is met.
    pub(super) fn sorted(mut self) -> Vec<Change> {
        let mut met = HashSet::new();
        let key = |change: &Change| (change.kind, change.place.clone(), change.detail.clone());
        self.0.retain(|change| met.insert(key(change)));
        self.0.sort_by_key(|change| std::cmp::Reverse(change.class));
        self.0
    }
}

/// Something whose changes are reported.
pub(super) struct At<'c> {
    changes: &'c mut Changes,
    usage: Usage,
    name: String,
    pointer: &'c Pointer,
}

impl At<'_> {
    pub(super) fn tell(&mut self, kind: ChangeKind, detail: impl Into<String>) {
        let (usage, name) = (self.usage, self.name.clone());
        self.changes.tell(kind, usage, name, detail, self.pointer);
    }

    /// Reports a value that has changed.
    pub(super) fn differ<T: Display + PartialEq>(&mut self, kind: ChangeKind, old: T, new: T) {
        if old != new {
            self.tell(kind, format!("{old} → {new}"));
        }
    }

    /// Reports that something was added or removed.
    pub(super) fn mark(&mut self, was: bool, is: bool, [added, removed]: [ChangeKind; 2]) {
        match (was, is) {
            (false, true) => self.tell(added, ""),
            (true, false) => self.tell(removed, ""),
            _ => {}
        }
    }

    /// Reports that a text has changed, apart from its layout.
    pub(super) fn words(&mut self, kind: ChangeKind, old: Option<&str>, new: Option<&str>) {
        let bare = |text: Option<&str>| text.unwrap_or_default().trim().to_owned();
        if bare(old) != bare(new) {
            self.tell(kind, "");
        }
    }

    /// Reports which members of a set were added and removed.
    pub(super) fn members<T: AsRef<str> + PartialEq>(
        &mut self,
        [added, removed]: [ChangeKind; 2],
        old: impl IntoIterator<Item = T>,
        new: impl IntoIterator<Item = T>,
    ) {
        let old: Vec<T> = old.into_iter().collect();
        let new: Vec<T> = new.into_iter().collect();
        for one in new.iter().filter(|one| !old.contains(one)) {
            self.tell(added, one.as_ref());
        }
        for one in old.iter().filter(|one| !new.contains(one)) {
            self.tell(removed, one.as_ref());
        }
    }

    /// Reports changes of limits: tighter, looser, another default.
    pub(super) fn limits(&mut self, kinds: [ChangeKind; 3], old: &Limits, new: &Limits) {
        for (step, detail) in limits::compare(old, new) {
            self.tell(kinds[step as usize], detail);
        }
    }
}
