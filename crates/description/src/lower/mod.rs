//! Lowering: from a document to the typed model of the API.
//!
//! `schemas` collects every object, enum and union, and makes equal ones one type; `merge` and
//! `unions` determine what a schema is made of, and `leaf` the type of a value without parts.
//! `operations` and `webhooks` read operations and webhooks. Then every type gets its name
//! (`naming`, held by the `lock`), its module and its users (`modules`), and `check` looks at all
//! names together.

use crate::error::{Pointer, Result};
use crate::ir::{Api, Def, Ty, Usage};
use crate::names;
use crate::read::cursor::Cursor;
use crate::read::document::Document;
use crate::read::operations::operations;

mod arguments;
mod canonical;
mod check;
mod circles;
mod defaults;
mod examples;
mod ids;
mod leaf;
mod limits;
pub mod lock;
mod merge;
mod methods;
mod modules;
mod name;
mod naming;
mod operations;
mod personal;
mod responses;
mod schemas;
mod types;
mod unions;
mod unread;
mod variants;
mod webhooks;

use lock::Lock;
use name::Name;
use types::Types;

/// Reads a document. Names in the lock stay as they are.
///
/// # Errors
/// At the first thing that is wrong or not understood, with its place.
pub fn lower(document: &Document, lock: &Lock) -> Result<Api> {
    document.check_structure()?;
    lowered(document, lock).map_err(|error| error.in_file(&document.file))
}

fn lowered(document: &Document, lock: &Lock) -> Result<Api> {
    let root = Cursor::of(&document.root);
    let mut reader = operations::Reader::new(&root);
    for one in operations(&root)? {
        reader.operation(&one)?;
    }
    for (name, item) in root.entries_of("x-webhooks")? {
        reader.webhook(name, &item.resolved()?.require("post")?)?;
    }
    for (name, schema) in components(&root)? {
        reader
            .types
            .add(&schema, &Name::of(names::type_name(name)))?;
    }
    let operations::Reader {
        types,
        mut api,
        mut bodies,
        ..
    } = reader;
    let info = root.require("info")?;
    info.require("title")?.str()?.clone_into(&mut api.title);
    info.require("version")?.str()?.clone_into(&mut api.version);
    api.digest.clone_from(&document.digest);

    finish(&mut api, &mut bodies, types, lock);
    api.left_out.extend(unread::find(&root));
    personal::mark(&mut api, &root)?;
    examples::collect(&mut api, document, &bodies)?;
    webhooks::find_events(&mut api);
    limits::check(&mut api)?;
    check::all(&api)?;
    circles::boxed(&mut api);
    Ok(api)
}

/// Types get their ids, names, modules and users.
fn finish(api: &mut Api, bodies: &mut [(Pointer, Ty)], mut types: Types, lock: &Lock) {
    types.unite(lock);
    ids::of_resources(api, &mut types);
    api.left_out.append(&mut types.left_out);
    let mut names = naming::names(&types, lock).into_iter();
    let (nodes, renumbered) = types.into_nodes();
    modules::renumber(api, &renumbered);
    for (_, ty) in bodies {
        *ty = ty.map(&|id| Ty::Def(renumbered[id.0]));
    }
    api.defs = nodes
        .into_iter()
        .map(|node| Def {
            name: names.next().unwrap_or_default(),
            module: String::new(),
            kind: node.kind,
            docs: node.docs,
            usage: Usage::default(),
            places: node.places,
            example: None,
        })
        .collect();
    for def in &mut api.defs {
        naming::members(&def.name, &mut def.kind, lock);
    }
    defaults::set(api, lock);
    methods::name(api, lock);
    modules::assign(api);
    modules::paging(api);
}

fn components<'d>(root: &Cursor<'d>) -> Result<Vec<(&'d str, Cursor<'d>)>> {
    root.get("components").map_or(Ok(Vec::new()), |components| {
        components.entries_of("schemas")
    })
}
