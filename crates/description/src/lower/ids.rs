//! Ids have types: by rule, corrected by the overlay.
//!
//! A property or parameter `account_id` that is a UUID is an `AccountId`, wherever it stands, and
//! so are the elements of `account_ids`. The `id` of the type that `/accounts` and
//! `/accounts/{account_id}` answer is one too, unless several paths answer the same type. A path
//! parameter that is not a UUID is an id of text. `x-rust-id` at a schema names the id, or says
//! `false`.

use std::collections::{BTreeMap, BTreeSet};

use super::merge::Unwrapped;
use super::types::Types;
use crate::ir::{Api, DefId, Id, Location, Success, Ty, TypeKind};
use crate::names;

/// What an id of this type is written as.
pub(super) fn form(ty: &Ty) -> Id {
    match ty {
        Ty::Uuid => Id::Uuid,
        _ => Id::Text,
    }
}

/// A property by its name.
pub(super) fn of_property(types: &mut Types, wire: &str, ty: Ty, place: &Unwrapped<'_>) -> Ty {
    if place.id.is_some() {
        return ty;
    }
    let pointer = place.head.pointer();
    match ty {
        Ty::Uuid => match name(wire) {
            Some(name) => types.id(&name, Id::Uuid, pointer),
            None => Ty::Uuid,
        },
        Ty::List(inner) if *inner == Ty::Uuid => {
            let one = wire.strip_suffix('s').and_then(name);
            let inner = one.map_or(Ty::Uuid, |name| types.id(&name, Id::Uuid, pointer));
            inner.list()
        }
        other => other,
    }
}

/// A parameter by its name, and in the path by the segment before it.
pub(super) fn of_parameter(
    types: &mut Types,
    wire: &str,
    location: Location,
    path: &str,
    ty: Ty,
    place: &Unwrapped<'_>,
) -> Ty {
    if place.id.is_some() || location == Location::Header {
        return ty;
    }
    let pointer = place.head.pointer();
    let named = match (wire, location) {
        ("id", Location::Path) => parent(path).map(|noun| format!("{noun}Id")),
        _ => name(wire),
    };
    match (ty, named, location) {
        (Ty::Uuid, Some(name), _) => types.id(&name, Id::Uuid, pointer),
        (Ty::String, Some(name), Location::Path) => types.id(&name, Id::Text, pointer),
        (ty, _, _) => of_property(types, wire, ty, place),
    }
}

/// `account_id` names an `AccountId`.
fn name(wire: &str) -> Option<String> {
    let snake = names::snake(wire);
    let noun = snake.strip_suffix("_id").filter(|noun| !noun.is_empty())?;
    Some(format!("{}Id", names::type_name(noun)))
}

/// What stands before `{id}` in a path, one of many: `/accounts/{id}` is about an `Account`.
fn parent(path: &str) -> Option<String> {
    let (before, _) = path.split_once("/{id}")?;
    let segment = before.rsplit('/').next().filter(|one| !one.is_empty())?;
    Some(names::singular(&names::type_name(segment)))
}

/// The `id` of what a resource answers, once types that are the same are one.
pub(super) fn of_resources(api: &mut Api, types: &mut Types) {
    let resources = resources(api);
    let mut claims: BTreeMap<DefId, BTreeSet<DefId>> = BTreeMap::new();
    for operation in &api.operations {
        let answered = match &operation.success {
            Success::Json(ty) => ty.def(),
            Success::Empty | Success::File(_) => None,
        };
        let (Some(answered), Some(id)) = (answered, resources.get(&operation.path)) else {
            continue;
        };
        let id = types.canonical(*id);
        for bearer in bearers(types, types.canonical(answered)) {
            claims.entry(bearer).or_default().insert(id);
        }
    }
    for (bearer, ids) in claims {
        let mut ids = ids.into_iter();
        if let (Some(id), None) = (ids.next(), ids.next())
            && let TypeKind::Struct(structure) = &mut types.node_mut(bearer).kind
        {
            for field in &mut structure.fields {
                if field.wire == "id" && field.ty == Ty::Uuid {
                    field.ty = Ty::Def(id);
                }
            }
        }
    }
    drop_texts(api, types);
}

/// The id of each path that ends with one, and of the same path without it.
fn resources(api: &Api) -> BTreeMap<String, DefId> {
    let mut resources = BTreeMap::new();
    for operation in &api.operations {
        let Some((collection, last)) = operation.path.rsplit_once('/') else {
            continue;
        };
        let wire = last
            .strip_prefix('{')
            .and_then(|last| last.strip_suffix('}'));
        let arg = operation
            .args
            .iter()
            .find(|arg| arg.location == Location::Path && Some(arg.wire.as_str()) == wire);
        if let Some(id) = arg.and_then(|arg| arg.ty.def()) {
            resources.insert(operation.path.clone(), id);
            resources.entry(collection.to_owned()).or_insert(id);
        }
    }
    resources
}

/// The structs that an answer is about: itself, the items of a list, the variants of a union.
fn bearers(types: &mut Types, answered: DefId) -> Vec<DefId> {
    let found: Vec<DefId> = match &types.node_mut(answered).kind {
        TypeKind::Union(union) => union.variants.clone(),
        TypeKind::Struct(structure) => {
            match structure.field("data").map(|data| data.ty.innermost()) {
                Some(Ty::Def(item)) => vec![*item],
                _ => return vec![answered],
            }
        }
        _ => return Vec::new(),
    };
    let mut bearers = Vec::new();
    for id in found {
        let id = types.canonical(id);
        match &types.node_mut(id).kind {
            TypeKind::Union(union) => bearers.extend(union.variants.clone()),
            _ => bearers.push(id),
        }
    }
    bearers.into_iter().map(|id| types.canonical(id)).collect()
}

/// Where an id is a UUID in one place and any text in another, the text stays text.
fn drop_texts(api: &mut Api, types: &mut Types) {
    let named = |wanted: Id| -> BTreeMap<String, usize> {
        let nodes = types.nodes.iter().enumerate();
        nodes
            .filter(|(_, node)| matches!(&node.kind, TypeKind::Id(form) if *form == wanted))
            .filter_map(|(index, node)| Some((node.explicit.clone()?, index)))
            .collect()
    };
    let (uuids, texts) = (named(Id::Uuid), named(Id::Text));
    let dropped: BTreeSet<usize> = texts
        .iter()
        .filter(|(name, _)| uuids.contains_key(*name))
        .map(|(_, index)| *index)
        .collect();
    for operation in &mut api.operations {
        for arg in &mut operation.args {
            if arg.ty.def().is_some_and(|id| dropped.contains(&id.0)) {
                arg.ty = Ty::String;
            }
        }
    }
    for (name, index) in &texts {
        if let Some(uuid) = uuids.get(name) {
            types.join(*index, *uuid);
        }
    }
}
