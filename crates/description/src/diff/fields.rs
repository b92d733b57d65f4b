//! The fields of a struct that both versions have.

use super::change::{At, Changes};
use super::rules::ChangeKind;
use super::types::{Pair, Types};
use crate::ir::{Field, Struct};

/// Compares all fields, and what is allowed besides them.
pub(super) fn compare<'v>(
    types: &Types<'v>,
    pair: &Pair<'v>,
    old: &'v Struct,
    new: &'v Struct,
    changes: &mut Changes,
) {
    for field in &new.fields {
        let mut at = at(changes, pair, field);
        match old.field(&field.wire) {
            Some(known) => compare_pair(types, known, field, &mut at),
            None => {
                let is_demanded = field.presence.is_required() && pair.new.usage.sent;
                let kind = match is_demanded {
                    true => ChangeKind::FieldDemanded,
                    false => ChangeKind::FieldAdded,
                };
                at.tell(kind, types.after(&field.ty));
            }
        }
    }
    for field in old.fields.iter() {
        if new.field(&field.wire).is_none() {
            at(changes, pair, field).tell(ChangeKind::FieldRemoved, "");
        }
    }
    let mut at = pair.at(changes);
    rest(types, old, new, &mut at);
    if pair.new.usage.sent && pair.old.usage.sent {
        let was = required(old, new).join(", ");
        at.differ(
            ChangeKind::FieldsReordered,
            was,
            required(new, old).join(", "),
        );
    }
}

fn at<'c>(changes: &'c mut Changes, pair: &Pair<'_>, field: &'c Field) -> At<'c> {
    let name = format!("{}.{}", pair.new.name, field.wire);
    changes.at(pair.usage, name, &field.pointer)
}

/// What an object may have beside its properties.
fn rest<'v>(types: &Types<'v>, old: &Struct, new: &'v Struct, at: &mut At<'_>) {
    let told = match (&old.rest, &new.rest) {
        (None, Some((_, ty))) => Some((ChangeKind::FieldAdded, types.after(ty))),
        (Some((_, ty)), None) => Some((ChangeKind::FieldRemoved, types.before(ty))),
        (Some((_, before)), Some((_, after))) => {
            let difference = types.difference(before, after);
            difference.map(|detail| (ChangeKind::FieldChanged, detail))
        }
        (None, None) => None,
    };
    if let Some((kind, detail)) = told {
        at.tell(kind, format!("further fields: {detail}"));
    }
}

/// The fields that are required here and there. They have their places in `new`, in the order of the document.
fn required<'s>(here: &'s Struct, there: &Struct) -> Vec<&'s str> {
    let is_in = |structure: &Struct, wire: &str| {
        let field = structure.field(wire);
        field.is_some_and(|field| field.presence.is_required())
    };
    let wires = here.fields.iter().map(|field| field.wire.as_str());
    wires
        .filter(|wire| is_in(here, wire) && is_in(there, wire))
        .collect()
}

fn compare_pair<'v>(types: &Types<'v>, old: &Field, new: &'v Field, at: &mut At<'_>) {
    at.differ(ChangeKind::FieldRenamed, &old.name, &new.name);
    let [was, is] = [old.presence, new.presence];
    let kinds = [ChangeKind::FieldRequired, ChangeKind::FieldOptional];
    at.mark(was.is_required(), is.is_required(), kinds);
    let kinds = [ChangeKind::FieldNullable, ChangeKind::FieldNotNullable];
    at.mark(was.is_nullable(), is.is_nullable(), kinds);
    let docs = [old, new].map(|field| field.docs.as_deref());
    at.words(ChangeKind::FieldDescribed, docs[0], docs[1]);
    let kinds = [ChangeKind::FieldReadOnly, ChangeKind::FieldNotReadOnly];
    at.mark(old.read_only, new.read_only, kinds);
    let kinds = [ChangeKind::FieldWriteOnly, ChangeKind::FieldNotWriteOnly];
    at.mark(old.write_only, new.write_only, kinds);
    let kinds = [ChangeKind::FieldDeprecated, ChangeKind::FieldRestored];
    at.mark(old.deprecated, new.deprecated, kinds);
    // Another type has other limits.
    if let Some(detail) = types.difference(&old.ty, &new.ty) {
        return at.tell(ChangeKind::FieldChanged, detail);
    }
    let kinds = [
        ChangeKind::FieldTightened,
        ChangeKind::FieldLoosened,
        ChangeKind::FieldDefault,
    ];
    at.limits(kinds, &old.limits, &new.limits);
}
