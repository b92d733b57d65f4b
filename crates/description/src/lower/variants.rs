//! The variants of a union: which types they are, and in which order they are tried.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::merge::{self, Unwrapped};
use super::name::Name;
use super::types::{Node, Types};
use crate::error::{Pointer, Result};
use crate::ir::{DefId, Id, Ty, TypeKind, Union};
use crate::read::cursor::Cursor;

/// `in order` at a union whose variants cannot be told apart: the first that fits is meant.
const VARIANTS: &str = "x-rust-variants";

impl Types {
    /// Whether one of the variants is text.
    pub(super) fn has_text(&self, union: &Union) -> bool {
        let is_text =
            |id: &DefId| matches!(self.nodes[id.0].kind, TypeKind::Id(_) | TypeKind::Enum(_));
        union.variants.iter().any(is_text)
    }

    /// The element of a list whose elements are one of these.
    pub(super) fn list_item(
        &mut self,
        items: &[Cursor<'_>],
        name: &Name,
        in_order: bool,
        place: &Pointer,
    ) -> Result<Ty> {
        if let [only] = items {
            return Ok(self.add(only, name)?.element());
        }
        let variants = self.variants(items, name)?;
        Ok(self.insert(Node {
            kind: TypeKind::Union(Union { variants, in_order }),
            name: name.clone(),
            ..Node::nothing(&place.join("items"))
        }))
    }

    pub(super) fn variants(&mut self, places: &[Cursor<'_>], name: &Name) -> Result<Vec<DefId>> {
        let mut variants: Vec<((Reverse<usize>, usize), DefId)> = Vec::new();
        let inner: Vec<Unwrapped<'_>> = places.iter().map(merge::unwrap).collect::<Result<_>>()?;
        for (index, place) in places.iter().enumerate() {
            let variant_name = name.variant(tag(&inner[index], &inner)?, index);
            let added = self.add(place, &variant_name)?;
            let ty = match added.ty {
                Ty::Uuid if name.last().ends_with("Id") => {
                    self.id(name.last(), Id::Uuid, place.pointer())
                }
                other => other,
            };
            let Some(id) = ty.def() else {
                return Err(place.unsupported("a variant whose properties are not described"));
            };
            if variants.iter().any(|(_, known)| *known == id) {
                continue;
            }
            let rank = match &self.nodes[id.0].kind {
                TypeKind::Struct(_) => demands(&inner[index])?,
                TypeKind::Id(_) | TypeKind::Enum(_) => (Reverse(usize::MAX), 0),
                TypeKind::Union(_) => {
                    return Err(place.unsupported("a variant that is not an object"));
                }
            };
            variants.push((rank, id));
        }
        // Where two variants fit equally well, the one that requires more goes first; if they require
        // the same, the one that allows less.
        variants.sort_by_key(|(rank, _)| *rank);
        Ok(variants.into_iter().map(|(_, variant)| variant).collect())
    }
}

/// How many properties an object has to have, and how many it can have. Its type may not be known yet.
fn demands(object: &Unwrapped<'_>) -> Result<(Reverse<usize>, usize)> {
    let (mut required, mut known) = (BTreeSet::new(), BTreeSet::new());
    for part in &object.parts {
        for wire in part.items_of("required")? {
            required.insert(wire.str()?);
        }
        known.extend(part.entries_of("properties")?.iter().map(|(wire, _)| *wire));
    }
    Ok((Reverse(required.len()), known.len()))
}

/// Whether a union says that its variants are in order.
pub(super) fn in_order(place: &Cursor<'_>) -> Result<bool> {
    match place.str_of(VARIANTS)? {
        None => Ok(false),
        Some("in order") => Ok(true),
        Some(other) => Err(place.require(VARIANTS)?.error(
            format!("`{other}` says nothing about variants"),
            "say `in order`, or nothing",
        )),
    }
}

/// The value of the property that distinguishes this variant from all the others, if there is a
/// property that has only one value here.
fn tag<'d>(variant: &Unwrapped<'d>, all: &[Unwrapped<'d>]) -> Result<Option<&'d str>> {
    for part in &variant.parts {
        for (property, _) in part.entries_of("properties")? {
            let values = enum_values(variant, property)?;
            let [value] = values.as_slice() else {
                continue;
            };
            let mut bearers = 0;
            for other in all {
                bearers += usize::from(enum_values(other, property)?.contains(value));
            }
            if bearers == 1 {
                return Ok(Some(value));
            }
        }
    }
    Ok(None)
}

/// The values of a property of an object, if they are listed.
fn enum_values<'d>(object: &Unwrapped<'d>, property: &str) -> Result<Vec<&'d str>> {
    let mut values = Vec::new();
    for part in &object.parts {
        let properties = part.get("properties");
        if let Some(property) = properties.and_then(|properties| properties.get(property)) {
            values.extend(merge::unwrap(&property)?.head.items_of("enum")?);
        }
    }
    Ok(values
        .iter()
        .filter_map(|value| value.value().as_str())
        .collect())
}
