//! Types, by their Rust names: what comes, goes and changes, and who notices.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::limits::{self, Move};
use super::{Change, Kind, Step, Usage, Version, rust};
use crate::cursor::Cursor;
use crate::description::{Description, Success};
use crate::error::Result;
use crate::types::{self, Type, referred};

/// The types of two versions, matched with each other.
pub(super) struct Comparison {
    /// What changes in them.
    pub(super) changes: Vec<Change>,
    /// What they are called.
    pub(super) names: Names,
}

/// The new names of old types that have another one.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// Whether two schemas make the same type. `null` is another matter.
    pub(super) fn same(&self, old: &Value, new: &Value) -> bool {
        self.shape(old) == shape(new)
    }

    /// The old type as text, by its new names.
    pub(super) fn shape(&self, old: &Value) -> String {
        let mut old = old.clone();
        types::rename(&mut old, &self.0);
        shape(&old)
    }

    /// What happened, in case something did.
    pub(super) fn difference(&self, old: &Value, new: &Value) -> Option<String> {
        let (old, new) = (self.shape(old), shape(new));
        (old != new).then(|| format!("{old} → {new}"))
    }
}

/// The two versions of one type, and what is known of it.
struct Pair<'v> {
    old: &'v Type,
    new: &'v Type,
    old_place: Option<Cursor<'v>>,
    new_place: Option<Cursor<'v>>,
    usage: Usage,
    /// Whether users may write it out in full.
    is_exhaustive: bool,
}

impl Comparison {
    pub(super) fn of(old: &Version, new: &Version) -> Result<Self> {
        let exhaustive = rust::exhaustive(&old.outcome.files)?;
        let (before, after) = (&old.outcome.description, &new.outcome.description);
        let mut usages = usages_in(before);
        for (name, usage) in usages_in(after) {
            let known = usages.entry(name).or_default();
            known.reads |= usage.reads;
            known.sends |= usage.sends;
        }
        let find = |name: &str| after.types().find(|one| one.name == name);
        let mut comparison = Self {
            changes: Vec::new(),
            names: Names::default(),
        };
        let mut pairs = Vec::new();
        let mut met = BTreeSet::new();
        for kind in before.types() {
            let same = find(&kind.name).or_else(|| {
                // The same place under another name, unless that name is an old one.
                let at_place = after.types().find(|one| one.pointer == kind.pointer)?;
                (!before.types().any(|one| one.name == at_place.name)).then_some(at_place)
            });
            let usage = usages.get(&kind.name).copied().unwrap_or(Usage::READ);
            let Some(same) = same.filter(|same| met.insert(same.name.clone())) else {
                comparison.changes.push(Change::new(
                    Kind::TypeRemoved,
                    usage,
                    &kind.name,
                    "",
                    &kind.pointer,
                ));
                continue;
            };
            if same.name != kind.name {
                comparison
                    .names
                    .0
                    .insert(kind.name.clone(), same.name.clone());
                let detail = format!("{} → {}", kind.name, same.name);
                comparison.changes.push(Change::new(
                    Kind::TypeRenamed,
                    usage,
                    &same.name,
                    detail,
                    &same.pointer,
                ));
            }
            pairs.push(Pair {
                old: kind,
                new: same,
                old_place: at(old, kind),
                new_place: at(new, same),
                usage,
                is_exhaustive: exhaustive.contains(&kind.name),
            });
        }
        for kind in after.types().filter(|kind| !met.contains(&kind.name)) {
            let usage = usages.get(&kind.name).copied().unwrap_or(Usage::READ);
            comparison.changes.push(Change::new(
                Kind::TypeAdded,
                usage,
                &kind.name,
                "",
                &kind.pointer,
            ));
        }
        for pair in &pairs {
            comparison.pair(pair)?;
        }
        Ok(comparison)
    }

