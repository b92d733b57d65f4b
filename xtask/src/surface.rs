//! The public surface of a crate: every item that its users can name, one line each.
//!
//! Items are found the way that rustc finds them, as far as these crates need it: public modules
//! are walked into, private ones show what a `pub use` takes out of them. Each line stands under
//! the path of its item, so that two surfaces can be compared item by item.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::{
    Attribute, Fields, Generics, ImplItem, Item, ItemEnum, ItemImpl, ItemStruct, ItemTrait,
    ItemUse, Meta, Token, TraitItem, UseTree, Visibility, parse_quote, punctuated::Punctuated,
};

use crate::error::{Error, Result};
use crate::generate::Files;

/// The crates whose surfaces are kept, and the file that keeps each.
pub const KEPT: &[(&str, &str)] = &[
    ("crates/models", "crates/models/surface.txt"),
    ("crates/client", "crates/client/surface.txt"),
];

/// The command that writes the files of surfaces.
pub const COMMAND: &str = "cargo xtask surface";

/// Attributes that users notice.
const NOTICEABLE: &[&str] = &["deprecated", "must_use", "non_exhaustive"];

/// The public items of a crate, by their path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surface {
    /// The items.
    pub items: BTreeMap<String, Line>,
    /// The structs and enums that users may write out or match in full, so that whatever is added
    /// to them breaks somebody.
    pub exhaustive: BTreeSet<String>,
}

/// An item of a surface.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `#[deprecated]` and the like.
    pub attributes: String,
    /// The item as it is declared, without its body.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.attributes.is_empty() {
            write!(f, "{} ", self.attributes)?;
        }
        f.write_str(&self.text)
    }
}

impl fmt::Display for Surface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.items
            .values()
            .try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// The files of all surfaces below `root`, with `generated` in place of the generated files.
///
/// # Errors
/// When a source cannot be read or is no Rust.
pub fn files(root: &Path, generated: &Files) -> Result<Files> {
    let mut files = Files::new();
    for (directory, file) in KEPT {
        let sources = Path::new(directory).join("src");
        let mut texts = read_below(root, &sources)?;
        texts.retain(|path, _| !is_generated(path));
        let made = generated
            .iter()
            .filter(|(path, _)| path.starts_with(&sources));
        texts.extend(made.map(|(path, text)| (path.clone(), text.clone())));
        let surface = Surface::read(&texts, &sources.join("lib.rs"))?;
        files.insert(
            PathBuf::from(file),
            format!("# What users of this crate can name. Written by `{COMMAND}`, reviewed like code.\n{surface}"),
        );
    }
    Ok(files)
}

fn is_generated(path: &Path) -> bool {
    crate::GENERATED
        .iter()
        .any(|directory| path.starts_with(directory))
}

fn read_below(root: &Path, directory: &Path) -> Result<Files> {
    let full = root.join(directory);
    let mut found = Files::new();
    let entries = std::fs::read_dir(&full).map_err(|error| unreadable(&full, error))?;
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(&full, error))?;
        let path = directory.join(entry.file_name());
        if entry.path().is_dir() {
            found.extend(read_below(root, &path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(entry.path());
            found.insert(
                path,
                text.map_err(|error| unreadable(&entry.path(), error))?,
            );
        }
    }
    Ok(found)
}

fn unreadable(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new("this source cannot be read", "see whether it compiles")
        .in_file(path)
        .with_source(error)
}

impl Surface {
    /// The surface of the module in `root`, which is one of the `sources`.
    ///
    /// # Errors
    /// When a source is no Rust, or a module has no source.
    pub fn read(sources: &Files, root: &Path) -> Result<Self> {
        let directory = root.parent().unwrap_or(Path::new(""));
        let module = Module::read(sources, root, directory)?;
        let mut writer = Writer::default();
        module.declare(&mut writer.declared);
        writer.module(&module, &[&module], "");
        let impls = module.impls();
        impls.iter().for_each(|item| writer.implementation(item));
        Ok(writer.surface)
    }
}

/// A module with its items; those of its modules are taken out of them.
struct Module {
    name: String,
    is_public: bool,
    items: Vec<Item>,
    modules: Vec<Module>,
}

impl Module {
    fn read(sources: &Files, file: &Path, directory: &Path) -> Result<Self> {
        let Some(text) = sources.get(file) else {
            return Err(Error::new(
                "there is no source of this module",
                "write it, or remove the `mod` that asks for it",
            )
            .in_file(file));
        };
        let parsed = syn::parse_file(text).map_err(|error| unreadable(file, error))?;
        Self::of(parsed.items, sources, directory)
    }

