//! Which Rust names change: the public surfaces of both versions, compared.

use std::collections::BTreeSet;

use upvest_description::diff::{Class, Crate, Diff, RustChange, VersionStep};
use upvest_description::error::Result;
use upvest_description::ir::Api;
use upvest_description::version::Version;

use crate::emit::surface::{self, Surface};

/// Compares two versions, and the public surfaces generated from them.
///
/// # Errors
/// When a document cannot be walked, which would be a fault of the generator.
pub fn diff(old: &Version, new: &Version) -> Result<Diff> {
    Ok(Diff::between(old, new)?.with_rust(compare(&old.api, &new.api)))
}

fn compare(old: &Api, new: &Api) -> Vec<RustChange> {
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
            (None, _) => (Class::Additive, VersionStep::Minor),
            (_, None) => (Class::Breaking, VersionStep::Major),
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
fn changed(before: &str, after: &str) -> Option<(Class, VersionStep)> {
    const DEPRECATED: &str = "#[deprecated] ";
    let (was, is) = (
        before.strip_prefix(DEPRECATED),
        after.strip_prefix(DEPRECATED),
    );
    if before == after {
        None
    } else if is == Some(before) {
        Some((Class::Additive, VersionStep::Minor))
    } else if was == Some(after) {
        Some((Class::Harmless, VersionStep::Patch))
    } else {
        Some((Class::Breaking, VersionStep::Major))
    }
}

/// The item that another one belongs to.
fn owner(path: &str) -> Option<&str> {
    let owner = path.rsplit_once('.').or_else(|| path.rsplit_once("::"));
    owner.map(|(owner, _)| owner)
}