    fn pair(&mut self, pair: &Pair<'_>) -> Result<()> {
        let Pair {
            old, new, usage, ..
        } = pair;
        if text(old.docs.as_deref()) != text(new.docs.as_deref()) {
            self.changes.push(Change::new(
                Kind::TypeDescribed,
                *usage,
                &new.name,
                "",
                &new.pointer,
            ));
        }
        if old.kind != new.kind {
            let detail = format!("{:?} → {:?}", old.kind, new.kind);
            self.changes.push(Change::new(
                Kind::TypeRebuilt,
                *usage,
                &new.name,
                detail,
                &new.pointer,
            ));
            return Ok(());
        }
        match old.kind {
            types::Kind::Struct => self.fields(pair),
            types::Kind::OpenEnum | types::Kind::Tag => {
                let values = |kind: &Type| {
                    list(&kind.schema["enum"], |value| {
                        Some(value.as_str()?.to_owned())
                    })
                };
                self.members(
                    pair,
                    [Kind::ValueAdded, Kind::ValueRemoved],
                    values(old),
                    values(new),
                );
                Ok(())
            }
            types::Kind::Union => {
                let old = list(&old.schema["oneOf"], |variant| {
                    Some(self.names.shape(variant))
                });
                let new = list(&new.schema["oneOf"], |variant| Some(shape(variant)));
                self.members(pair, [Kind::VariantAdded, Kind::VariantRemoved], old, new);
                Ok(())
            }
        }
    }

    /// The values of an enum, or the variants of a union.
    fn members(
        &mut self,
        pair: &Pair<'_>,
        [added, removed]: [Kind; 2],
        old: BTreeSet<String>,
        new: BTreeSet<String>,
    ) {
        for (kind, member) in new
            .difference(&old)
            .map(|one| (added, one))
            .chain(old.difference(&new).map(|one| (removed, one)))
        {
            self.changes.push(Change::new(
                kind,
                pair.usage,
                &pair.new.name,
                member,
                &pair.new.pointer,
            ));
        }
    }

    fn fields(&mut self, pair: &Pair<'_>) -> Result<()> {
        let Pair {
            old, new, usage, ..
        } = pair;
        let properties = |kind: &'_ Type| {
            kind.schema["properties"]
                .as_object()
                .cloned()
                .unwrap_or_default()
        };
        let (before, after) = (properties(old), properties(new));
        for (name, schema) in &after {
            let place = format!("{}.{name}", new.name);
            let pointer = new.pointer.join("properties").join(name);
            let is_required = new.fields.get(name).is_some_and(|field| field.required);
            let Some(known) = before.get(name) else {
                let kind = if is_required {
                    Kind::FieldDemanded
                } else {
                    Kind::FieldAdded
                };
                let mut change = Change::new(kind, *usage, place, shape(schema), pointer);
                if pair.is_exhaustive {
                    change.models = Step::Major;
                }
                self.changes.push(change);
                continue;
            };
            let mut tell = |kind: Kind, detail: String| {
                self.changes
                    .push(Change::new(kind, *usage, &place, detail, &pointer));
            };
            let was_required = old.fields.get(name).is_some_and(|field| field.required);
            for kind in presence(
                (was_required, is_nullable(known)),
                (is_required, is_nullable(schema)),
            ) {
                tell(kind, String::new());
            }
            let docs = |kind: &Type| {
                text(
                    kind.fields
                        .get(name)
                        .and_then(|field| field.docs.as_deref()),
                )
                .to_owned()
            };
            if docs(old) != docs(new) {
                tell(Kind::FieldDescribed, String::new());
            }
            let published = |place: &Option<Cursor<'_>>| -> Result<Option<Value>> {
                let property = place
                    .as_ref()
                    .and_then(|place| place.get("properties")?.get(name));
                Ok(property
                    .map(|property| property.resolved())
                    .transpose()?
                    .map(|found| found.value().clone()))
            };
            let (was, is) = (published(&pair.old_place)?, published(&pair.new_place)?);
            if let (Some(was), Some(is)) = (was, is) {
                match (is_deprecated(&was), is_deprecated(&is)) {
                    (false, true) => tell(Kind::FieldDeprecated, String::new()),
                    (true, false) => tell(Kind::FieldRestored, String::new()),
                    _ => {}
                }
                let moves = if self.names.same(known, schema) {
                    limits::compare(&was, &is)
                } else {
                    Vec::new()
                };
                for (step, detail) in moves {
                    let kind = match step {
                        Move::Tightened => Kind::FieldTightened,
                        Move::Loosened => Kind::FieldLoosened,
                        Move::Default => Kind::FieldDefault,
                    };
                    self.changes
                        .push(Change::new(kind, *usage, &place, detail, &pointer));
                }
            }
            if let Some(detail) = self.names.difference(known, schema) {
                self.changes.push(Change::new(
                    Kind::FieldChanged,
                    *usage,
                    &place,
                    detail,
                    &pointer,
                ));
            }
        }
        for name in before.keys().filter(|name| !after.contains_key(*name)) {
            let place = format!("{}.{name}", new.name);
            let pointer = old.pointer.join("properties").join(name);
            self.changes
                .push(Change::new(Kind::FieldRemoved, *usage, place, "", pointer));
        }
        let (was, is) = (
            &old.schema["additionalProperties"],
            &new.schema["additionalProperties"],
        );
        if let Some(detail) = self.names.difference(was, is) {
            let detail = format!("further fields: {detail}");
            self.changes.push(Change::new(
                Kind::TypeRebuilt,
                *usage,
                &new.name,
                detail,
                &new.pointer,
            ));
        }
        Ok(())
    }
}

