//! Which Rust names change: the public surfaces of both versions, compared.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::{Class, Step};
use crate::emit::surface::{self, Surface};
use crate::ir::Api;

/// A generated crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Crate {
    /// `upvest-models`.
    #[serde(rename = "upvest-models")]
    Models,
    /// `upvest-client`.
    #[serde(rename = "upvest-client")]
    Client,
}

impl fmt::Display for Crate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Models => "upvest-models",
            Self::Client => "upvest-client",
        })
    }
}

/// One public item that comes, goes or changes. What belongs to an item that comes or goes as a
/// whole is not listed by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RustChange {
    /// The crate that has it.
    #[serde(rename = "crate")]
    pub of: Crate,
    /// The item as it was, unless it is new.
    pub old: Option<String>,
    /// The item as it is, unless it is gone.
    pub new: Option<String>,
    /// What that does to programs.
    pub class: Class,
    /// What it asks of the crate.
    pub step: Step,
}

/// Compares the surfaces of two versions.
pub(super) fn compare(old: &Api, new: &Api) -> Vec<RustChange> {
    let models = of_surfaces(Crate::Models, &surface::models(old), &surface::models(new));
    let client = of_surfaces(Crate::Client, &surface::client(old), &surface::client(new));
    [models, client].concat()
}

fn of_surfaces(of: Crate, old: &Surface, new: &Surface) -> Vec<RustChange> {
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = paths.into_iter().filter_map(|path| {
        let (before, after) = (old.get(path), new.get(path));
        let is_part_of = |one: &Surface, other: &Surface| {
            owner(path).is_some_and(|owner| one.contains_key(owner) && !other.contains_key(owner))
        };
        let (class, step) = match (before, after) {
            (Some(_), None) if is_part_of(old, new) => return None,
            (None, Some(_)) if is_part_of(new, old) => return None,
            (Some(before), Some(after)) => changed(before, after)?,
            (None, _) => (Class::Additive, Step::Minor),
            (_, None) => (Class::Breaking, Step::Major),
        };
        Some(RustChange {
            of,
            old: before.cloned(),
            new: after.cloned(),
            class,
            step,
        })
    });
    changed.collect()
}

/// `#[deprecated]` only warns.
fn changed(before: &str, after: &str) -> Option<(Class, Step)> {
    const DEPRECATED: &str = "#[deprecated] ";
    let (was, is) = (
        before.strip_prefix(DEPRECATED),
        after.strip_prefix(DEPRECATED),
    );
    if before == after {
        None
    } else if is == Some(before) {
        Some((Class::Additive, Step::Minor))
    } else if was == Some(after) {
        Some((Class::Harmless, Step::Patch))
    } else {
        Some((Class::Breaking, Step::Major))
    }
}

/// The item that another one belongs to.
fn owner(path: &str) -> Option<&str> {
    let owner = path.rsplit_once('.').or_else(|| path.rsplit_once("::"));
    owner.map(|(owner, _)| owner)
}