    fn of(items: Vec<Item>, sources: &Files, directory: &Path) -> Result<Self> {
        let mut module = Self {
            name: String::new(),
            is_public: true,
            items: Vec::new(),
            modules: Vec::new(),
        };
        for item in items {
            let Item::Mod(inner) = item else {
                module.items.push(item);
                continue;
            };
            if inner.attrs.iter().any(is_for_tests) {
                continue;
            }
            let name = inner.ident.to_string();
            let below = directory.join(&name);
            let child = match inner.content {
                Some((_, items)) => Self::of(items, sources, &below)?,
                None => {
                    let file = below.with_extension("rs");
                    let is_file = sources.contains_key(&file);
                    let file = if is_file { file } else { below.join("mod.rs") };
                    Self::read(sources, &file, &below)?
                }
            };
            let is_public = is_public(&inner.vis);
            module.modules.push(Self {
                name,
                is_public,
                ..child
            });
        }
        Ok(module)
    }

    fn child(&self, name: &str) -> Option<&Self> {
        self.modules.iter().find(|module| module.name == name)
    }

    /// The names of all types, be they public or not.
    fn declare(&self, names: &mut BTreeSet<String>) {
        names.extend(self.items.iter().filter_map(declared));
        self.modules.iter().for_each(|module| module.declare(names));
    }

    fn impls(&self) -> Vec<&ItemImpl> {
        let own = self.items.iter().filter_map(|item| match item {
            Item::Impl(item) => Some(item),
            _ => None,
        });
        own.chain(self.modules.iter().flat_map(Self::impls))
            .collect()
    }
}

#[derive(Default)]
struct Writer {
    surface: Surface,
    declared: BTreeSet<String>,
    /// The paths of public types by their name.
    paths: BTreeMap<String, String>,
}

impl Writer {
    /// Everything public of a module, the last one of those it is in.
    fn module(&mut self, module: &Module, parents: &[&Module], prefix: &str) {
        for item in &module.items {
            match item {
                Item::Use(item) if is_public(&item.vis) => self.reexport(item, parents, prefix),
                other => self.item(other, prefix),
            }
        }
        for child in module.modules.iter().filter(|child| child.is_public) {
            let path = format!("{prefix}{}", child.name);
            self.line(&path, &[], format!("pub mod {path}"));
            let inside: Vec<&Module> = parents.iter().copied().chain([child]).collect();
            self.module(child, &inside, &format!("{path}::"));
        }
    }

    fn reexport(&mut self, item: &ItemUse, parents: &[&Module], prefix: &str) {
        let mut leaves = Vec::new();
        leaves_of(&item.tree, &mut Vec::new(), &mut leaves);
        for leaf in leaves {
            let (name, path) = leaf.split_last().expect("a use names something");
            match (find(path, parents), name.as_str()) {
                (Some(inside), "*") => {
                    let module = inside.last().expect("a module is in itself");
                    self.module(module, &inside, prefix);
                }
                (Some(inside), name) => self.named(name, &inside, prefix),
                (None, _) => {
                    let path = leaf.join("::");
                    self.line(
                        &format!("{prefix}use {path}"),
                        &[],
                        format!("pub use {prefix}{path}"),
                    );
                }
            }
        }
    }

    /// The one item of that name, out of the last of these modules.
    fn named(&mut self, name: &str, parents: &[&Module], prefix: &str) {
        let Some(module) = parents.last() else { return };
        for item in &module.items {
            match item {
                Item::Use(item) if is_public(&item.vis) => {
                    let mut leaves = Vec::new();
                    leaves_of(&item.tree, &mut Vec::new(), &mut leaves);
                    for leaf in leaves
                        .iter()
                        .filter(|leaf| leaf.last().is_some_and(|last| last == name))
                    {
                        if let Some(inside) = find(&leaf[..leaf.len() - 1], parents) {
                            self.named(name, &inside, prefix);
                        }
                    }
                }
                other if named(other).as_deref() == Some(name) => self.item(other, prefix),
                _ => {}
            }
        }
    }

    fn item(&mut self, item: &Item, prefix: &str) {
        match item {
            Item::Const(item) if is_public(&item.vis) => {
                let (path, kind) = (format!("{prefix}{}", item.ident), text(&item.ty));
                self.line(&path, &item.attrs, format!("pub const {path}: {kind}"));
            }
            Item::Static(item) if is_public(&item.vis) => {
                let (path, kind) = (format!("{prefix}{}", item.ident), text(&item.ty));
                self.line(&path, &item.attrs, format!("pub static {path}: {kind}"));
            }
            Item::Fn(item) if is_public(&item.vis) => {
                let path = format!("{prefix}{}", item.sig.ident);
                let line = format!("pub {}", signature(&item.sig, &path));
                self.line(&path, &item.attrs, line);
            }
            Item::Type(item) if is_public(&item.vis) => {
                let path = format!("{prefix}{}", item.ident);
                let line = format!(
                    "pub type {path}{} = {}",
                    text(&item.generics),
                    text(&item.ty)
                );
                self.line(&path, &item.attrs, line);
            }
            Item::Struct(item) if is_public(&item.vis) => self.structure(item, prefix),
            Item::Enum(item) if is_public(&item.vis) => self.enumeration(item, prefix, true),
            Item::Macro(item) if item.mac.path.is_ident("open_enum") => {
                if let Ok(item) = item.mac.parse_body::<ItemEnum>() {
                    self.enumeration(&item, prefix, false);
                }
            }
            Item::Trait(item) if is_public(&item.vis) => self.interface(item, prefix),
            _ => {}
        }
    }

