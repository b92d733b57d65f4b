//! The fields of a struct that both versions have.

use serde_json::{Map, Value};

use super::limits::{self, Move};
use super::types::{Names, Pair, is_deprecated, is_nullable, shape, text};
use super::{Change, Kind, Step};
use crate::error::{Pointer, Result};
use crate::read::cursor::Cursor;
use crate::types::Type;

/// Compares all fields, and what is allowed besides them.
pub(super) fn compare(pair: &Pair<'_>, names: &Names) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    let none = Map::new();
    let properties = |kind: &'_ Type| {
        kind.schema["properties"]
            .as_object()
            .unwrap_or(&none)
            .clone()
    };
    let (before, after) = (properties(pair.old), properties(pair.new));
    for (name, schema) in &after {
        match before.get(name) {
            Some(known) => Field { pair, names, name }.compare(known, schema, &mut changes)?,
            None => changes.push(added(pair, name, schema)),
        }
    }
    for name in before.keys().filter(|name| !after.contains_key(*name)) {
        let pointer = pointer(pair.old, name);
        changes.push(Change::new(
            Kind::FieldRemoved,
            pair.usage,
            place(pair, name),
            "",
            pointer,
        ));
    }
    let rest = |kind: &Type| kind.schema["additionalProperties"].clone();
    if let Some(detail) = names.difference(&rest(pair.old), &rest(pair.new)) {
        changes.push(pair.change(Kind::TypeRebuilt, format!("further fields: {detail}")));
    }
    Ok(changes)
}

fn place(pair: &Pair<'_>, field: &str) -> String {
    format!("{}.{field}", pair.new.name)
}

fn pointer(kind: &Type, field: &str) -> Pointer {
    kind.pointer.join("properties").join(field)
}

fn is_required(kind: &Type, field: &str) -> bool {
    kind.fields.get(field).is_some_and(|field| field.required)
}

fn added(pair: &Pair<'_>, name: &str, schema: &Value) -> Change {
    let kind = if is_required(pair.new, name) {
        Kind::FieldDemanded
    } else {
        Kind::FieldAdded
    };
    let (place, pointer) = (place(pair, name), pointer(pair.new, name));
    let mut change = Change::new(kind, pair.usage, place, shape(schema), pointer);
    if pair.is_exhaustive {
        change.models = Step::Major;
    }
    change
}

/// A field that was there before.
struct Field<'f> {
    pair: &'f Pair<'f>,
    names: &'f Names,
    name: &'f str,
}

impl Field<'_> {
    fn compare(&self, known: &Value, schema: &Value, changes: &mut Vec<Change>) -> Result<()> {
        let Pair {
            old, new, usage, ..
        } = self.pair;
        let (place, pointer) = (place(self.pair, self.name), pointer(new, self.name));
        let mut tell =
            |kind, detail| changes.push(Change::new(kind, *usage, &place, detail, &pointer));

        let was = (is_required(old, self.name), is_nullable(known));
        let is = (is_required(new, self.name), is_nullable(schema));
        presence(was, is)
            .into_iter()
            .for_each(|kind| tell(kind, String::new()));
        if self.docs(old) != self.docs(new) {
            tell(Kind::FieldDescribed, String::new());
        }
        let difference = self.names.difference(known, schema);
        let was = self.published(self.pair.old_place.as_ref())?;
        let is = self.published(self.pair.new_place.as_ref())?;
        if let (Some(was), Some(is)) = (was, is) {
            match (is_deprecated(was), is_deprecated(is)) {
                (false, true) => tell(Kind::FieldDeprecated, String::new()),
                (true, false) => tell(Kind::FieldRestored, String::new()),
                _ => {}
            }
            // Another type has other limits.
            let moves = if difference.is_none() {
                limits::compare(was, is)
            } else {
                Vec::new()
            };
            for (step, detail) in moves {
                let kind = match step {
                    Move::Tightened => Kind::FieldTightened,
                    Move::Loosened => Kind::FieldLoosened,
                    Move::Default => Kind::FieldDefault,
                };
                tell(kind, detail);
            }
        }
        if let Some(detail) = difference {
            tell(Kind::FieldChanged, detail);
        }
        Ok(())
    }

    fn docs<'t>(&self, kind: &'t Type) -> &'t str {
        text(
            kind.fields
                .get(self.name)
                .and_then(|field| field.docs.as_deref()),
        )
    }

    /// The schema of the field as published, with all that types leave out.
    fn published<'v>(&self, owner: Option<&Cursor<'v>>) -> Result<Option<&'v Value>> {
        let property = owner.and_then(|owner| owner.get("properties")?.get(self.name));
        let resolved = property.map(|property| property.resolved()).transpose()?;
        Ok(resolved.map(|property| property.value()))
    }
}

/// What becomes of a field that is (required, nullable) when that changes.
fn presence(old: (bool, bool), new: (bool, bool)) -> Vec<Kind> {
    let is_option = |(required, nullable): (bool, bool)| !required || nullable;
    let is_option_as_before = is_option(old) && is_option(new);
    let kinds = [
        ((old.0, new.0), Kind::FieldRequired, Kind::FieldOptional),
        (
            (!old.1, !new.1),
            Kind::FieldNotNullable,
            Kind::FieldNullable,
        ),
    ];
    let changed = kinds.into_iter().filter(|((was, is), ..)| was != is);
    changed
        .map(
            |((_, is_strict), strict, lax)| match (is_strict, is_option_as_before) {
                (true, true) => Kind::FieldStricter,
                (false, true) => Kind::FieldLaxer,
                (true, false) => strict,
                (false, false) => lax,
            },
        )
        .collect()
}
