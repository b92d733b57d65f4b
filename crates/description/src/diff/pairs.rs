//! Types that are added, removed and changed, and whom that concerns.

use std::collections::{BTreeSet, HashSet};

use super::change::{At, Changes};
use super::fields;
use super::rules::ChangeKind;
use super::types::{Pair, Types};
use crate::ir::{self, Usage};

/// Reports the changes of all types.
pub(super) fn compare(types: &Types<'_>, changes: &mut Changes) {
    for (id, def) in types.old.ids() {
        let Some(new) = types.became.get(&id) else {
            changes
                .at(def.usage, &def.name, def.pointer())
                .tell(ChangeKind::TypeRemoved, "");
            continue;
        };
        let new = types.new.def(*new);
        let usage = Usage {
            read: def.usage.read || new.usage.read,
            sent: def.usage.sent || new.usage.sent,
        };
        let pair = Pair {
            old: def,
            new,
            usage,
        };
        compare_pair(types, &pair, changes);
    }
    let known: HashSet<_> = types.became.values().collect();
    for (_, def) in types.new.ids().filter(|(id, _)| !known.contains(id)) {
        changes
            .at(def.usage, &def.name, def.pointer())
            .tell(ChangeKind::TypeAdded, "");
    }
}

fn compare_pair<'v>(types: &Types<'v>, pair: &Pair<'v>, changes: &mut Changes) {
    let Pair { old, new, .. } = pair;
    let mut at = pair.at(changes);
    at.differ(ChangeKind::TypeRenamed, &old.name, &new.name);
    at.words(
        ChangeKind::TypeDescribed,
        old.docs.as_deref(),
        new.docs.as_deref(),
    );
    if matches!(new.kind, ir::TypeKind::Struct(_) | ir::TypeKind::Union(_)) {
        let uses = |usage: Usage| {
            let uses = [("sent", usage.sent), ("read", usage.read)].into_iter();
            uses.filter_map(|(word, is)| is.then_some(word))
        };
        let kinds = [ChangeKind::UseAdded, ChangeKind::UseRemoved];
        at.members(kinds, uses(old.usage), uses(new.usage));
    }
    match (&old.kind, &new.kind) {
        (ir::TypeKind::Struct(before), ir::TypeKind::Struct(after)) => {
            fields::compare(types, pair, before, after, changes);
        }
        (ir::TypeKind::Enum(before), ir::TypeKind::Enum(after)) => values(before, after, &mut at),
        (ir::TypeKind::Union(before), ir::TypeKind::Union(after)) => {
            let was: BTreeSet<&str> = before.variants.iter().map(|id| types.name(*id)).collect();
            let is = after
                .variants
                .iter()
                .map(|id| types.new.def(*id).name.as_str());
            let is: BTreeSet<&str> = is.collect();
            at.members(
                [ChangeKind::VariantAdded, ChangeKind::VariantRemoved],
                was,
                is,
            );
        }
        (before, after) => at.differ(ChangeKind::TypeRebuilt, word(before), word(after)),
    }
}

fn values(old: &[ir::Variant], new: &[ir::Variant], at: &mut At<'_>) {
    let wires = |values: &'_ [ir::Variant]| -> BTreeSet<String> {
        values.iter().map(|value| value.wire.clone()).collect()
    };
    at.members(
        [ChangeKind::ValueAdded, ChangeKind::ValueRemoved],
        wires(old),
        wires(new),
    );
    for value in new {
        if let Some(same) = old.iter().find(|other| other.wire == value.wire) {
            at.differ(ChangeKind::ValueRenamed, &same.name, &value.name);
        }
    }
}

fn word(kind: &ir::TypeKind) -> &'static str {
    match kind {
        ir::TypeKind::Struct(_) => "an object",
        ir::TypeKind::Enum(_) => "an enum",
        ir::TypeKind::Union(_) => "a union",
        ir::TypeKind::Id(ir::Id::Uuid) => "an id that is a UUID",
        ir::TypeKind::Id(ir::Id::Text) => "an id that is text",
    }
}
