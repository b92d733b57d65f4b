//! The models: what typify makes of the types, and what it leaves out.
//!
//! typify writes structs. Here they get the order, the documentation and the exact
//! decimals of the description; enums are written as `open_enum!` from the start, and unions by
//! [`unions`].

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use progenitor::{GenerationSettings, Generator, TypeImpl};
use quote::{format_ident, quote};
use syn::punctuated::Punctuated;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Field, Fields, Item, ItemStruct, Meta, Token, parse_quote};

use super::paths::{self, Shortener};
use super::source::{self, Part};
use super::{events, openapi, unions};
use crate::description::Description;
use crate::error::{Error, Result};
use crate::names;
use crate::passes::{decimals, secrets};
use crate::types::{self, Kind, Type};

/// What typify wrote, by the type that it is about.
pub(super) type Items = BTreeMap<String, Vec<Item>>;

/// Every type of one module, as a file.
pub(super) fn module(description: &Description, module: &[Type], items: &Items) -> Result<String> {
    let mut shortener = Shortener::default();
    let mut written = Vec::new();
    for kind in module {
        match kind.kind {
            Kind::OpenEnum => written.push(Part::OpenEnum(open_enum(kind)?)),
            Kind::Union => {
                shortener.import("serde_json::Value");
                written.extend(
                    unions::write(description, kind)?
                        .into_iter()
                        .map(Part::Items),
                );
            }
            Kind::Struct => {
                for item in items.get(&kind.name).into_iter().flatten() {
                    let mut item = item.clone();
                    shortener.visit_item_mut(&mut item);
                    if let Item::Struct(item) = &mut item {
                        structure(item, kind)?;
                    }
                    written.push(Part::Items(quote!(#item)));
                }
            }
        }
    }
    if module.iter().any(|kind| kind.kind != Kind::OpenEnum) {
        shortener.import("serde::Deserialize");
        shortener.import("serde::Serialize");
    }
    let own: BTreeSet<&str> = module.iter().map(|kind| kind.name.as_str()).collect();
    let foreign: BTreeSet<&str> = module
        .iter()
        .flat_map(|kind| kind.parts.iter().map(String::as_str))
        .filter(|part| !own.contains(part))
        .collect();
    let foreign = (!foreign.is_empty()).then(|| {
        let names = foreign.iter().map(|name| format_ident!("{name}"));
        quote!(use super::{#(#names),*};)
    });
    let imports = shortener.imports();
    let uses = |wanted| module.iter().any(|kind| kind.kind == wanted);
    let open_enums = uses(Kind::OpenEnum).then(|| {
        quote!(
            use crate::open_enum::open_enum;
        )
    });
    let unions = uses(Kind::Union).then(|| {
        quote!(
            use crate::union::{self, Shape};
        )
    });
    let mut parts = vec![Part::Items(quote!(#imports #open_enums #unions #foreign))];
    parts.append(&mut written);
    source::file(description, parts)
}

/// A test that reads and writes back every example of the description.
pub(super) fn examples(description: &Description) -> Result<String> {
    let checks = description.examples.iter().map(|example| {
        let pointer = example.pointer.as_str();
        let json = raw_string(&example.value.to_string());
        let rust = type_of_example(&example.schema)?;
        Ok(quote!(check::<#rust>(#pointer, #json)))
    });
    let checks: Vec<TokenStream> = checks.collect::<Result<_>>()?;
    let test = quote! {
        #[test]
        fn every_example_is_read_and_written_back() { assert_whole([#(#checks),*]); }
    };
    let parts = vec![
        Part::Items(quote!(
            use super::*;
            use crate::examples::{assert_whole, check};
        )),
        Part::Items(test),
        Part::Items(events::examples(description)?.unwrap_or_default()),
    ];
    source::file(description, parts)
}

fn type_of_example(schema: &serde_json::Value) -> Result<TokenStream> {
    if let Some(name) = types::referred(schema) {
        let name = format_ident!("{name}");
        return Ok(quote!(#name));
    }
    match schema.get("items") {
        Some(items) => {
            let items = type_of_example(items)?;
            Ok(quote!(Vec<#items>))
        }
        None => Ok(quote!(serde_json::Value)),
    }
}

/// JSON as it is, without escapes.
pub(super) fn raw_string(text: &str) -> TokenStream {
    let mut fence = String::from("#");
    while text.contains(&format!("\"{fence}")) {
        fence.push('#');
    }
    let literal: syn::LitStr =
        syn::parse_str(&format!("r{fence}\"{text}\"{fence}")).expect("this is a raw string");
    quote!(#literal)
}

/// Runs progenitor over the types, and takes from it what typify wrote.
pub(super) fn items(description: &Description) -> Result<Items> {
    let mut settings = GenerationSettings::new();
    settings.with_map_type("::std::collections::BTreeMap");
    for (format, rust) in [
        (decimals::FORMAT, "::rust_decimal::Decimal"),
        (secrets::FORMAT, "crate::Secret"),
    ] {
        let schema = serde_json::json!({ "type": "string", "format": format });
        let schema = serde_json::from_value(schema).expect("this is a JSON schema");
        settings.with_conversion(
            schema,
            rust,
            [TypeImpl::Display, TypeImpl::FromStr].into_iter(),
        );
    }
    for kind in description
        .types()
        .filter(|kind| openapi::is_left_to_us(kind.kind))
    {
        settings.with_replacement(&kind.name, &kind.name, [TypeImpl::Display].into_iter());
    }
    let mut generator = Generator::new(&settings);
    generator
        .generate_tokens(&openapi::of_types(description)?)
        .map_err(|error| super::refused(description, error))?;
    let file: syn::File = syn::parse2(generator.get_type_space().to_stream())
        .map_err(|error| super::refused(description, error))?;
    let mut items = Items::new();
    for item in file.items.into_iter().filter(|item| !is_error_module(item)) {
        let subject =
            subject(&item).filter(|name| description.types().any(|kind| kind.name == *name));
        match subject {
            Some(name) => items.entry(name).or_default().push(item),
            None => return Err(super::unexpected(&quote!(#item))),
        }
    }
    Ok(items)
}

/// typify's own conversion errors, which nothing here can raise.
fn is_error_module(item: &Item) -> bool {
    matches!(item, Item::Mod(module) if module.ident == "error")
}

/// The type that an item defines, or is implemented for.
fn subject(item: &Item) -> Option<String> {
    match item {
        Item::Struct(item) => Some(item.ident.to_string()),
        Item::Enum(item) => Some(item.ident.to_string()),
        Item::Impl(item) => match &*item.self_ty {
            syn::Type::Path(path) => Some(paths::text(&path.path)),
            _ => None,
        },
        _ => None,
    }
}

fn structure(item: &mut ItemStruct, kind: &Type) -> Result<()> {
    let has_default = derives(&item.attrs, "Default");
    item.attrs = attributes(kind, has_default);
    let Fields::Named(fields) = &mut item.fields else {
        return Err(super::unexpected(&quote!(#item)));
    };
    for field in &mut fields.named {
        self::field(field, kind)?;
    }
    // typify sorts by name; people read the order of the document.
    let order: Vec<&String> = kind.schema["properties"]
        .as_object()
        .map(|properties| properties.keys().collect())
        .unwrap_or_default();
    let mut sorted: Vec<Field> = std::mem::take(&mut fields.named).into_iter().collect();
    sorted.sort_by_key(|field| order.iter().position(|name| **name == wire_name(field)));
    fields.named = sorted.into_iter().collect();
    Ok(())
}

fn field(field: &mut Field, kind: &Type) -> Result<()> {
    let name = wire_name(field);
    let known = kind.fields.get(&name).cloned().unwrap_or_default();
    let rust = &field.ty;
    let skip = quote!(skip_serializing_if = "Option::is_none");
    let mut serde = serde_arguments(field);
    let mut schemars = Vec::new();
    match quote!(#rust).to_string().replace(' ', "").as_str() {
        "Decimal" if known.may_be_empty => {
            field.ty = parse_quote!(Option<Decimal>);
            serde.push(quote!(with = "crate::decimal::or_empty"));
            schemars.push(quote!(with = "String"));
        }
        "Option<Decimal>" if known.may_be_empty => {
            field.ty = parse_quote!(Option<Option<Decimal>>);
            serde.retain(|argument| is(argument, "rename"));
            serde.extend([
                quote!(default),
                skip,
                quote!(with = "crate::decimal::or_empty::optional"),
            ]);
            schemars.push(quote!(with = "Option<String>"));
        }
        "Decimal" => {
            serde.push(quote!(with = "crate::decimal"));
            schemars.push(quote!(with = "String"));
        }
        "Option<Decimal>" if known.nullable && !known.required => {
            field.ty = parse_quote!(Option<Option<Decimal>>);
            serde.retain(|argument| is(argument, "rename"));
            serde.extend([
                quote!(default),
                skip,
                quote!(with = "crate::decimal::nullable"),
            ]);
            schemars.push(quote!(with = "Option<String>"));
        }
        "Option<Decimal>" => {
            serde.retain(|argument| is(argument, "rename"));
            if !known.required {
                serde.push(quote!(default));
                serde.push(skip);
            }
            serde.push(quote!(with = "crate::decimal::optional"));
            schemars.push(quote!(with = "Option<String>"));
        }
        other if other.contains("Decimal") => {
            return Err(Error::new(
                format!(
                    "`{}.{name}` would be `{other}`, decimals within something else",
                    kind.name
                ),
                "teach xtask/src/generate/models.rs and crates/models/src/decimal.rs this shape",
            )
            .at(&kind.pointer));
        }
        // Absent and null are not the same: one leaves a value as it is, the other takes it away.
        other if known.nullable && !known.required => {
            if !other.starts_with("Option<") {
                return Err(super::unexpected(&quote!(#field)));
            }
            field.ty = parse_quote!(Option<#rust>);
            serde.retain(|argument| is(argument, "rename"));
            serde.extend([quote!(default), skip, quote!(with = "crate::nullable")]);
            schemars.push(quote!(with = #other));
        }
        // typify reads a list that is not there as an empty one.
        other
            if !known.required && (other.starts_with("Vec<") || other.starts_with("BTreeMap<")) =>
        {
            field.ty = parse_quote!(Option<#rust>);
            serde.retain(|argument| is(argument, "rename"));
            serde.push(skip);
        }
        _ => {}
    }
    if let Some(pattern) = &known.pattern {
        schemars.push(quote!(extend("pattern" = #pattern)));
    }
    let docs = known
        .docs
        .as_deref()
        .map(source::sentence)
        .unwrap_or_default();
    let docs = source::docs(&docs);
    let serde = (!serde.is_empty()).then(|| quote!(#[serde(#(#serde),*)]));
    let schemars = (!schemars.is_empty())
        .then(|| quote!(#[cfg_attr(feature = "schemars", schemars(#(#schemars),*))]));
    field.attrs = source::attributes(quote!(#docs #serde #schemars));
    Ok(())
}

/// What serde is told about a field, one argument each.
fn serde_arguments(field: &Field) -> Vec<TokenStream> {
    let serde = field
        .attrs
        .iter()
        .filter(|one| one.path().is_ident("serde"));
    serde
        .filter_map(|attribute| {
            attribute
                .parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated)
                .ok()
        })
        .flatten()
        .map(|argument| quote!(#argument))
        .collect()
}

fn is(argument: &TokenStream, name: &str) -> bool {
    argument.to_string().split([' ', '=']).next() == Some(name)
}

fn open_enum(kind: &Type) -> Result<TokenStream> {
    let docs = type_docs(kind);
    let name = format_ident!("{}", kind.name);
    let variants = variants(kind)?.into_iter().map(|(ident, value)| {
        let docs = format!(" `{value}`");
        quote!(#[doc = #docs] #ident = #value)
    });
    Ok(quote!(#docs pub enum #name { #(#variants),* }))
}

/// The variants of an enum with their values on the wire.
fn variants(kind: &Type) -> Result<Vec<(syn::Ident, String)>> {
    let mut taken = BTreeSet::new();
    let values = kind.schema["enum"].as_array().into_iter().flatten();
    values
        .filter_map(|value| value.as_str())
        .map(|value| {
            let no_name = |reason: &str| {
                Error::new(
                    format!("the value `{value}` of the enum `{}` {reason}", kind.name),
                    "name its variant in xtask/src/names.rs",
                )
                .at(&kind.pointer)
            };
            let name =
                names::variant_name(value).ok_or_else(|| no_name("has no letter or digit"))?;
            if !taken.insert(name.clone()) {
                return Err(no_name(&format!(
                    "would be called `{name}`, which is taken"
                )));
            }
            Ok((format_ident!("{name}"), value.to_owned()))
        })
        .collect()
}

fn attributes(kind: &Type, has_default: bool) -> Vec<Attribute> {
    let docs = type_docs(kind);
    let default = has_default.then(|| quote!(, Default));
    source::attributes(quote! {
        #docs
        #[derive(Clone, Debug, PartialEq #default, Deserialize, Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
    })
}

pub(super) fn type_docs(kind: &Type) -> TokenStream {
    kind.docs
        .as_ref()
        .map(|docs| source::docs(&source::sentence(docs)))
        .unwrap_or_default()
}

fn derives(attributes: &[Attribute], name: &str) -> bool {
    attributes
        .iter()
        .filter(|attribute| attribute.path().is_ident("derive"))
        .any(|attribute| quote!(#attribute).to_string().contains(name))
}

/// The name of a field in JSON.
fn wire_name(field: &Field) -> String {
    let renamed = serde_arguments(field).into_iter().find_map(|argument| {
        let argument: syn::MetaNameValue = syn::parse2(argument).ok()?;
        match argument.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(name),
                ..
            }) if argument.path.is_ident("rename") => Some(name.value()),
            _ => None,
        }
    });
    let ident = || field.ident.as_ref().map(ToString::to_string);
    renamed.or_else(ident).unwrap_or_default()
}

/// The path of a type in the models, as the client writes it.
pub(super) fn path_for_client(kind: &Type) -> String {
    format!("::models::{}", kind.name)
}