    fn structure(&mut self, item: &ItemStruct, prefix: &str) {
        let path = self.kind(&item.ident.to_string(), prefix, &item.attrs);
        let is_open = item.fields.iter().all(|field| is_public(&field.vis));
        let hidden = if is_open { "" } else { " { .. }" };
        let generics = text(&item.generics);
        self.line(
            &path,
            &item.attrs,
            format!("pub struct {path}{generics}{hidden}"),
        );
        if is_open && !has(&item.attrs, "non_exhaustive") {
            self.surface.exhaustive.insert(path.clone());
        }
        self.fields(&item.fields, &path, true);
    }

    fn fields(&mut self, fields: &Fields, path: &str, in_struct: bool) {
        for (index, field) in fields.iter().enumerate() {
            if in_struct && !is_public(&field.vis) {
                continue;
            }
            let name = field
                .ident
                .as_ref()
                .map_or(index.to_string(), ToString::to_string);
            let path = format!("{path}.{name}");
            self.line(
                &path,
                &field.attrs,
                format!("pub {path}: {}", text(&field.ty)),
            );
        }
    }

    fn enumeration(&mut self, item: &ItemEnum, prefix: &str, is_closed: bool) {
        let path = self.kind(&item.ident.to_string(), prefix, &item.attrs);
        let open = if is_closed { "" } else { "open " };
        self.line(
            &path,
            &item.attrs,
            format!("pub {open}enum {path}{}", text(&item.generics)),
        );
        if is_closed && !has(&item.attrs, "non_exhaustive") {
            self.surface.exhaustive.insert(path.clone());
        }
        for variant in &item.variants {
            let path = format!("{path}::{}", variant.ident);
            let value = variant.discriminant.as_ref();
            let value = value.map_or(String::new(), |(_, value)| format!(" = {}", text(value)));
            self.line(&path, &variant.attrs, format!("pub {path}{value}"));
            self.fields(&variant.fields, &path, false);
        }
    }

    fn interface(&mut self, item: &ItemTrait, prefix: &str) {
        let path = self.kind(&item.ident.to_string(), prefix, &item.attrs);
        let bounds =
            one_line(&item.supertraits.to_token_stream().to_string()).replace(" :: ", "::");
        let line = format!("pub trait {path}{}: {bounds}", text(&item.generics));
        self.line(&path, &item.attrs, line.trim_end_matches(": ").to_owned());
        for inner in &item.items {
            if let TraitItem::Fn(function) = inner {
                let path = format!("{path}::{}", function.sig.ident);
                self.line(&path, &function.attrs, signature(&function.sig, &path));
            }
        }
    }

    /// Remembers where a type is to be found, and writes what it derives.
    fn kind(&mut self, name: &str, prefix: &str, attributes: &[Attribute]) -> String {
        let path = format!("{prefix}{name}");
        for attribute in attributes
            .iter()
            .filter(|one| one.path().is_ident("derive"))
        {
            let traits =
                attribute.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated);
            for derived in traits.into_iter().flatten() {
                let line = format!("impl {} for {path}", text(&derived));
                self.line(&format!("{path} {line}"), &[], line);
            }
        }
        self.paths.insert(name.to_owned(), path.clone());
        path
    }

    /// What is implemented for a public type. A type that is declared nowhere here is another
    /// crate's or, with methods of its own, one of the handwritten part.
    fn implementation(&mut self, item: &ItemImpl) {
        let name = subject(item);
        let path = match self.paths.get(&name) {
            Some(path) => path.clone(),
            None if self.declared.contains(&name) || item.trait_.is_some() => return,
            None => name,
        };
        if let Some(implemented) = item.trait_.as_ref() {
            let implemented = text(&implemented.0);
            let line = format!("impl {implemented} for {path}");
            self.line(&format!("{path} {line}"), &item.attrs, line);
        }
        for inner in &item.items {
            match inner {
                ImplItem::Fn(function) if is_public(&function.vis) => {
                    let path = format!("{path}::{}", function.sig.ident);
                    let line = format!("pub {}", signature(&function.sig, &path));
                    self.line(&path, &function.attrs, line);
                }
                ImplItem::Const(constant) if is_public(&constant.vis) => {
                    let path = format!("{path}::{}", constant.ident);
                    let line = format!("pub const {path}: {}", text(&constant.ty));
                    self.line(&path, &constant.attrs, line);
                }
                _ => {}
            }
        }
    }

    fn line(&mut self, path: &str, attributes: &[Attribute], text: String) {
        let noticeable = attributes
            .iter()
            .filter(|one| NOTICEABLE.iter().any(|name| one.path().is_ident(name)));
        // Only that there is one, and not its wording.
        let attributes: Vec<String> = noticeable
            .map(|one| format!("#[{}]", self::text(one.path())))
            .collect();
        let line = Line {
            attributes: attributes.join(" "),
            text,
        };
        self.surface.items.insert(path.to_owned(), line);
    }
}

