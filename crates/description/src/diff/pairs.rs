//! Types that are added, removed and changed, and whom that concerns.

use std::collections::{BTreeSet, HashSet};

use super::change::{At, Changes};
use super::fields;
use super::rules::Kind;
use super::types::{Pair, Types};
use crate::ir::{self, Usage};

/// Reports the changes of all types.
pub(super) fn compare(types: &Types<'_>, changes: &mut Changes) {
    for (id, def) in types.old.ids() {
        let Some(new) = types.became.get(&id) else {
            changes
                .at(def.usage, &def.name, def.pointer())
                .tell(Kind::TypeRemoved, "");
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
            .tell(Kind::TypeAdded, "");
    }
}

fn compare_pair<'v>(types: &Types<'v>, pair: &Pair<'v>, changes: &mut Changes) {
    let Pair { old, new, .. } = pair;
    let mut at = pair.at(changes);
    at.differ(Kind::TypeRenamed, &old.name, &new.name);
    at.words(
        Kind::TypeDescribed,
        old.docs.as_deref(),
        new.docs.as_deref(),
    );
    if matches!(new.kind, ir::Kind::Struct(_) | ir::Kind::Union(_)) {
        let uses = |usage: Usage| {
            let uses = [("sent", usage.sent), ("read", usage.read)].into_iter();
            uses.filter_map(|(word, is)| is.then_some(word))
        };
        let kinds = [Kind::UseAdded, Kind::UseRemoved];
        at.members(kinds, uses(old.usage), uses(new.usage));
    }
    match (&old.kind, &new.kind) {
        (ir::Kind::Struct(before), ir::Kind::Struct(after)) => {
            fields::compare(types, pair, before, after, changes);
        }
        (ir::Kind::Enum(before), ir::Kind::Enum(after)) => values(before, after, &mut at),
        (ir::Kind::Union(before), ir::Kind::Union(after)) => {
            let was: BTreeSet<&str> = before.variants.iter().map(|id| types.name(*id)).collect();
            let is = after
                .variants
                .iter()
                .map(|id| types.new.def(*id).name.as_str());
            let is: BTreeSet<&str> = is.collect();
            at.members([Kind::VariantAdded, Kind::VariantRemoved], was, is);
        }
        (before, after) => at.differ(Kind::TypeRebuilt, word(before), word(after)),
    }
}

fn values(old: &[ir::Variant], new: &[ir::Variant], at: &mut At<'_>) {
    let wires = |values: &'_ [ir::Variant]| -> BTreeSet<String> {
        values.iter().map(|value| value.wire.clone()).collect()
    };
    at.members(
        [Kind::ValueAdded, Kind::ValueRemoved],
        wires(old),
        wires(new),
    );
    for value in new {
        if let Some(same) = old.iter().find(|other| other.wire == value.wire) {
            at.differ(Kind::ValueRenamed, &same.name, &value.name);
        }
    }
}

fn word(kind: &ir::Kind) -> &'static str {
    match kind {
        ir::Kind::Struct(_) => "an object",
        ir::Kind::Enum(_) => "an enum",
        ir::Kind::Union(_) => "a union",
        ir::Kind::Id(ir::Id::Uuid) => "an id that is a UUID",
        ir::Kind::Id(ir::Id::Text) => "an id that is text",
    }
}
