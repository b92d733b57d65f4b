//! The document as a whole, and operations with their parameters, bodies, answers and scopes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::limits::{self, Move};
use super::types::{Comparison, is_deprecated, shape, text};
use super::{Change, Kind, Usage, Version};
use crate::description::{Location, Operation, Parameter, Success};
use crate::error::{Pointer, Result};
use crate::read::cursor::Cursor;

/// Members of a document that are compared as what they make.
const UNDERSTOOD: &[&str] = &[
    "components",
    "info",
    "openapi",
    "paths",
    "security",
    "x-webhooks",
];

/// The version, and what generates nothing.
pub(super) fn of_document(old: &Version, new: &Version) -> Vec<Change> {
    let mut changes = Vec::new();
    let (old, new) = (&old.document.root, &new.document.root);
    let mut tell = |kind, place: &str, detail: String, pointer: &str| {
        changes.push(Change::new(kind, Usage::BOTH, place, detail, pointer));
    };
    for key in ["title", "version"] {
        let (before, after) = (&old["info"][key], &new["info"][key]);
        if before != after {
            let detail = format!("{} → {}", bare(before), bare(after));
            tell(Kind::VersionChanged, key, detail, &format!("/info/{key}"));
        }
    }
    let keys = |value: &Value| {
        value
            .as_object()
            .into_iter()
            .flat_map(|members| members.keys().cloned())
            .collect()
    };
    let all: BTreeSet<String> = [keys(old), keys(new)]
        .into_iter()
        .flat_map(|keys: Vec<String>| keys)
        .collect();
    for key in all.iter().filter(|key| !UNDERSTOOD.contains(&key.as_str())) {
        if old.get(key) != new.get(key) {
            tell(Kind::Elsewhere, key, String::new(), &format!("/{key}"));
        }
    }
    let places = [("info", "description"), ("components", "securitySchemes")];
    for (owner, member) in places {
        if old[owner][member] != new[owner][member] {
            let pointer = format!("/{owner}/{member}");
            tell(Kind::Elsewhere, owner, member.to_owned(), &pointer);
        }
    }
    changes
}

fn bare(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

/// All operations: by id, or by method and path where the id has changed.
pub(super) fn compare(old: &Version, new: &Version, types: &Comparison) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    let (before, after) = (&old.outcome.description, &new.outcome.description);
    let mut met = BTreeSet::new();
    for operation in &before.operations {
        let is_same_call = |other: &&Operation| {
            route(other) == route(operation)
                && !before.operations.iter().any(|one| one.id == other.id)
        };
        let by_id = after
            .operations
            .iter()
            .find(|other| other.id == operation.id);
        let Some(same) = by_id.or_else(|| after.operations.iter().find(is_same_call)) else {
            let pointer = pointer(operation);
            changes.push(Change::new(
                Kind::OperationRemoved,
                Usage::BOTH,
                &operation.id,
                call(operation),
                pointer,
            ));
            continue;
        };
        met.insert(&same.id);
        let pair = Pair {
            old: operation,
            new: same,
            old_place: place(old, operation),
            new_place: place(new, same),
            types,
        };
        pair.compare(&mut changes)?;
    }
    for operation in after
        .operations
        .iter()
        .filter(|operation| !met.contains(&operation.id))
    {
        changes.push(Change::new(
            Kind::OperationAdded,
            Usage::BOTH,
            &operation.id,
            call(operation),
            pointer(operation),
        ));
    }
    Ok(changes)
}

fn call(operation: &Operation) -> String {
    format!("{} {}", operation.method.to_uppercase(), operation.path)
}

/// Where a call goes, whatever the parts of the path are called.
fn route(operation: &Operation) -> (&str, String) {
    let named = |part: &str| if part.starts_with('{') { "{}" } else { part }.to_owned();
    let parts: Vec<String> = operation.path.split('/').map(named).collect();
    (&operation.method, parts.join("/"))
}

fn pointer(operation: &Operation) -> Pointer {
    Pointer::root()
        .join("paths")
        .join(&operation.path)
        .join(&operation.method)
}

fn place<'v>(version: &'v Version, operation: &Operation) -> Option<Place<'v>> {
    let root = Cursor::root(&version.document);
    let item = root
        .find(&Pointer::root().join("paths").join(&operation.path))?
        .resolved()
        .ok()?;
    let itself = item.get(&operation.method)?;
    Some(Place { item, itself })
}

