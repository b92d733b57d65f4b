//! Which Rust names change: the generated public surfaces of both versions, compared.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use serde::Serialize;

use super::{Class, Step};
use crate::error::Result;
use crate::generate::{CLIENT, Files, MODELS};
use crate::surface::{Line, Surface};

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

/// Compares the surfaces of generated files.
pub(super) fn compare(old: &Files, new: &Files) -> Result<Vec<RustChange>> {
    let mut changes = Vec::new();
    for (of, directory) in [(Crate::Models, MODELS), (Crate::Client, CLIENT)] {
        let root = Path::new(directory).join("mod.rs");
        let (old, new) = (Surface::read(old, &root)?, Surface::read(new, &root)?);
        changes.extend(of_surfaces(of, &old, &new));
    }
    Ok(changes)
}

/// The structs of the models that users may write out in full.
pub(super) fn exhaustive(files: &Files) -> Result<BTreeSet<String>> {
    Ok(Surface::read(files, &Path::new(MODELS).join("mod.rs"))?.exhaustive)
}

fn of_surfaces(of: Crate, old: &Surface, new: &Surface) -> Vec<RustChange> {
    let mut changes = Vec::new();
    let mut paths: Vec<&String> = old.items.keys().chain(new.items.keys()).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        let owner = owner(path);
        let is_part_of = |one: &Surface, other: &Surface| {
            owner.is_some_and(|owner| {
                one.items.contains_key(owner) && !other.items.contains_key(owner)
            })
        };
        let (class, step) = match (old.items.get(path), new.items.get(path)) {
            (Some(_), None) if is_part_of(old, new) => continue,
            (None, Some(_)) if is_part_of(new, old) => continue,
            (Some(_), None) => (Class::Breaking, Step::Major),
            (None, Some(line)) => {
                let is_part = line.text.starts_with(&format!("pub {path}"));
                match owner {
                    Some(owner) if is_part && old.exhaustive.contains(owner) => {
                        (Class::Additive, Step::Major)
                    }
                    _ => (Class::Additive, Step::Minor),
                }
            }
            (Some(before), Some(after)) if before.text != after.text => {
                (Class::Breaking, Step::Major)
            }
            (Some(before), Some(after)) if before != after => attributes(before, after),
            _ => continue,
        };
        let text = |surface: &Surface| surface.items.get(path).map(ToString::to_string);
        changes.push(RustChange {
            of,
            old: text(old),
            new: text(new),
            class,
            step,
        });
    }
    changes
}

/// `#[non_exhaustive]` takes something away, where the others warn. What is gone harms nobody.
fn attributes(before: &Line, after: &Line) -> (Class, Step) {
    let is_open = |line: &Line| line.attributes.contains("non_exhaustive");
    if !is_open(before) && is_open(after) {
        (Class::Breaking, Step::Major)
    } else if after.attributes.is_empty() {
        (Class::Harmless, Step::Patch)
    } else {
        (Class::Additive, Step::Minor)
    }
}

/// The item that another one belongs to.
fn owner(path: &str) -> Option<&str> {
    if let Some((owner, _)) = path.split_once(" impl ") {
        return Some(owner);
    }
    path.rsplit_once('.')
        .or_else(|| path.rsplit_once("::"))
        .map(|(owner, _)| owner)
}
