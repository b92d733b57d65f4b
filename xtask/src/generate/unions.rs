//! Unions: the enum, and how a value finds its variant.
//!
//! serde's own `untagged` takes the first variant that can be read, and drops the rest of the
//! fields. Here the variant is found by what the description says of each: the fields that must be
//! there, the values that a field can have in this variant alone, and the fields that are known.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::models::type_docs;
use crate::description::Description;
use crate::error::{Error, Result};
use crate::types::{Type, referred};

/// What is known of a variant.
struct Shape<'t> {
    required: Vec<&'t str>,
    known: Vec<&'t str>,
    tags: Vec<(&'t str, Vec<&'t str>)>,
}

impl Shape<'_> {
    /// Whether there is a value that is as much of this shape as of the other.
    ///
    /// A value that both know entirely has what either requires. It is of the one that requires
    /// more, or of the one that allows less, if that can be said.
    fn is_like(&self, other: &Self) -> bool {
        let within = |some: &[&str], all: &[&str]| some.iter().all(|one| all.contains(one));
        let fit_both = within(&self.required, &other.known)
            && within(&other.required, &self.known)
            && !self
                .tags
                .iter()
                .any(|(field, _)| other.known.contains(field));
        let comparable =
            |some: &[&str], others: &[&str]| within(some, others) || within(others, some);
        let same = |some: &[&str], others: &[&str]| within(some, others) && within(others, some);
        fit_both
            && if same(&self.required, &other.required) {
                same(&self.known, &other.known) || !comparable(&self.known, &other.known)
            } else {
                !comparable(&self.required, &other.required)
            }
    }
}

/// A union as an enum of its variants.
pub(super) fn write(description: &Description, union: &Type) -> Result<Vec<TokenStream>> {
    let variants: Vec<&Type> = union.schema["oneOf"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(referred)
        .filter_map(|name| description.types().find(|kind| kind.name == name))
        .collect();
    let shapes: Vec<Shape<'_>> = variants
        .iter()
        .map(|variant| shape(description, variant, &variants))
        .collect();
    for (index, one) in shapes.iter().enumerate() {
        let other = shapes[..index].iter().position(|other| one.is_like(other));
        if let Some(other) = other.filter(|_| !union.in_order) {
            return Err(Error::new(
                format!(
                    "nothing tells `{}` from `{}`: there are values that fit both",
                    variants[index].name, variants[other].name
                ),
                "say by an `enum` of one value, or by `required`, which is which; or say that the \
                 first is meant, by `x-rust-variants: in order` at the union (spec/overlay.yaml)",
            )
            .at(&union.pointer));
        }
    }

    let docs = type_docs(union);
    let gap = (!docs.is_empty()).then(|| quote!(#[doc = ""]));
    let name = format_ident!("{}", union.name);
    let idents: Vec<_> = variants
        .iter()
        .map(|variant| format_ident!("{}", variant.name))
        .collect();
    let shapes = shapes.iter().map(|Shape { required, known, tags }| {
        let tags = tags.iter().map(|(field, values)| quote!((#field, &[#(#values),*])));
        quote!(Shape { required: &[#(#required),*], known: &[#(#known),*], tags: &[#(#tags),*] })
    });
    let indices = 0..idents.len();
    let definition = quote! {
        #docs
        #gap
        #[doc = " More variants may come: what is none of those known here is kept as `Unknown`."]
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum #name {
            #(#idents(#idents),)*
            #[doc = " A value that has the form of none of the others, as it was written."]
            Unknown(Value),
        }
    };
    let reading = quote! {
        impl<'de> Deserialize<'de> for #name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                const SHAPES: &[Shape] = &[#(#shapes),*];
                let value = Value::deserialize(deserializer)?;
                match Shape::find(SHAPES, &value) {
                    #(Some(#indices) => union::read(value).map(Self::#idents),)*
                    _ => Ok(Self::Unknown(value)),
                }
            }
        }
    };
    let conversions = idents.iter().map(|variant| {
        quote! {
            impl From<#variant> for #name {
                fn from(value: #variant) -> Self { Self::#variant(value) }
            }
        }
    });
    Ok([definition, reading]
        .into_iter()
        .chain(conversions)
        .collect())
}

fn shape<'t>(description: &'t Description, variant: &'t Type, all: &[&'t Type]) -> Shape<'t> {
    let mut shape = Shape {
        required: Vec::new(),
        known: Vec::new(),
        tags: Vec::new(),
    };
    for (name, field) in &variant.fields {
        shape.known.push(name);
        if field.required {
            shape.required.push(name);
        }
        let values = values(description, variant, name);
        // Another variant may lack the field; one that has it has to have other values.
        let mut bearers = all
            .iter()
            .filter(|other| other.name != variant.name && other.fields.contains_key(name))
            .peekable();
        let is_mine = bearers.peek().is_some()
            && bearers.all(|other| {
                let theirs = self::values(description, other, name);
                !theirs.is_empty() && theirs.iter().all(|value| !values.contains(value))
            });
        if !values.is_empty() && field.required && is_mine {
            shape.tags.push((name, values));
        }
    }
    shape
}

/// The values that a field can have, if they are listed.
fn values<'t>(description: &'t Description, kind: &'t Type, field: &str) -> Vec<&'t str> {
    let Some(name) = kind.schema["properties"].get(field).and_then(referred) else {
        return Vec::new();
    };
    let listed = description.types().find(|kind| kind.name == name);
    let values = listed.and_then(|kind| kind.schema.get("enum")?.as_array());
    values
        .into_iter()
        .flatten()
        .filter_map(|value| value.as_str())
        .collect()
}
