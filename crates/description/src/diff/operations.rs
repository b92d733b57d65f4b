//! Operations, matched by id, or by method and path if the id has changed.

use std::collections::{BTreeSet, HashMap};

use super::arguments;
use super::change::{At, BOTH, Changes};
use super::rules::ChangeKind;
use super::types::Types;
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

/// Reports the changes of all operations.
pub(super) fn compare<'v>(types: &Types<'v>, pairs: &Pairs<'v>, changes: &mut Changes) {
    let of = |one: &'v Operation, side: fn(&(&'v Operation, &'v Operation)) -> &'v Operation| {
        pairs.iter().any(|pair| std::ptr::eq(side(pair), one))
    };
    let gone = types
        .old
        .operations
        .iter()
        .filter(|one| !of(one, |pair| pair.0));
    for one in gone {
        at(changes, one).tell(ChangeKind::OperationRemoved, call(one));
    }
    for (old, new) in pairs {
        compare_pair(types, old, new, &mut at(changes, new));
        arguments::compare(types, old, new, changes);
    }
    let come = types
        .new
        .operations
        .iter()
        .filter(|one| !of(one, |pair| pair.1));
    for one in come {
        at(changes, one).tell(ChangeKind::OperationAdded, call(one));
    }
}

fn at<'c>(changes: &'c mut Changes, operation: &'c Operation) -> At<'c> {
    changes.at(BOTH, &operation.id, &operation.pointer)
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

fn compare_pair<'v>(types: &Types<'v>, old: &'v Operation, new: &'v Operation, at: &mut At<'_>) {
    match old.id == new.id {
        true => at.differ(ChangeKind::OperationRenamed, &old.name, &new.name),
        false => at.differ(ChangeKind::OperationRenamed, &old.id, &new.id),
    }
    if route(old) != route(new) {
        at.differ(ChangeKind::OperationMoved, call(old), call(new));
    }
    let kinds = [
        ChangeKind::OperationDeprecated,
        ChangeKind::OperationRestored,
    ];
    at.mark(old.deprecated, new.deprecated, kinds);
    at.differ(ChangeKind::OperationRetagged, &old.tag, &new.tag);
    at.words(
        ChangeKind::OperationDescribed,
        Some(&old.docs),
        Some(&new.docs),
    );
    let kinds = [ChangeKind::OperationPaged, ChangeKind::OperationUnpaged];
    at.mark(old.paging.is_some(), new.paging.is_some(), kinds);
    let kinds = [ChangeKind::SecurityAdded, ChangeKind::SecurityRemoved];
    at.members(kinds, &old.schemes, &new.schemes);
    let kinds = [ChangeKind::ScopeAdded, ChangeKind::ScopeRemoved];
    at.members(kinds, &old.scopes, &new.scopes);
    if let Some(detail) = types.answer(&old.success, &new.success) {
        at.tell(ChangeKind::AnswerChanged, detail);
    }
    match (file(old), file(new)) {
        (None, Some(media_type)) if is_data(new) => at.tell(ChangeKind::FileAdded, media_type),
        (Some(media_type), None) if is_data(old) => at.tell(ChangeKind::FileRemoved, media_type),
        (Some(was), Some(is)) => at.differ(ChangeKind::FileRecoded, was, is),
        _ => {}
    }
    match (&old.body, &new.body) {
        (None, Some(body)) => at.tell(ChangeKind::BodyAdded, types.after(&body.ty)),
        (Some(body), None) => at.tell(ChangeKind::BodyRemoved, types.before(&body.ty)),
        (Some(old), Some(new)) => compare_bodies(types, old, new, at),
        (None, None) => {}
    }
}

fn compare_bodies<'v>(types: &Types<'v>, old: &Body, new: &'v Body, at: &mut At<'_>) {
    let kinds = [ChangeKind::BodyRequired, ChangeKind::BodyOptional];
    at.mark(old.required, new.required, kinds);
    let written = |body: &Body| match body.encoding {
        Encoding::Json => "JSON",
        Encoding::Form => "a form",
    };
    at.differ(ChangeKind::BodyRecoded, written(old), written(new));
    if let Some(detail) = types.difference(&old.ty, &new.ty) {
        at.tell(ChangeKind::BodyChanged, detail);
    }
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
