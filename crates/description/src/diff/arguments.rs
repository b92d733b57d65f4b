//! The arguments of an operation that both versions have, without its body.

use super::change::{At, Changes, SENT};
use super::rules::ChangeKind;
use super::types::Types;
use crate::ir::{Arg, Operation};

/// Compares all arguments.
pub(super) fn compare<'v>(
    types: &Types<'v>,
    old: &'v Operation,
    new: &'v Operation,
    changes: &mut Changes,
) {
    let pairs = pairs(old, new);
    for arg in &old.args {
        if !pairs.iter().any(|(known, _)| same(known, arg)) {
            let detail = format!("in the {}", arg.location.word());
            at(changes, new, arg).tell(ChangeKind::ParameterRemoved, detail);
        }
    }
    for (before, after) in &pairs {
        compare_pair(types, before, after, &mut at(changes, new, after));
    }
    for arg in &new.args {
        if !pairs.iter().any(|(_, known)| same(known, arg)) {
            let kind = match arg.required {
                true => ChangeKind::ParameterDemanded,
                false => ChangeKind::ParameterAdded,
            };
            let detail = format!("{} in the {}", types.after(&arg.ty), arg.location.word());
            at(changes, new, arg).tell(kind, detail);
        }
    }
    let arguments = |side: fn(&(&'v Arg, &'v Arg)) -> &'v Arg, all: &'v [Arg]| -> Vec<usize> {
        let both = |index: &usize| {
            let (was, is) = pairs[*index];
            was.required && is.required
        };
        let position = |arg: &Arg| pairs.iter().position(|pair| same(side(pair), arg));
        all.iter().filter_map(position).filter(both).collect()
    };
    if arguments(|pair| pair.0, &old.args) != arguments(|pair| pair.1, &new.args) {
        let kind = ChangeKind::ArgumentsReordered;
        changes.tell(kind, SENT, &new.id, "", &new.pointer);
    }
}

/// The name of a parameter in reports.
pub(super) fn place(operation: &str, name: &str) -> String {
    format!("{operation}({name})")
}

fn same(one: &Arg, other: &Arg) -> bool {
    one.location == other.location && one.location.is_same_name(&one.wire, &other.wire)
}

/// The arguments that both versions have, in one place or another.
fn pairs<'v>(old: &'v Operation, new: &'v Operation) -> Vec<(&'v Arg, &'v Arg)> {
    let moved = |arg: &Arg| {
        let others = new.args.iter();
        others
            .filter(|other| !old.args.iter().any(|known| same(known, other)))
            .find(|other| other.wire.eq_ignore_ascii_case(&arg.wire))
    };
    let found = old.args.iter().filter_map(|arg| {
        let stayed = new.args.iter().find(|other| same(arg, other));
        Some((arg, stayed.or_else(|| moved(arg))?))
    });
    found.collect()
}

fn at<'c>(changes: &'c mut Changes, of: &Operation, arg: &'c Arg) -> At<'c> {
    changes.at(SENT, place(&of.id, &arg.wire), &arg.pointer)
}

fn compare_pair<'v>(types: &Types<'v>, old: &Arg, new: &'v Arg, at: &mut At<'_>) {
    at.differ(
        ChangeKind::ParameterMoved,
        old.location.word(),
        new.location.word(),
    );
    if old.location == new.location {
        let written = |arg: &Arg| match arg.joined {
            true => "joined by commas",
            false => "one by one",
        };
        at.differ(ChangeKind::ParameterRecoded, written(old), written(new));
    }
    at.differ(ChangeKind::ParameterRenamed, &old.name, &new.name);
    let kinds = [ChangeKind::ParameterRequired, ChangeKind::ParameterOptional];
    at.mark(old.required, new.required, kinds);
    let kinds = [
        ChangeKind::ParameterDeprecated,
        ChangeKind::ParameterRestored,
    ];
    at.mark(old.deprecated, new.deprecated, kinds);
    let docs = [old, new].map(|arg| arg.docs.as_deref());
    at.words(ChangeKind::ParameterDescribed, docs[0], docs[1]);
    // Another type has other limits.
    if let Some(detail) = types.difference(&old.ty, &new.ty) {
        return at.tell(ChangeKind::ParameterChanged, detail);
    }
    let kinds = [
        ChangeKind::ParameterTightened,
        ChangeKind::ParameterLoosened,
        ChangeKind::ParameterDefault,
    ];
    at.limits(kinds, &old.limits, &new.limits);
}
