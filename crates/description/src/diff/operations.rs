//! Operations: by id, or by method and path where the id has changed.

use std::collections::{BTreeSet, HashMap};

use super::types::{Types, text};
use super::{BOTH, Changes, Kind, arguments};
use crate::ir::{Body, Encoding, Operation, Success};

/// The operations that both versions have: old and new.
pub(super) type Pairs<'v> = Vec<(&'v Operation, &'v Operation)>;

/// Matches the operations of both versions.
pub(super) fn pairs<'v>(types: &Types<'v>) -> Pairs<'v> {
    let (old, new) = (&types.old.operations, &types.new.operations);
    let by_id: HashMap<&str, &Operation> = new.iter().map(|one| (one.id.as_str(), one)).collect();
    let by_route: HashMap<_, &Operation> = new.iter().map(|one| (route(one), one)).collect();
    let ids: BTreeSet<&str> = old.iter().map(|one| one.id.as_str()).collect();
    let found = old.iter().filter_map(|one| {
        let at_route = || {
            by_route
                .get(&route(one))
                .filter(|new| !ids.contains(new.id.as_str()))
        };
        let same = by_id.get(one.id.as_str()).or_else(at_route)?;
        Some((one, *same))
    });
    found.collect()
}

/// Tells of all operations.
pub(super) fn compare<'v>(types: &Types<'v>, pairs: &Pairs<'v>, changes: &mut Changes) {
    let (was, is): (BTreeSet<&str>, BTreeSet<&str>) = pairs
        .iter()
        .map(|(old, new)| (old.id.as_str(), new.id.as_str()))
        .unzip();
    for one in types.old.operations.iter() {
        if !was.contains(one.id.as_str()) {
            changes.tell(
                Kind::OperationRemoved,
                BOTH,
                &one.id,
                call(one),
                &one.pointer,
            );
        }
    }
    for (old, new) in pairs {
        compare_pair(types, old, new, changes);
    }
    for one in types.new.operations.iter() {
        if !is.contains(one.id.as_str()) {
            changes.tell(Kind::OperationAdded, BOTH, &one.id, call(one), &one.pointer);
        }
    }
}

fn call(operation: &Operation) -> String {
    format!("{} {}", operation.method, operation.path)
}

/// Where a call goes, whatever the parts of the path are called.
fn route(operation: &Operation) -> (&str, String) {
    let named = |part: &str| if part.starts_with('{') { "{}" } else { part }.to_owned();
    let parts: Vec<String> = operation.path.split('/').map(named).collect();
    (&operation.method, parts.join("/"))
}

fn compare_pair<'v>(
    types: &Types<'v>,
    old: &'v Operation,
    new: &'v Operation,
    changes: &mut Changes,
) {
    let mut tell = |kind, detail: String| changes.tell(kind, BOTH, &new.id, detail, &new.pointer);
    let names = [(&old.id, &new.id), (&old.name, &new.name)];
    if let Some((was, is)) = names.into_iter().find(|(was, is)| was != is) {
        tell(Kind::OperationRenamed, format!("{was} → {is}"));
    }
    if route(old) != route(new) {
        tell(
            Kind::OperationMoved,
            format!("{} → {}", call(old), call(new)),
        );
    }
    let kinds = [Kind::OperationDeprecated, Kind::OperationRestored];
    if let Some(kind) = Kind::for_presence(old.deprecated, new.deprecated, kinds) {
        tell(kind, String::new());
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
    let kinds = [Kind::OperationPaged, Kind::OperationUnpaged];
    if let Some(kind) = Kind::for_presence(old.paging.is_some(), new.paging.is_some(), kinds) {
        tell(kind, String::new());
    }
    let kinds = [Kind::SecurityAdded, Kind::SecurityRemoved];
    sets(&old.schemes, &new.schemes, kinds, &mut tell);
    let kinds = [Kind::ScopeAdded, Kind::ScopeRemoved];
    sets(&old.scopes, &new.scopes, kinds, &mut tell);
    if let Some(detail) = types.answer(&old.success, &new.success) {
        tell(Kind::AnswerChanged, detail);
    }
    match (file(old), file(new)) {
        (None, Some(media_type)) if is_data(new) => tell(Kind::FileAdded, media_type.clone()),
        (Some(media_type), None) if is_data(old) => tell(Kind::FileRemoved, media_type.clone()),
        (Some(was), Some(is)) if was != is => {
            tell(Kind::FileRecoded, format!("{was} → {is}"));
        }
        _ => {}
    }
    body(types, old.body.as_ref(), new.body.as_ref(), &mut tell);
    arguments::compare(types, old, new, changes);
}

/// The media type of the file that an operation answers, always or where a call asks for it.
fn file(operation: &Operation) -> Option<&String> {
    match &operation.success {
        Success::File(media_type) => Some(media_type),
        _ => operation.file.as_ref(),
    }
}

fn is_data(operation: &Operation) -> bool {
    !matches!(operation.success, Success::File(_))
}

fn sets(
    old: &[String],
    new: &[String],
    [added, removed]: [Kind; 2],
    tell: &mut dyn FnMut(Kind, String),
) {
    for one in new.iter().filter(|one| !old.contains(one)) {
        tell(added, one.clone());
    }
    for one in old.iter().filter(|one| !new.contains(one)) {
        tell(removed, one.clone());
    }
}

fn body<'v>(
    types: &Types<'v>,
    old: Option<&'v Body>,
    new: Option<&'v Body>,
    tell: &mut dyn FnMut(Kind, String),
) {
    let (before, after) = match (old, new) {
        (None, None) => return,
        (None, Some(body)) => return tell(Kind::BodyAdded, types.after(&body.ty)),
        (Some(body), None) => return tell(Kind::BodyRemoved, types.before(&body.ty)),
        (Some(before), Some(after)) => (before, after),
    };
    let kinds = [Kind::BodyRequired, Kind::BodyOptional];
    if let Some(kind) = Kind::for_presence(before.required, after.required, kinds) {
        tell(kind, String::new());
    }
    if before.encoding != after.encoding {
        let name = |body: &Body| match body.encoding {
            Encoding::Json => "JSON",
            Encoding::Form => "a form",
        };
        tell(
            Kind::BodyRecoded,
            format!("{} → {}", name(before), name(after)),
        );
    }
    if let Some(detail) = types.difference(&before.ty, &after.ty) {
        tell(Kind::BodyChanged, detail);
    }
}