fn at<'v>(version: &'v Version, kind: &Type) -> Option<Cursor<'v>> {
    Cursor::root(&version.document).find(&kind.pointer)
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

fn is_nullable(schema: &Value) -> bool {
    schema["nullable"] == true
}

pub(super) fn is_deprecated(published: &Value) -> bool {
    published["deprecated"] == true
}

/// A text of the description without what only its layout has.
pub(super) fn text(text: Option<&str>) -> &str {
    text.unwrap_or_default().trim()
}

fn list(values: &Value, name: impl Fn(&Value) -> Option<String>) -> BTreeSet<String> {
    values
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(name)
        .collect()
}

/// A schema in a few words: what it is, null aside.
pub(super) fn shape(schema: &Value) -> String {
    if let Some(name) = referred(schema) {
        return name.to_owned();
    }
    if let Some([inner]) = schema["allOf"].as_array().map(Vec::as_slice) {
        return shape(inner);
    }
    let format = schema["format"]
        .as_str()
        .map_or(String::new(), |format| format!(" ({format})"));
    match schema["type"].as_str() {
        Some("array") => format!("array of {}", element(&schema["items"])),
        Some("object") if schema.get("additionalProperties").is_some() => {
            format!("map of {}", element(&schema["additionalProperties"]))
        }
        Some(kind) => format!("{kind}{format}"),
        None if schema.is_null() => "none".to_owned(),
        None => "anything".to_owned(),
    }
}

fn element(schema: &Value) -> String {
    let or_null = if is_nullable(schema) { " or null" } else { "" };
    format!("{}{or_null}", shape(schema))
}

/// Which types are read and which are sent, parts of types included.
fn usages_in(description: &Description) -> BTreeMap<String, Usage> {
    let mut usages = BTreeMap::new();
    let parts: BTreeMap<&str, &BTreeSet<String>> = description
        .types()
        .map(|kind| (kind.name.as_str(), &kind.parts))
        .collect();
    let mut note = |schema: &Value, usage: Usage| {
        let mut open = Vec::new();
        references(schema, &mut open);
        let mut met = BTreeSet::new();
        while let Some(name) = open.pop() {
            if met.insert(name.clone()) {
                let known: &mut Usage = usages.entry(name.clone()).or_default();
                known.reads |= usage.reads;
                known.sends |= usage.sends;
                open.extend(
                    parts
                        .get(name.as_str())
                        .into_iter()
                        .flat_map(|parts| parts.iter().cloned()),
                );
            }
        }
    };
    for operation in &description.operations {
        for parameter in &operation.parameters {
            note(&parameter.schema, Usage::SENT);
        }
        if let Some(body) = &operation.body {
            note(&body.schema, Usage::SENT);
        }
        if let Success::Json(schema) = &operation.success {
            note(schema, Usage::READ);
        }
    }
    for webhook in &description.webhooks {
        note(&webhook.schema, Usage::READ);
    }
    usages
}

fn references(schema: &Value, names: &mut Vec<String>) {
    names.extend(referred(schema).map(str::to_owned));
    match schema {
        Value::Object(members) => members.values().for_each(|value| references(value, names)),
        Value::Array(items) => items.iter().for_each(|value| references(value, names)),
        _ => {}
    }
}
