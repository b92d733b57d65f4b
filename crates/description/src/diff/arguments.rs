//! What an operation that both versions have is called with, its body aside.

use super::limits::{self, Move};
use super::types::{Types, text};
use super::{Changes, Kind, SENT};
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
            tell(changes, Kind::ParameterRemoved, new, arg, detail);
        }
    }
    for (before, after) in &pairs {
        compare_pair(types, new, before, after, changes);
    }
    for arg in &new.args {
        if !pairs.iter().any(|(_, known)| same(known, arg)) {
            let kind = match arg.required {
                true => Kind::ParameterDemanded,
                false => Kind::ParameterAdded,
            };
            let detail = format!("{} in the {}", types.after(&arg.ty), arg.location.word());
            tell(changes, kind, new, arg, detail);
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
        let kind = Kind::ArgumentsReordered;
        changes.tell(kind, SENT, &new.id, "", &new.pointer);
    }
}

/// What a parameter is called in reports.
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

fn tell(changes: &mut Changes, kind: Kind, of: &Operation, arg: &Arg, detail: impl Into<String>) {
    let place = place(&of.id, &arg.wire);
    changes.tell(kind, SENT, place, detail, &arg.pointer);
}

fn compare_pair<'v>(
    types: &Types<'v>,
    of: &Operation,
    old: &Arg,
    new: &'v Arg,
    changes: &mut Changes,
) {
    let mut tell = |kind, detail: String| tell(changes, kind, of, new, detail);
    if old.location != new.location {
        let (was, is) = (old.location.word(), new.location.word());
        tell(Kind::ParameterMoved, format!("{was} → {is}"));
    } else if old.joined != new.joined {
        let name = |arg: &Arg| match arg.joined {
            true => "joined by commas",
            false => "one by one",
        };
        tell(
            Kind::ParameterRecoded,
            format!("{} → {}", name(old), name(new)),
        );
    }
    if old.name != new.name {
        tell(
            Kind::ParameterRenamed,
            format!("{} → {}", old.name, new.name),
        );
    }
    let marks = [
        (
            old.required,
            new.required,
            [Kind::ParameterRequired, Kind::ParameterOptional],
        ),
        (
            old.deprecated,
            new.deprecated,
            [Kind::ParameterDeprecated, Kind::ParameterRestored],
        ),
    ];
    for (was, is, kinds) in marks {
        if let Some(kind) = Kind::for_presence(was, is, kinds) {
            tell(kind, String::new());
        }
    }
    if text(old.docs.as_deref()) != text(new.docs.as_deref()) {
        tell(Kind::ParameterDescribed, String::new());
    }
    // Another type has other limits.
    if let Some(detail) = types.difference(&old.ty, &new.ty) {
        return tell(Kind::ParameterChanged, detail);
    }
    for (step, detail) in limits::compare(&old.limits, &new.limits) {
        let kind = match step {
            Move::Tightened => Kind::ParameterTightened,
            Move::Loosened => Kind::ParameterLoosened,
            Move::Default => Kind::ParameterDefault,
        };
        tell(kind, detail);
    }
}
