//! The module of each type, and whether it is read or sent: from where it is used.

use std::collections::BTreeSet;

use super::operations::answered;
use crate::ir::{Api, COMMON, DefId, Paging, Presence, Ty, TypeKind, Union, Usage};
use crate::names;

/// Modules that the generated code has besides those of tags. Names that no file of
/// Windows may have are included.
const MODULES: &[&str] = &[
    "aux",
    "calls",
    "common",
    "con",
    "examples",
    "mod",
    "nul",
    "operations",
    "prn",
    "sent_limits",
    "webhook_event",
];

/// The module of a tag.
pub(super) fn of_tag(tag: &str) -> String {
    names::avoid(names::field_name(tag), MODULES)
}

/// Replaces an id by what it has become, wherever something refers to it.
pub(super) fn renumber(api: &mut Api, renumbered: &[DefId]) {
    let change = |ty: &mut Ty| *ty = ty.map(&|id| Ty::Def(renumbered[id.0]));
    for operation in &mut api.operations {
        operation
            .args
            .iter_mut()
            .for_each(|arg| change(&mut arg.ty));
        if let Some(body) = &mut operation.body {
            change(&mut body.ty);
        }
        if let crate::ir::Success::Json(ty) = &mut operation.success {
            change(ty);
        }
    }
    api.webhooks
        .iter_mut()
        .for_each(|webhook| change(&mut webhook.ty));
    api.problem.iter_mut().for_each(change);
}

/// The same for what a type is made of.
pub(super) fn renumbered(kind: &TypeKind, renumbered: &[DefId]) -> TypeKind {
    let change = |ty: &Ty| ty.map(&|id| Ty::Def(renumbered[id.0]));
    match kind {
        TypeKind::Struct(structure) => {
            let mut structure = structure.clone();
            for field in &mut structure.fields {
                field.ty = change(&field.ty);
            }
            if let Some((_, rest)) = &mut structure.rest {
                *rest = change(rest);
            }
            TypeKind::Struct(structure)
        }
        TypeKind::Union(union) => {
            let mut variants: Vec<DefId> = Vec::new();
            for id in union.variants.iter().map(|id| renumbered[id.0]) {
                if !variants.contains(&id) {
                    variants.push(id);
                }
            }
            TypeKind::Union(Union {
                variants,
                in_order: union.in_order,
            })
        }
        other => other.clone(),
    }
}

/// Every type goes into the module of the one tag that uses it, or into that of all.
pub(super) fn assign(api: &mut Api) {
    for operation in &mut api.operations {
        operation.module = of_tag(&operation.tag);
    }
    for webhook in &mut api.webhooks {
        webhook.module = of_tag(&webhook.module);
    }
    let mut users: Vec<BTreeSet<String>> = vec![BTreeSet::new(); api.defs.len()];
    let mut usages = vec![Usage::default(); api.defs.len()];
    for (ty, module, usage) in roots(api) {
        let mut met = BTreeSet::new();
        let mut open: Vec<DefId> = ty.innermost().def().into_iter().collect();
        while let Some(id) = open.pop() {
            if met.insert(id) {
                users[id.0].insert(module.clone());
                usages[id.0].read |= usage.read;
                usages[id.0].sent |= usage.sent;
                open.extend(api.def(id).kind.parts());
            }
        }
    }
    for ((def, users), usage) in api.defs.iter_mut().zip(users).zip(usages) {
        def.module = match users.iter().next() {
            Some(module) if users.len() == 1 => module.clone(),
            _ => COMMON.to_owned(),
        };
        def.usage = match usage == Usage::default() {
            // Nothing says what it is for.
            true => Usage {
                read: true,
                sent: true,
            },
            false => usage,
        };
        one_way(&mut def.kind, def.usage);
    }
}

const READ: Usage = Usage {
    read: true,
    sent: false,
};
const SENT: Usage = Usage {
    read: false,
    sent: true,
};

/// The types of requests, of responses and of events.
fn roots(api: &Api) -> Vec<(Ty, String, Usage)> {
    let mut roots = Vec::new();
    for operation in &api.operations {
        let mut add = |ty: &Ty, usage| roots.push((ty.clone(), operation.module.clone(), usage));
        operation.args.iter().for_each(|arg| add(&arg.ty, SENT));
        if let Some(body) = &operation.body {
            add(&body.ty, SENT);
        }
        if let Some(ty) = answered(&operation.success) {
            add(ty, READ);
        }
    }
    for webhook in &api.webhooks {
        roots.push((webhook.ty.clone(), webhook.module.clone(), READ));
    }
    if let Some(problem) = &api.problem {
        roots.push((problem.clone(), COMMON.to_owned(), READ));
    }
    roots
}

/// A read-only field is not required where it is sent, nor a write-only field where it is read.
fn one_way(kind: &mut TypeKind, usage: Usage) {
    if let TypeKind::Struct(structure) = kind {
        for field in &mut structure.fields {
            if field.read_only && usage.sent || field.write_only && usage.read {
                field.presence = Presence::of(false, field.presence.is_nullable());
            }
        }
    }
}

/// Finds the operations that answer a list page by page: they take `limit` and `offset`, and answer an
/// object of `meta` and `data`.
pub(super) fn paging(api: &mut Api) {
    let found: Vec<Option<Paging>> = api
        .operations
        .iter()
        .map(|operation| {
            let takes = |wire: &str| {
                operation.args.iter().any(|arg| {
                    arg.wire == wire
                        && arg.location == crate::ir::Location::Query
                        && matches!(arg.ty, Ty::I64 | Ty::I32)
                })
            };
            let ty = answered(&operation.success)?;
            let (_, page) = api.structure(ty)?;
            let required = |wire| {
                let field = page.field(wire)?;
                (field.presence == Presence::Required).then_some(field)
            };
            let Ty::List(item) = &required("data")?.ty else {
                return None;
            };
            let (_, meta) = api.structure(&required("meta")?.ty)?;
            let told = ["offset", "limit", "total_count"].into_iter();
            let told = told.filter_map(|wire| meta.field(wire));
            let told = told.filter(|field| field.ty == Ty::I64 && !nullable_twice(field.presence));
            (takes("limit") && takes("offset")).then(|| Paging {
                page: ty.def().unwrap_or(DefId(0)),
                item: (**item).clone(),
                meta: told
                    .map(|field| (field.wire.clone(), field.name.clone()))
                    .collect(),
            })
        })
        .collect();
    for (operation, paging) in api.operations.iter_mut().zip(found) {
        operation.paging = paging;
    }
}

fn nullable_twice(presence: Presence) -> bool {
    presence == Presence::OptionalNullable
}
