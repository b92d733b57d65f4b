//! Writing Rust: all generated files of a description, in memory.

use std::collections::BTreeMap;
use std::path::PathBuf;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use serde_json::json;

use crate::description::{COMMON, Description, Operation};
use crate::error::{Error, Result};
use crate::names;

mod client;
mod events;
mod models;
mod openapi;
mod paths;
mod source;
mod unions;

pub use source::COMMAND;
use source::Part;

/// Where the models go, from the root of the workspace.
pub const MODELS: &str = "crates/models/src/generated";

/// Where the client goes, from the root of the workspace.
pub const CLIENT: &str = "crates/client/src/generated";

/// The list of all files of a generated directory, which stands among them.
const MANIFEST: &str = "manifest.json";

/// Generated files by their path from the root of the workspace.
pub type Files = BTreeMap<PathBuf, String>;

/// Generates everything.
///
/// # Errors
/// When the description cannot be expressed in Rust.
pub fn generate(description: &Description) -> Result<Files> {
    let mut files = Files::new();
    add(&mut files, MODELS, description, models(description)?);
    add(&mut files, CLIENT, description, client(description)?);
    Ok(files)
}

fn models(description: &Description) -> Result<BTreeMap<String, String>> {
    let items = models::items(description)?;
    let mut modules = BTreeMap::new();
    for (name, types) in &description.modules {
        modules.insert(name.clone(), models::module(description, types, &items)?);
    }
    if let Some(events) = events::module(description)?
        && modules.insert(events::MODULE.to_owned(), events).is_some()
    {
        return Err(Error::new(
            format!("a tag makes a module `{}`", events::MODULE),
            "call the tag something else: the enum of all events goes there",
        ));
    }
    let reexports = modules.keys().map(|module| {
        let module = format_ident!("{module}");
        quote!(pub use #module::*;)
    });
    let has_examples = !description.examples.is_empty();
    let examples = has_examples.then(|| {
        quote!(
            #[cfg(test)]
            mod examples;
        )
    });
    let root = root(
        description,
        modules.keys(),
        quote!(#(#reexports)* #examples),
    )?;
    modules.insert("mod".to_owned(), root);
    if has_examples {
        modules.insert("examples".to_owned(), models::examples(description)?);
    }
    Ok(modules)
}

fn client(description: &Description) -> Result<BTreeMap<String, String>> {
    let builders = client::builders(description)?;
    let mut tags: BTreeMap<String, Vec<&Operation>> = BTreeMap::new();
    for operation in &description.operations {
        tags.entry(names::module_name(&operation.tag))
            .or_default()
            .push(operation);
    }
    let mut modules = BTreeMap::new();
    for (name, operations) in &tags {
        modules.insert(
            name.clone(),
            client::module(description, operations, &builders)?,
        );
    }
    modules.insert(COMMON.to_owned(), client::common(description)?);
    let flat = tags.iter().map(|(module, operations)| {
        let module = format_ident!("{module}");
        let builders = operations
            .iter()
            .map(|one| format_ident!("{}", client::builder_name(one)));
        let constants = operations
            .iter()
            .map(|one| format_ident!("{}", names::constant_name(&one.id)));
        (
            quote!(pub use super::#module::{#(#builders),*};),
            quote!(pub use super::#module::{#(#constants),*};),
        )
    });
    let (builders, constants): (Vec<TokenStream>, Vec<TokenStream>) = flat.unzip();
    let reexports = quote! {
        pub use common::*;
        #[doc = " One builder per operation: what [`Client`](crate::Client)'s methods return."]
        pub mod builder { #(#builders)* }
        #[doc = " What the description says of each operation beyond its types."]
        pub mod operations { #(#constants)* }
    };
    let root = root(description, modules.keys(), reexports)?;
    modules.insert("mod".to_owned(), root);
    Ok(modules)
}

fn root<'a>(
    description: &Description,
    modules: impl Iterator<Item = &'a String>,
    reexports: TokenStream,
) -> Result<String> {
    let modules = modules.map(|module| {
        let module = format_ident!("{module}");
        quote!(mod #module;)
    });
    source::file(
        description,
        vec![Part::Items(quote!(#(#modules)*)), Part::Items(reexports)],
    )
}

fn add(
    files: &mut Files,
    directory: &str,
    description: &Description,
    modules: BTreeMap<String, String>,
) {
    let mut names: Vec<String> = modules
        .keys()
        .map(|module| format!("{module}.rs"))
        .collect();
    names.push(MANIFEST.to_owned());
    names.sort_unstable();
    let manifest = json!({
        "command": COMMAND,
        "description": {
            "title": description.title,
            "version": description.version,
            "sha256": description.digest,
        },
        "files": names,
    });
    for (module, text) in modules {
        files.insert(PathBuf::from(directory).join(format!("{module}.rs")), text);
    }
    files.insert(
        PathBuf::from(directory).join(MANIFEST),
        format!("{manifest:#}\n"),
    );
}

/// progenitor does not take the description after all.
fn refused(
    description: &Description,
    error: impl std::error::Error + Send + Sync + 'static,
) -> Error {
    Error::new(
        format!(
            "progenitor refuses {} {}",
            description.title, description.version
        ),
        "find the construct in the message, and rewrite it in a pass (xtask/src/passes)",
    )
    .with_source(error)
}

/// progenitor wrote something that the passes after it do not know.
fn unexpected(item: &TokenStream) -> Error {
    let mut text = item.to_string();
    if let Some((end, _)) = text.char_indices().nth(120) {
        text.truncate(end);
        text.push('…');
    }
    Error::new(
        format!("progenitor wrote something unexpected: {text}"),
        "progenitor is pinned: see what its new version does differently, or which schema was left inline",
    )
}
