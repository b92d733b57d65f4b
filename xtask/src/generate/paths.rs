//! Short names for the types that generated code uses, with the imports that they need.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::{format_ident, quote};
use syn::visit_mut::{self, VisitMut};
use syn::{Attribute, Meta, Path};

/// What progenitor and typify write, what is written instead, and what has to be imported for it.
const SHORT: &[(&str, &str, Option<&str>)] = &[
    ("std::option::Option", "Option", None),
    ("std::string::String", "String", None),
    ("std::vec::Vec", "Vec", None),
    ("std::boxed::Box", "Box", None),
    ("std::convert::From", "From", None),
    ("std::convert::TryInto", "TryInto", None),
    (
        "std::collections::BTreeMap",
        "BTreeMap",
        Some("std::collections::BTreeMap"),
    ),
    ("chrono::DateTime", "DateTime", Some("chrono::DateTime")),
    ("chrono::offset::Utc", "Utc", Some("chrono::Utc")),
    (
        "chrono::naive::NaiveDate",
        "NaiveDate",
        Some("chrono::NaiveDate"),
    ),
    (
        "rust_decimal::Decimal",
        "Decimal",
        Some("rust_decimal::Decimal"),
    ),
    (
        "serde::Deserialize",
        "Deserialize",
        Some("serde::Deserialize"),
    ),
    ("serde::Serialize", "Serialize", Some("serde::Serialize")),
    ("serde_json::Value", "Value", Some("serde_json::Value")),
    ("uuid::Uuid", "Uuid", Some("uuid::Uuid")),
    ("crate::Secret", "Secret", Some("crate::Secret")),
];

/// Shortens paths and remembers the imports.
#[derive(Default)]
pub(super) struct Shortener {
    imports: BTreeSet<&'static str>,
    /// Whether types of other crates are had from the models, which hand them on.
    from_models: bool,
}

/// The crates whose types the models hand on.
const HANDED_ON: &[&str] = &["chrono", "rust_decimal", "uuid"];

impl Shortener {
    /// One for the client, whose types are those of the models.
    pub(super) fn for_client() -> Self {
        Self {
            from_models: true,
            ..Self::default()
        }
    }

    /// The `use` items for all that was shortened, one per crate.
    pub(super) fn imports(&self) -> TokenStream {
        let mut crates: BTreeMap<&str, Vec<syn::Path>> = BTreeMap::new();
        for path in &self.imports {
            let (from, name) = path.split_once("::").expect("the table holds paths");
            let name = syn::parse_str(name).expect("the table holds paths");
            let from = if self.from_models && HANDED_ON.contains(&from) {
                "upvest_models"
            } else {
                from
            };
            crates.entry(from).or_default().push(name);
        }
        let imports = crates.into_iter().map(|(from, names)| {
            let from = format_ident!("{from}");
            match names.as_slice() {
                [name] => quote!(use #from::#name;),
                names => quote!(use #from::{#(#names),*};),
            }
        });
        quote!(#(#imports)*)
    }

    /// Also imports this one.
    pub(super) fn import(&mut self, path: &'static str) {
        self.imports.insert(path);
    }
}

impl VisitMut for Shortener {
    fn visit_path_mut(&mut self, path: &mut Path) {
        visit_mut::visit_path_mut(self, path);
        let written = text(path);
        let Some((long, short, import)) = SHORT.iter().find(|(long, ..)| *long == written) else {
            return;
        };
        let arguments = path.segments.last().map(|last| last.arguments.clone());
        *path = syn::parse_str(short).unwrap_or_else(|_| panic!("{long} has a short name"));
        if let (Some(last), Some(arguments)) = (path.segments.last_mut(), arguments) {
            last.arguments = arguments;
        }
        self.imports.extend(import);
    }

    /// serde takes paths in strings.
    fn visit_attribute_mut(&mut self, attribute: &mut Attribute) {
        if let Meta::List(list) = &mut attribute.meta {
            let shortened = shorten_strings(list.tokens.clone());
            list.tokens = shortened;
        }
    }
}

fn shorten_strings(tokens: TokenStream) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match &token {
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let short = SHORT.iter().find_map(|(long, short, _)| {
                    let method = text.strip_prefix("\"::")?.strip_prefix(long)?;
                    Some(Literal::string(&format!(
                        "{short}{}",
                        method.trim_end_matches('"')
                    )))
                });
                short.map_or(token, TokenTree::Literal)
            }
            _ => token,
        })
        .collect()
}

/// A path without its arguments.
pub(super) fn text(path: &Path) -> String {
    let segments: Vec<String> = path
        .segments
        .iter()
        .map(|one| one.ident.to_string())
        .collect();
    segments.join("::")
}