/// Where an operation stands in its document.
struct Place<'v> {
    item: Cursor<'v>,
    itself: Cursor<'v>,
}

impl Place<'_> {
    /// All parameters as published, those of the middleware included.
    fn parameters(&self) -> Result<BTreeMap<(String, String), Value>> {
        let mut found = BTreeMap::new();
        for owner in [&self.item, &self.itself] {
            for parameter in owner.items_of("parameters")? {
                let parameter = parameter.resolved()?;
                let location = parameter.require("in")?.str()?.to_owned();
                let name = parameter.require("name")?.str()?;
                let mut published = parameter.value().clone();
                if let Some(schema) = parameter.get("schema") {
                    published["schema"] = schema.resolved()?.value().clone();
                }
                found.insert((location.clone(), key(&location, name)), published);
            }
        }
        Ok(found)
    }

    fn statuses(&self) -> Result<BTreeSet<&str>> {
        Ok(self
            .itself
            .entries_of("responses")?
            .into_iter()
            .map(|(status, _)| status)
            .collect())
    }
}

/// Headers are the same in any case.
fn key(location: &str, name: &str) -> String {
    if location == "header" {
        name.to_ascii_lowercase()
    } else {
        name.to_owned()
    }
}

fn location(parameter: &Parameter) -> &'static str {
    match parameter.location {
        Location::Path => "path",
        Location::Query => "query",
        Location::Header => "header",
    }
}

/// The two versions of one operation.
struct Pair<'v> {
    old: &'v Operation,
    new: &'v Operation,
    old_place: Option<Place<'v>>,
    new_place: Option<Place<'v>>,
    types: &'v Comparison,
}

