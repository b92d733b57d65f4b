//! The enum of all events of webhooks, and how an event finds its variant: by its `type`.

use std::collections::BTreeMap;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::source::{self, Part};
use crate::description::{Description, Webhook};
use crate::error::{Error, Pointer, Result};
use crate::events::EVENT;
use crate::names;
use crate::types::referred;

/// The module of the enum, unless there are no events.
pub(super) const MODULE: &str = "webhook_event";

/// A variant: its name, the type in it, and the webhook that delivers it.
struct Variant<'d> {
    name: syn::Ident,
    event: syn::Ident,
    webhook: &'d Webhook,
}

/// The enum as a file, if there are events.
pub(super) fn module(description: &Description) -> Result<Option<String>> {
    let variants = variants(description)?;
    if variants.is_empty() {
        return Ok(None);
    }
    let events = variants.iter().map(|variant| &variant.event);
    let imports = quote! {
        use chrono::{DateTime, Utc};
        use serde::{Deserialize, Serialize};
        use serde_json::value::RawValue;
        use uuid::Uuid;
        use crate::event::{self, UnknownEvent};
        use super::{#(#events),*};
    };
    let parts = [
        imports,
        definition(&variants),
        methods(&variants),
        reading(),
    ]
    .into_iter()
    .chain(conversions(&variants))
    .map(Part::Items);
    source::file(description, parts.collect()).map(Some)
}

/// A test that every example of an event finds its variant.
pub(super) fn examples(description: &Description) -> Result<Option<TokenStream>> {
    let mut checks = Vec::new();
    for Variant { name, webhook, .. } in &variants(description)? {
        let event = format_ident!("{EVENT}");
        let examples = description.examples.iter();
        for example in examples.filter(|example| is_of(&example.pointer, webhook)) {
            let pointer = example.pointer.as_str();
            let json = super::models::raw_string(&example.value.to_string());
            checks.push(quote! {
                check_variant(#pointer, #json, |event| matches!(event, #event::#name(_)))
            });
        }
    }
    Ok((!checks.is_empty()).then(|| {
        quote! {
            #[test]
            fn every_event_finds_its_variant() {
                use crate::examples::check_variant;
                assert_whole([#(#checks),*]);
            }
        }
    }))
}

fn is_of(example: &Pointer, webhook: &Webhook) -> bool {
    let webhook = Pointer::root().join("x-webhooks").join(&webhook.name);
    example.as_str().starts_with(&format!("{webhook}/"))
}

fn variants(description: &Description) -> Result<Vec<Variant<'_>>> {
    let mut variants: Vec<Variant<'_>> = Vec::new();
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for webhook in &description.webhooks {
        let event = referred(&webhook.schema).filter(|_| !webhook.types.is_empty());
        let Some(event) = event else {
            continue;
        };
        // Webhooks that deliver the same are one variant.
        if variants.iter().any(|variant| variant.event == event) {
            continue;
        }
        let place = Pointer::root().join("x-webhooks").join(&webhook.name);
        for value in &webhook.types {
            if let Some(other) = taken.insert(value, &webhook.name) {
                return Err(Error::new(
                    format!("an event of the type `{value}` may be one of `{other}`, too"),
                    "list each value of `type` at one webhook alone",
                )
                .at(&place));
            }
        }
        let name = names::event_variant(event);
        if variants.iter().any(|variant| variant.name == name) || name == "Unknown" {
            return Err(Error::new(
                format!("the variant of `{EVENT}` for it would be called `{name}`, which is taken"),
                "name its schema with `x-rust-name` (spec/overlay.yaml)",
            )
            .at(&place));
        }
        variants.push(Variant {
            name: format_ident!("{name}"),
            event: format_ident!("{event}"),
            webhook,
        });
    }
    Ok(variants)
}

fn definition(variants: &[Variant<'_>]) -> TokenStream {
    let event = format_ident!("{EVENT}");
    let listed = variants.iter().map(|variant| {
        let Variant {
            name,
            event,
            webhook,
        } = variant;
        let types: Vec<String> = webhook.types.iter().map(|one| format!("`{one}`")).collect();
        let docs = format!("Of the webhook \"{}\": {}", webhook.name, types.join(", "));
        let docs = source::docs(&source::sentence(&docs));
        quote!(#docs #name(#event))
    });
    quote! {
        #[doc = " An event of any webhook, by its `type`."]
        #[doc = ""]
        #[doc = " More types may come: an event of one that this version does not know is kept as `Unknown`,"]
        #[doc = " to the letter."]
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
        #[serde(untagged)]
        #[non_exhaustive]
        pub enum #event {
            #(#listed,)*
            #[doc = " An event whose type this version does not know."]
            Unknown(UnknownEvent),
        }
    }
}

fn methods(variants: &[Variant<'_>]) -> TokenStream {
    let event = format_ident!("{EVENT}");
    let names: Vec<_> = variants.iter().map(|variant| &variant.name).collect();
    let types: Vec<_> = variants
        .iter()
        .map(|variant| &variant.webhook.types)
        .collect();
    let known = types.iter().copied().flatten();
    quote! {
        impl #event {
            #[doc = " The values of `type` that this version knows."]
            pub const KNOWN_TYPES: &'static [&'static str] = &[#(#known),*];

            #[doc = " Reads an event."]
            #[doc = ""]
            #[doc = " # Errors"]
            #[doc = ""]
            #[doc = " When it is not JSON, or its type is known and it is not as the description has it, or its type"]
            #[doc = " is not known and it has no `id` or `created_at`."]
            pub fn from_json(json: &str) -> serde_json::Result<Self> {
                match event::type_of(json)?.as_str() {
                    #(#(#types)|* => serde_json::from_str(json).map(Self::#names),)*
                    _ => UnknownEvent::from_json(json).map(Self::Unknown),
                }
            }

            #[doc = " Names the event. It stays the same when the event is delivered again."]
            pub fn id(&self) -> Uuid {
                match self {
                    #(Self::#names(event) => event.id,)*
                    Self::Unknown(event) => event.id,
                }
            }

            #[doc = " When the event came about."]
            pub fn created_at(&self) -> DateTime<Utc> {
                match self {
                    #(Self::#names(event) => event.created_at,)*
                    Self::Unknown(event) => event.created_at,
                }
            }

            #[doc = " What happened, as it is written: `type`."]
            pub fn event_type(&self) -> &str {
                match self {
                    #(Self::#names(event) => event.type_.as_str(),)*
                    Self::Unknown(event) => &event.type_,
                }
            }

            #[doc = " The webhook subscription that the delivery belongs to. An event of a type that is not known"]
            #[doc = " may be without."]
            pub fn webhook_id(&self) -> Option<Uuid> {
                match self {
                    #(Self::#names(event) => Some(event.webhook_id),)*
                    Self::Unknown(event) => event.webhook_id,
                }
            }
        }
    }
}

/// Through text, so that no number in an event that is not known passes through a floating-point
/// number.
fn reading() -> TokenStream {
    let event = format_ident!("{EVENT}");
    quote! {
        #[doc = " From JSON alone: the event is kept as text until its type is known."]
        impl<'de> Deserialize<'de> for #event {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let raw = Box::<RawValue>::deserialize(deserializer)?;
                Self::from_json(raw.get()).map_err(serde::de::Error::custom)
            }
        }
    }
}

fn conversions(variants: &[Variant<'_>]) -> Vec<TokenStream> {
    let event = format_ident!("{EVENT}");
    let conversion = |Variant {
                          name, event: inner, ..
                      }: &Variant<'_>| {
        quote! {
            impl From<#inner> for #event {
                fn from(event: #inner) -> Self { Self::#name(event) }
            }
        }
    };
    variants.iter().map(conversion).collect()
}