/// The modules from the root to the one that a path leads to, if it stays in the crate.
fn find<'m>(path: &[String], parents: &[&'m Module]) -> Option<Vec<&'m Module>> {
    let mut inside = parents.to_vec();
    for (index, segment) in path.iter().enumerate() {
        match segment.as_str() {
            "self" => {}
            "super" => drop(inside.pop()),
            "crate" if index == 0 => inside.truncate(1),
            name => {
                let child = inside.last()?.child(name)?;
                inside.push(child);
            }
        }
    }
    (!path.is_empty()).then_some(inside)
}

/// The paths of a `use`, one for each thing that is named.
fn leaves_of(tree: &UseTree, path: &mut Vec<String>, leaves: &mut Vec<Vec<String>>) {
    let mut leaf = |name: String| leaves.push(path.iter().cloned().chain([name]).collect());
    match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            leaves_of(&inner.tree, path, leaves);
            path.pop();
        }
        UseTree::Name(name) => leaf(name.ident.to_string()),
        UseTree::Rename(rename) => leaf(format!("{} as {}", rename.ident, rename.rename)),
        UseTree::Glob(_) => leaf("*".to_owned()),
        UseTree::Group(group) => {
            group
                .items
                .iter()
                .for_each(|tree| leaves_of(tree, path, leaves));
        }
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    matches!(&attribute.meta, Meta::List(list) if list.path.is_ident("cfg") && list.tokens.to_string() == "test")
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn has(attributes: &[Attribute], name: &str) -> bool {
    attributes
        .iter()
        .any(|attribute| attribute.path().is_ident(name))
}

/// The name of a type that is declared here.
fn declared(item: &Item) -> Option<String> {
    match item {
        Item::Struct(item) => Some(item.ident.to_string()),
        Item::Enum(item) => Some(item.ident.to_string()),
        Item::Macro(item) => Some(item.mac.parse_body::<ItemEnum>().ok()?.ident.to_string()),
        _ => None,
    }
}

/// The name of an item that can be re-exported.
fn named(item: &Item) -> Option<String> {
    match item {
        Item::Const(item) => Some(item.ident.to_string()),
        Item::Static(item) => Some(item.ident.to_string()),
        Item::Fn(item) => Some(item.sig.ident.to_string()),
        Item::Type(item) => Some(item.ident.to_string()),
        Item::Trait(item) => Some(item.ident.to_string()),
        other => declared(other),
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

/// A function without its body, called by its path.
fn signature(signature: &syn::Signature, path: &str) -> String {
    let file = parse_quote!(#signature {});
    let written = one_line(&prettyplease::unparse(&file));
    let (before, rest) = written.split_once("fn ").unwrap_or(("", &written));
    let after = rest.find(['(', '<']).map_or("", |start| &rest[start..]);
    format!(
        "{before}fn {path}{}",
        after.trim_end_matches([' ', '{', '}', ','])
    )
}

/// Tokens in the usual spacing.
fn text(tokens: &impl ToTokens) -> String {
    let written = one_line(&tokens.to_token_stream().to_string());
    let generics: Result<Generics, _> = syn::parse2(tokens.to_token_stream());
    let kind: Result<syn::Type, _> = syn::parse2(tokens.to_token_stream());
    match (generics, kind) {
        (_, Ok(kind)) => {
            let file = parse_quote!(type T = #kind;);
            let line = one_line(&prettyplease::unparse(&file));
            line.trim_start_matches("type T = ")
                .trim_end_matches(';')
                .to_owned()
        }
        (Ok(generics), _) => {
            let file = parse_quote!(struct S #generics;);
            let line = one_line(&prettyplease::unparse(&file));
            line.trim_start_matches("struct S")
                .trim_end_matches(';')
                .to_owned()
        }
        _ => written,
    }
}

fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words
        .join(" ")
        .replace("( ", "(")
        .replace(", )", ")")
        .replace(" )", ")")
        .replace("< ", "<")
        .replace(", >", ">")
}