impl Pair<'_> {
    fn compare(&self, changes: &mut Vec<Change>) -> Result<()> {
        let (old, new) = (self.old, self.new);
        let pointer = pointer(new);
        let mut tell = |kind, detail: String| {
            changes.push(Change::new(kind, Usage::BOTH, &new.id, detail, &pointer));
        };
        if old.id != new.id {
            tell(Kind::OperationRenamed, format!("{} → {}", old.id, new.id));
        }
        if route(old) != route(new) {
            tell(
                Kind::OperationMoved,
                format!("{} → {}", call(old), call(new)),
            );
        }
        match (old.deprecated, new.deprecated) {
            (false, true) => tell(Kind::OperationDeprecated, String::new()),
            (true, false) => tell(Kind::OperationRestored, String::new()),
            _ => {}
        }
        if old.tag != new.tag {
            tell(
                Kind::OperationRetagged,
                format!("{} → {}", old.tag, new.tag),
            );
        }
        if text(Some(&old.docs)) != text(Some(&new.docs)) {
            tell(Kind::OperationDescribed, String::new());
        }
        for scope in new
            .scopes
            .iter()
            .filter(|scope| !old.scopes.contains(scope))
        {
            tell(Kind::ScopeAdded, scope.clone());
        }
        for scope in old
            .scopes
            .iter()
            .filter(|scope| !new.scopes.contains(scope))
        {
            tell(Kind::ScopeRemoved, scope.clone());
        }
        if let (Some(before), Some(after)) = (&self.old_place, &self.new_place) {
            let (before, after) = (before.statuses()?, after.statuses()?);
            after
                .difference(&before)
                .for_each(|status| tell(Kind::StatusAdded, (*status).to_owned()));
            before
                .difference(&after)
                .for_each(|status| tell(Kind::StatusRemoved, (*status).to_owned()));
        }
        let (before, after) = (
            self.answer(&old.success, true),
            self.answer(&new.success, false),
        );
        if before != after {
            tell(Kind::AnswerChanged, format!("{before} → {after}"));
        }
        match (&old.body, &new.body) {
            (None, Some(body)) => tell(Kind::BodyAdded, shape(&body.schema)),
            (Some(body), None) => tell(Kind::BodyRemoved, self.types.names.shape(&body.schema)),
            (Some(before), Some(after)) => {
                if before.encoding != after.encoding {
                    tell(
                        Kind::BodyRecoded,
                        format!("{:?} → {:?}", before.encoding, after.encoding),
                    );
                }
                if let Some(detail) = self.types.names.difference(&before.schema, &after.schema) {
                    tell(Kind::BodyChanged, detail);
                }
            }
            (None, None) => {}
        }
        self.parameters(changes)
    }

    fn answer(&self, success: &Success, is_old: bool) -> String {
        match success {
            Success::Json(schema) if is_old => self.types.names.shape(schema),
            Success::Json(schema) => shape(schema),
            Success::Empty => "nothing".to_owned(),
            Success::Bytes => "a file".to_owned(),
        }
    }

    fn parameters(&self, changes: &mut Vec<Change>) -> Result<()> {
        let (Some(old_place), Some(new_place)) = (&self.old_place, &self.new_place) else {
            return Ok(());
        };
        let (was, is) = (old_place.parameters()?, new_place.parameters()?);
        let pointer = pointer(self.new);
        let mut tell = |kind, name: &str, detail: String| {
            let place = format!("{}({name})", self.new.id);
            changes.push(Change::new(kind, Usage::SENT, place, detail, &pointer));
        };
        let full_key = |parameter: &Parameter| {
            let location = location(parameter);
            (location.to_owned(), key(location, &parameter.name))
        };
        let keys = |operation: &Operation| -> BTreeSet<_> {
            operation.parameters.iter().map(full_key).collect()
        };
        let (arguments_before, arguments_after) = (keys(self.old), keys(self.new));

        for (place, parameter) in &is {
            match was.get(place) {
                Some(before) if before["name"] != parameter["name"] => {
                    let detail =
                        format!("{} → {}", bare(&before["name"]), bare(&parameter["name"]));
                    tell(Kind::HeaderSpelled, &bare(&parameter["name"]), detail);
                }
                None if !arguments_after.contains(place) => {
                    tell(
                        Kind::HeaderOfMiddleware,
                        &bare(&parameter["name"]),
                        "added".to_owned(),
                    );
                }
                _ => {}
            }
        }
        for (place, parameter) in was.iter().filter(|(place, _)| !is.contains_key(*place)) {
            if !arguments_before.contains(place) {
                tell(
                    Kind::HeaderOfMiddleware,
                    &bare(&parameter["name"]),
                    "removed".to_owned(),
                );
            }
        }

        let moved_to = |parameter: &Parameter| {
            let candidates = self.new.parameters.iter();
            candidates
                .filter(|other| !arguments_before.contains(&full_key(other)))
                .find(|other| other.name.eq_ignore_ascii_case(&parameter.name))
        };
        let mut met = BTreeSet::new();
        for before in &self.old.parameters {
            let same = self
                .new
                .parameters
                .iter()
                .find(|other| full_key(other) == full_key(before));
            let Some(after) = same.or_else(|| moved_to(before)) else {
                tell(
                    Kind::ParameterRemoved,
                    &before.name,
                    format!("in the {}", location(before)),
                );
                continue;
            };
            met.insert(full_key(after));
            let name = &after.name;
            if location(before) != location(after) {
                tell(
                    Kind::ParameterMoved,
                    name,
                    format!("{} → {}", location(before), location(after)),
                );
            }
            match (before.required, after.required) {
                (false, true) => tell(Kind::ParameterRequired, name, String::new()),
                (true, false) => tell(Kind::ParameterOptional, name, String::new()),
                _ => {}
            }
            if text(before.docs.as_deref()) != text(after.docs.as_deref()) {
                tell(Kind::ParameterDescribed, name, String::new());
            }
            let difference = self.types.names.difference(&before.schema, &after.schema);
            if let (Some(was), Some(is)) = (was.get(&full_key(before)), is.get(&full_key(after))) {
                match (is_deprecated(was), is_deprecated(is)) {
                    (false, true) => tell(Kind::ParameterDeprecated, name, String::new()),
                    (true, false) => tell(Kind::ParameterRestored, name, String::new()),
                    _ => {}
                }
                let moves = limits::compare(&was["schema"], &is["schema"]);
                for (step, detail) in moves.into_iter().filter(|_| difference.is_none()) {
                    let kind = match step {
                        Move::Tightened => Kind::ParameterTightened,
                        Move::Loosened => Kind::ParameterLoosened,
                        Move::Default => Kind::ParameterDefault,
                    };
                    tell(kind, name, detail);
                }
            }
            if let Some(detail) = difference {
                tell(Kind::ParameterChanged, name, detail);
            }
        }
        for after in self
            .new
            .parameters
            .iter()
            .filter(|parameter| !met.contains(&full_key(parameter)))
        {
            let kind = if after.required {
                Kind::ParameterDemanded
            } else {
                Kind::ParameterAdded
            };
            tell(
                kind,
                &after.name,
                format!("{} in the {}", shape(&after.schema), location(after)),
            );
        }
        Ok(())
    }
}
