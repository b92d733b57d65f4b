//! `oneOf` and `anyOf` are unions: a value is one of the variants.
//!
//! ```yaml
//! # before                                  # after
//! oneOf:                                    oneOf:
//!   - anyOf: [A, B]                           - A
//!   - C                                       - B
//!                                             - C
//! oneOf:                                    type: string
//!   - {type: string, pattern: ...}
//!   - {type: string, format: uuid}
//! oneOf:                                    type: array
//!   - {type: array, items: A}               items: {oneOf: [A, B]}
//!   - {type: array, items: B}
//! ```
//!
//! Variants that only say which properties must appear together are not types: the API checks them,
//! and they are listed as left out.

use super::merge::{is_remark, unwrap, variants};
use crate::error::{Pointer, Result};
use crate::read::cursor::Cursor;

/// What a union is made of.
pub(super) enum Union<'d> {
    /// Strings of any kind.
    Text,
    /// Objects, or the id of one.
    Objects(Vec<Cursor<'d>>),
    /// Lists of which each element is one of these objects.
    Lists(Vec<Cursor<'d>>),
}

/// The union at a place, or nothing if it is something else.
///
/// # Errors
/// When its variants are of more than one kind, or of a kind that is not known, or when something
/// else is beside them.
pub(super) fn read<'d>(place: &Cursor<'d>) -> Result<Option<Union<'d>>> {
    if demands_only(place)? {
        return Ok(None);
    }
    let variants = flat(place, &mut Vec::new())?;
    if variants.is_empty() {
        return Ok(None);
    }
    if let Some(beside) = ["properties", "additionalProperties", "enum", "items"]
        .iter()
        .find_map(|keyword| place.get(keyword))
    {
        return Err(beside.unsupported("this beside `oneOf` or `anyOf`"));
    }
    let mut kinds = Vec::new();
    for variant in &variants {
        kinds.push(type_of(&unwrap(variant)?.head));
    }
    let is = |kind: &str| kinds.iter().all(|found| *found == Some(kind));
    if is("string") {
        Ok(Some(Union::Text))
    } else if is("object") || is_id_or_object(&kinds) {
        Ok(Some(Union::Objects(variants)))
    } else if is("array") {
        Ok(Some(Union::Lists(elements(&variants)?)))
    } else {
        Err(place.unsupported("a union of different kinds of values"))
    }
}

/// Whether values are objects, or one kind of text in their place, such as the id of one.
fn is_id_or_object(kinds: &[Option<&str>]) -> bool {
    let texts = kinds.iter().filter(|kind| **kind == Some("string")).count();
    let objects = kinds.iter().filter(|kind| **kind == Some("object")).count();
    texts == 1 && objects + texts == kinds.len()
}

/// Whether `oneOf` and `anyOf` only say which properties have to be there together.
pub(super) fn demands_only(place: &Cursor<'_>) -> Result<bool> {
    let variants = variants(place)?;
    let is_demand = |variant: &Cursor<'_>| {
        let keywords = variant.value().as_object().into_iter().flatten();
        let mut keywords = keywords.map(|(keyword, _)| keyword.as_str()).peekable();
        keywords.peek().is_some() && keywords.all(|one| one == "required" || is_remark(one))
    };
    Ok(place.get("properties").is_some() && !variants.is_empty() && variants.iter().all(is_demand))
}

fn elements<'d>(variants: &[Cursor<'d>]) -> Result<Vec<Cursor<'d>>> {
    let mut items = Vec::new();
    for variant in variants {
        let item = unwrap(variant)?.head.require("items")?;
        let unwrapped = unwrap(&item)?;
        let nested = flat(&unwrapped.head, &mut Vec::new())?;
        if !nested.is_empty() {
            items.extend(nested);
        } else if unwrapped
            .parts
            .iter()
            .any(|part| type_of(part) != Some("object") || has_properties(part))
        {
            items.push(item);
        }
        // A list of objects without properties is there to say that the list may be empty.
    }
    match items.is_empty() {
        false => Ok(items),
        true => Err(variants[0].unsupported("a union of lists whose elements are not described")),
    }
}

fn has_properties(place: &Cursor<'_>) -> bool {
    place
        .value()
        .get("properties")
        .and_then(|properties| properties.as_object())
        .is_some_and(|properties| !properties.is_empty())
}

/// The variants of a union, and of the unions that it is made of, with their wrappers on.
fn flat<'d>(place: &Cursor<'d>, open: &mut Vec<Pointer>) -> Result<Vec<Cursor<'d>>> {
    if open.contains(place.pointer()) {
        return Err(place.unsupported("a union that is a variant of itself"));
    }
    open.push(place.pointer().clone());
    let mut found = Vec::new();
    for variant in variants(place)? {
        let nested = flat(&unwrap(&variant)?.head, open)?;
        if nested.is_empty() {
            found.push(variant);
        } else {
            found.extend(nested);
        }
    }
    open.pop();
    Ok(found)
}

fn type_of<'d>(place: &Cursor<'d>) -> Option<&'d str> {
    match place.value().get("type") {
        Some(kind) => kind.as_str(),
        None => ["properties", "allOf"]
            .iter()
            .any(|keyword| place.get(keyword).is_some())
            .then_some("object"),
    }
}
