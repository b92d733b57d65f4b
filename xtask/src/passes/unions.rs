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
//! Left alone, an `anyOf` becomes a struct in which every variant is optional, and a union outside
//! of an array reads a list whose elements differ as none of them.

use super::wrappers::unwrap;
use crate::error::Result;
use crate::read::cursor::Cursor;

/// What a union is made of.
pub(crate) enum Union<'d> {
    /// Strings of any kind.
    Text,
    /// Objects.
    Objects(Vec<Cursor<'d>>),
    /// Lists of which each element is one of these objects.
    Lists(Vec<Cursor<'d>>),
}

/// The union at a place, or nothing if it is something else.
///
/// # Errors
/// When its variants are of more than one kind, or of a kind that is not known.
pub(crate) fn read<'d>(place: &Cursor<'d>) -> Result<Option<Union<'d>>> {
    let variants = flat(place)?;
    let mut kinds = Vec::new();
    for variant in &variants {
        kinds.push(type_of(&unwrap(variant)?.place));
    }
    let is = |kind: &str| kinds.iter().all(|found| *found == Some(kind));
    if variants.is_empty() {
        Ok(None)
    } else if is("string") {
        Ok(Some(Union::Text))
    } else if is("object") {
        Ok(Some(Union::Objects(variants)))
    } else if is("array") {
        let mut items = Vec::new();
        for variant in &variants {
            let item = unwrap(variant)?.place.require("items")?;
            let nested = flat(&unwrap(&item)?.place)?;
            if !nested.is_empty() {
                items.extend(nested);
            } else if !unwrap(&item)?.place.entries_of("properties")?.is_empty() {
                items.push(item);
            }
            // A list of objects without properties is there to say that the list may be empty.
        }
        Ok(Some(Union::Lists(items)))
    } else {
        Err(place.unsupported("a union of different kinds of values"))
    }
}

/// The variants of a union, and of the unions that it is made of, with their wrappers on.
fn flat<'d>(place: &Cursor<'d>) -> Result<Vec<Cursor<'d>>> {
    let mut variants = Vec::new();
    for keyword in ["oneOf", "anyOf"] {
        for variant in place.items_of(keyword)? {
            let nested = flat(&unwrap(&variant)?.place)?;
            if nested.is_empty() {
                variants.push(variant);
            } else {
                variants.extend(nested);
            }
        }
    }
    Ok(variants)
}

fn type_of<'d>(place: &Cursor<'d>) -> Option<&'d str> {
    match place.value().get("type") {
        Some(kind) => kind.as_str(),
        None => place.get("properties").map(|_| "object"),
    }
}
