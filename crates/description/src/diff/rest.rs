//! Differences between two documents that nothing else has reported.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::Value;

use super::change::{BOTH, Changes};
use super::rules::ChangeKind;
use crate::error::Pointer;
use crate::read::cursor::Cursor;
use crate::read::walk;

/// The comparison of two documents beside that of what they mean.
pub(super) struct Rest<'v> {
    pub(super) old: Cursor<'v>,
    pub(super) new: Cursor<'v>,
    pub(super) old_names: Names<'v>,
    pub(super) new_names: Names<'v>,
    /// The names of the enums.
    pub(super) enums: HashSet<&'v str>,
    /// What is reported of each place already.
    pub(super) told: HashMap<String, Vec<ChangeKind>>,
    /// The schemas that have been compared: old and new.
    pub(super) met: HashSet<(Option<Pointer>, Option<Pointer>)>,
    pub(super) changes: Changes,
}

/// Whether a member is for people, or comes from the overlay, whose effect shows in the generated code.
pub(super) fn is_silent(member: &str) -> bool {
    walk::is_words(member) || member.starts_with("x-rust-")
}

/// Whether a member states the default.
pub(super) fn is_unset(member: &str, value: &Value) -> bool {
    *value == Value::Bool(false)
        && !matches!(member, "additionalProperties" | "default" | "explode")
}

/// The names of types by all places where they stand.
pub(super) type Names<'v> = HashMap<&'v str, &'v str>;

impl<'v> Rest<'v> {
    pub(super) fn is_told(&self, places: &[&str], member: &str) -> bool {
        let kinds = places
            .iter()
            .filter_map(|place| self.told.get(*place))
            .flatten();
        kinds.into_iter().any(|kind| kind.rule().explains(member))
    }

    /// Reports that a member differs, unless it is reported already. The first place is the one to
    /// name.
    pub(super) fn differ(
        &mut self,
        places: &[&str],
        member: &str,
        old: Option<&Value>,
        new: Option<&Value>,
        pointer: &Pointer,
    ) {
        if self.is_told(places, member) {
            return;
        }
        let detail = match (old, new) {
            (None, None) => member.to_owned(),
            _ => format!("{member} {} → {}", brief(old), brief(new)),
        };
        self.changes
            .tell(ChangeKind::NotUnderstood, BOTH, places[0], detail, pointer);
    }

    /// Compares all members except some, which are compared in another way.
    pub(super) fn others(&mut self, old: &Cursor<'v>, new: &Cursor<'v>, but: &[&str], place: &str) {
        for member in keys(old, new) {
            if but.contains(&member) || is_silent(member) {
                continue;
            }
            let value = |side: &Cursor<'v>| {
                let value = side.value().get(member);
                value.filter(|value| !is_unset(member, value))
            };
            let (was, is) = (value(old), value(new));
            if !is_same(was, is) {
                let at = if is.is_some() { new } else { old };
                let pointer = at.pointer().join(member);
                self.differ(&[place], member, was, is, &pointer);
            }
        }
    }
}

/// The members of either.
pub(super) fn keys<'v>(old: &Cursor<'v>, new: &Cursor<'v>) -> BTreeSet<&'v str> {
    let members = [old, new]
        .into_iter()
        .filter_map(|side| side.value().as_object());
    members
        .flat_map(|object| object.keys().map(String::as_str))
        .collect()
}

/// Whether two values mean the same, apart from texts for people and from order.
pub(super) fn is_same(old: Option<&Value>, new: Option<&Value>) -> bool {
    is_alike(old, new, None)
}

pub(super) fn is_alike(old: Option<&Value>, new: Option<&Value>, but: Option<&str>) -> bool {
    match (old, new) {
        (Some(Value::Object(old)), Some(Value::Object(new))) => {
            let keys = old.keys().chain(new.keys());
            let mut keys = keys.filter(|key| !is_silent(key) && Some(key.as_str()) != but);
            keys.all(|key| is_alike(old.get(key), new.get(key), but))
        }
        (Some(Value::Array(old)), Some(Value::Array(new))) => {
            let mut pairs = old.iter().zip(new);
            old.len() == new.len() && pairs.all(|(old, new)| is_alike(Some(old), Some(new), but))
        }
        (old, new) => old == new,
    }
}

/// Text without the quotes of JSON.
pub(super) fn bare(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// As much of a value as fits into a line.
fn brief(value: Option<&Value>) -> String {
    const MOST: usize = 60;
    let text = value.map_or_else(|| "none".to_owned(), Value::to_string);
    match text.chars().count() > MOST {
        true => text.chars().take(MOST).chain(['…']).collect(),
        false => text,
    }
}
