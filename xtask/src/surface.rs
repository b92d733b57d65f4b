//! The public surface of a crate, as Rust without bodies: what its users can name.
//!
//! An item counts as public when it says `pub`. That it can be reached from outside as well is
//! rustc's affair: the lint `unreachable_pub` is on in all crates.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::{
    Attribute, Fields, FieldsNamed, File, ImplItem, Item, ItemImpl, Visibility, parse_quote,
};

use crate::error::{Error, Result};

/// Attributes that users notice.
const NOTICEABLE: &[&str] = &["deprecated", "derive", "must_use", "non_exhaustive"];

/// The public surface of the crate whose sources are in `directory`.
///
/// # Errors
/// When a source cannot be read or is no Rust.
pub fn of_crate(directory: &Path) -> Result<String> {
    let mut items = Vec::new();
    for path in sources(directory)? {
        let text = std::fs::read_to_string(&path).map_err(|error| unreadable(&path, error))?;
        let file = syn::parse_file(&text).map_err(|error| unreadable(&path, error))?;
        let is_root = path.file_name().is_some_and(|name| name == "lib.rs");
        let public = public(file.items);
        items.extend(
            public
                .into_iter()
                .filter(|item| is_root || !matches!(item, Item::Use(_))),
        );
    }
    let names: BTreeSet<String> = items.iter().filter_map(name).collect();
    items.retain(|item| match item {
        Item::Impl(item) => names.contains(&subject(item)),
        _ => true,
    });
    let mut texts: Vec<(String, String)> = items.into_iter().map(described).collect();
    texts.sort();
    let texts: Vec<String> = texts.into_iter().map(|(_, text)| text).collect();
    Ok(texts.join("\n"))
}

fn unreadable(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new("this source cannot be read", "see whether it compiles")
        .in_file(path)
        .with_source(error)
}

fn sources(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries = std::fs::read_dir(directory).map_err(|error| unreadable(directory, error))?;
    for entry in entries {
        let path = entry.map_err(|error| unreadable(directory, error))?.path();
        if path.is_dir() {
            found.extend(sources(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(found)
}

fn public(items: Vec<Item>) -> Vec<Item> {
    items.into_iter().filter_map(public_item).collect()
}

fn public_item(mut item: Item) -> Option<Item> {
    match &mut item {
        Item::Const(item) => {
            is_public(&item.vis).then(|| strip(&mut item.attrs))?;
            *item.expr = parse_quote!(..);
        }
        Item::Static(item) => {
            is_public(&item.vis).then(|| strip(&mut item.attrs))?;
            *item.expr = parse_quote!(..);
        }
        Item::Enum(item) => {
            is_public(&item.vis).then(|| strip(&mut item.attrs))?;
            item.variants
                .iter_mut()
                .for_each(|variant| strip(&mut variant.attrs));
        }
        Item::Fn(item) => {
            is_public(&item.vis).then(|| strip(&mut item.attrs))?;
            item.block = parse_quote!({});
        }
        Item::Struct(item) => {
            is_public(&item.vis).then(|| strip(&mut item.attrs))?;
            strip_fields(&mut item.fields);
        }
        Item::Trait(item) => {
            is_public(&item.vis).then(|| strip(&mut item.attrs))?;
        }
        Item::Type(item) => is_public(&item.vis).then(|| strip(&mut item.attrs))?,
        Item::Use(item) => {
            let is_glob = item.tree.to_token_stream().to_string().ends_with('*');
            (is_public(&item.vis) && !is_glob).then(|| strip(&mut item.attrs))?;
        }
        Item::Mod(module) => {
            is_public(&module.vis).then(|| strip(&mut module.attrs))?;
            let (_, items) = module.content.take()?;
            let items = public(items);
            let name = &module.ident;
            return Some(parse_quote!(pub mod #name { #(#items)* }));
        }
        Item::Impl(item) => return public_impl(item.clone()).map(Item::Impl),
        Item::Macro(item) if item.mac.path.is_ident("open_enum") => {
            return public_item(Item::Enum(item.mac.parse_body().ok()?));
        }
        _ => return None,
    }
    Some(item)
}

fn public_impl(mut item: ItemImpl) -> Option<ItemImpl> {
    let is_of_trait = item.trait_.is_some();
    let kept = item.items.into_iter().filter_map(|inner| match inner {
        ImplItem::Fn(mut function) if is_public(&function.vis) => {
            strip(&mut function.attrs);
            function.block = parse_quote!({});
            Some(ImplItem::Fn(function))
        }
        ImplItem::Const(mut constant) if is_public(&constant.vis) => {
            strip(&mut constant.attrs);
            Some(ImplItem::Const(constant))
        }
        ImplItem::Type(kind) => Some(ImplItem::Type(kind)),
        _ => None,
    });
    item.items = kept.collect();
    strip(&mut item.attrs);
    (is_of_trait || !item.items.is_empty()).then_some(item)
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn strip(attributes: &mut Vec<Attribute>) {
    attributes.retain(|attribute| {
        NOTICEABLE
            .iter()
            .any(|name| attribute.path().is_ident(name))
    });
}

fn strip_fields(fields: &mut Fields) {
    if let Fields::Named(FieldsNamed { named, .. }) = fields {
        let kept = std::mem::take(named)
            .into_iter()
            .filter(|field| is_public(&field.vis));
        *named = kept.collect();
        named.iter_mut().for_each(|field| strip(&mut field.attrs));
    } else if fields.iter().any(|field| !is_public(&field.vis)) {
        *fields = Fields::Unit;
    }
}

/// The name of a type.
fn name(item: &Item) -> Option<String> {
    match item {
        Item::Struct(item) => Some(item.ident.to_string()),
        Item::Enum(item) => Some(item.ident.to_string()),
        _ => None,
    }
}

/// The name of the type that something is implemented for.
fn subject(item: &ItemImpl) -> String {
    match &*item.self_ty {
        syn::Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()),
        _ => None,
    }
    .unwrap_or_default()
}

/// An item as text, with what it is sorted by: the type it belongs to, then itself.
fn described(item: Item) -> (String, String) {
    let sorted_by = match &item {
        Item::Impl(item) => subject(item) + " impl",
        Item::Use(_) => String::new(),
        other => name(other).unwrap_or_else(|| format!("~{}", other.to_token_stream())),
    };
    let file = File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item],
    };
    (sorted_by, prettyplease::unparse(&file))
}
