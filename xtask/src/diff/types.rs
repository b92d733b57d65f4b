//! Types, by their Rust names: what comes, goes and changes, and who notices.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Change, Kind, Usage, Version, fields, rust};
use crate::description::{Description, Success};
use crate::error::Result;
use crate::read::cursor::Cursor;
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
    /// The old type as text, by its new names.
    pub(super) fn shape(&self, old: &Value) -> String {
        let mut old = old.clone();
        types::rename(&mut old, &self.0);
        shape(&old)
    }

    /// What became of a type, unless it is the same. `null` is another matter.
    pub(super) fn difference(&self, old: &Value, new: &Value) -> Option<String> {
        let (old, new) = (self.shape(old), shape(new));
        (old != new).then(|| format!("{old} → {new}"))
    }
}

/// The two versions of one type, and what is known of it.
pub(super) struct Pair<'v> {
    pub(super) old: &'v Type,
    pub(super) new: &'v Type,
    /// Where the old version has it.
    pub(super) old_place: Option<Cursor<'v>>,
    /// Where the new version has it.
    pub(super) new_place: Option<Cursor<'v>>,
    pub(super) usage: Usage,
    /// Whether users may write it out in full.
    pub(super) is_exhaustive: bool,
}

impl Pair<'_> {
    /// A change of the type as a whole.
    pub(super) fn change(&self, kind: Kind, detail: impl Into<String>) -> Change {
        Change::new(kind, self.usage, &self.new.name, detail, &self.new.pointer)
    }
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
        let Pair { old, new, .. } = pair;
        if text(old.docs.as_deref()) != text(new.docs.as_deref()) {
            self.changes.push(pair.change(Kind::TypeDescribed, ""));
        }
        if old.kind != new.kind {
            let detail = format!("{:?} → {:?}", old.kind, new.kind);
            self.changes.push(pair.change(Kind::TypeRebuilt, detail));
            return Ok(());
        }
        match old.kind {
            types::Kind::Struct => {
                self.changes.extend(fields::compare(pair, &self.names)?);
                Ok(())
            }
            types::Kind::OpenEnum => {
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
        let added = new.difference(&old).map(|member| (added, member));
        let removed = old.difference(&new).map(|member| (removed, member));
        let changes = added.chain(removed);
        self.changes
            .extend(changes.map(|(kind, member)| pair.change(kind, member)));
    }
}

fn at<'v>(version: &'v Version, kind: &Type) -> Option<Cursor<'v>> {
    Cursor::root(&version.document).find(&kind.pointer)
}

pub(super) fn is_nullable(schema: &Value) -> bool {
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
