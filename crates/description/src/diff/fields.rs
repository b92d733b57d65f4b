//! The fields of a struct that both versions have.

use super::limits::{self, Move};
use super::types::{Pair, Types, text};
use super::{Changes, Kind};
use crate::error::Pointer;
use crate::ir::{Field, Presence, Struct};

/// Compares all fields, and what is allowed besides them.
pub(super) fn compare<'v>(
    types: &Types<'v>,
    pair: &Pair<'v>,
    old: &'v Struct,
    new: &'v Struct,
    changes: &mut Changes,
) {
    let owner = &pair.new.name;
    let place = |field: &Field| format!("{owner}.{}", field.wire);
    for field in &new.fields {
        let place = place(field);
        match old.field(&field.wire) {
            Some(known) => {
                let mut told = One {
                    pair,
                    place,
                    pointer: &field.pointer,
                    changes,
                };
                told.compare(types, known, field);
            }
            None => {
                let is_demanded = field.presence.is_required() && pair.new.usage.sent;
                let kind = match is_demanded {
                    true => Kind::FieldDemanded,
                    false => Kind::FieldAdded,
                };
                let shape = types.after(&field.ty);
                changes.tell(kind, pair.usage, place, shape, &field.pointer);
            }
        }
    }
    for field in old.fields.iter() {
        if new.field(&field.wire).is_none() {
            let place = place(field);
            changes.tell(Kind::FieldRemoved, pair.usage, place, "", &field.pointer);
        }
    }
    rest(types, pair, old, new, changes);
    reordered(pair, old, new, changes);
}

/// What an object may have beside its properties.
fn rest<'v>(
    types: &Types<'v>,
    pair: &Pair<'v>,
    old: &Struct,
    new: &'v Struct,
    changes: &mut Changes,
) {
    let told = match (&old.rest, &new.rest) {
        (None, Some((_, ty))) => Some((Kind::FieldAdded, types.after(ty))),
        (Some((_, ty)), None) => Some((Kind::FieldRemoved, types.before(ty))),
        (Some((_, before)), Some((_, after))) => {
            let difference = types.difference(before, after);
            difference.map(|detail| (Kind::FieldChanged, detail))
        }
        (None, None) => None,
    };
    if let Some((kind, detail)) = told {
        let (owner, pointer) = (&pair.new.name, pair.new.pointer());
        let detail = format!("further fields: {detail}");
        changes.tell(kind, pair.usage, owner, detail, pointer);
    }
}

/// Required fields have their places in `new`, in the order of the document.
fn reordered(pair: &Pair<'_>, old: &Struct, new: &Struct, changes: &mut Changes) {
    let required = |one: &Struct, other: &Struct| -> Vec<String> {
        let is_in = |structure: &Struct, wire: &str| {
            let field = structure.field(wire);
            field.is_some_and(|field| field.presence.is_required())
        };
        let wires = one.fields.iter().map(|field| field.wire.clone());
        wires
            .filter(|wire| is_in(one, wire) && is_in(other, wire))
            .collect()
    };
    let (was, is) = (required(old, new), required(new, old));
    if pair.new.usage.sent && pair.old.usage.sent && was != is {
        let detail = format!("{} → {}", was.join(", "), is.join(", "));
        let pointer = pair.new.pointer();
        let (kind, name) = (Kind::FieldsReordered, &pair.new.name);
        changes.tell(kind, pair.usage, name, detail, pointer);
    }
}

/// A field that was there before.
struct One<'c> {
    pair: &'c Pair<'c>,
    place: String,
    pointer: &'c Pointer,
    changes: &'c mut Changes,
}

impl One<'_> {
    fn tell(&mut self, kind: Kind, detail: impl Into<String>) {
        let (usage, place) = (self.pair.usage, self.place.clone());
        self.changes.tell(kind, usage, place, detail, self.pointer);
    }

    fn compare<'v>(&mut self, types: &Types<'v>, old: &Field, new: &'v Field) {
        if old.name != new.name {
            self.tell(Kind::FieldRenamed, format!("{} → {}", old.name, new.name));
        }
        presence(old.presence, new.presence)
            .into_iter()
            .for_each(|kind| self.tell(kind, ""));
        if text(old.docs.as_deref()) != text(new.docs.as_deref()) {
            self.tell(Kind::FieldDescribed, "");
        }
        let marks = [
            (
                old.read_only,
                new.read_only,
                [Kind::FieldReadOnly, Kind::FieldNotReadOnly],
            ),
            (
                old.write_only,
                new.write_only,
                [Kind::FieldWriteOnly, Kind::FieldNotWriteOnly],
            ),
            (
                old.deprecated,
                new.deprecated,
                [Kind::FieldDeprecated, Kind::FieldRestored],
            ),
        ];
        for (was, is, kinds) in marks {
            if let Some(kind) = Kind::for_presence(was, is, kinds) {
                self.tell(kind, "");
            }
        }
        // Another type has other limits.
        if let Some(detail) = types.difference(&old.ty, &new.ty) {
            return self.tell(Kind::FieldChanged, detail);
        }
        for (step, detail) in limits::compare(&old.limits, &new.limits) {
            let kind = match step {
                Move::Tightened => Kind::FieldTightened,
                Move::Loosened => Kind::FieldLoosened,
                Move::Default => Kind::FieldDefault,
            };
            self.tell(kind, detail);
        }
    }
}

/// What became of absence and of null.
fn presence(old: Presence, new: Presence) -> Vec<Kind> {
    let (was, is) = (old.is_required(), new.is_required());
    let absence = Kind::for_presence(was, is, [Kind::FieldRequired, Kind::FieldOptional]);
    let (was, is) = (old.is_nullable(), new.is_nullable());
    let null = Kind::for_presence(was, is, [Kind::FieldNullable, Kind::FieldNotNullable]);
    absence.into_iter().chain(null).collect()
}
