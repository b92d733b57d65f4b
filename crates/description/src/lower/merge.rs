//! The content of a schema, without the wrappers around it.
//!
//! ```yaml
//! # before                                  # after
//! allOf:                                    type: string
//!   - {type: string, format: uuid}          format: uuid
//!   - {description: The user.}              description: The user.
//!     nullable: true                        nullable: true
//! oneOf:                                    type: string
//!   - {type: string, nullable: true}        nullable: true
//! properties: {card: ...}                   properties: {id: ..., card: ...}
//! allOf:
//!   - {properties: {id: ...}}
//! ```

use serde_json::Value;

use crate::error::{Pointer, Result};
use crate::ir::Limits;
use crate::read::cursor::Cursor;

/// A schema without its wrappers, and what they said about it.
#[derive(Clone, Debug)]
pub(super) struct Unwrapped<'d> {
    /// The schema itself; or several objects, whose properties belong together.
    pub(super) parts: Vec<Cursor<'d>>,
    /// The outermost schema that is more than a wrapper.
    pub(super) head: Cursor<'d>,
    /// Whether it, or a wrapper, says that it may be null.
    pub(super) nullable: bool,
    /// What the outermost description says.
    pub(super) docs: Option<&'d str>,
    /// The name that the outermost `x-rust-name` gives.
    pub(super) name: Option<&'d str>,
    /// `x-rust-id`: the name of the type of this id, or `false`.
    pub(super) id: Option<&'d Value>,
    /// `x-rust-empty`: an empty string where there is no value.
    pub(super) may_be_empty: bool,
    /// `x-rust-empty: clears`: an empty string removes the value.
    pub(super) clears: bool,
    /// What it demands beyond its type.
    pub(super) limits: Limits,
    /// `readOnly`.
    pub(super) read_only: bool,
    /// `writeOnly`.
    pub(super) write_only: bool,
    /// `deprecated`.
    pub(super) deprecated: bool,
    /// `x-rust-personal`.
    pub(super) personal: bool,
}

/// The mark of a text that may be empty, where there is no value: `true`, or `clears` if an empty text
/// removes the value that was there.
pub(super) const EMPTY: &str = "x-rust-empty";

/// Keywords that say something about a schema without making one.
const REMARKS: &[&str] = &[
    "deprecated",
    "description",
    "example",
    "examples",
    "externalDocs",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// Whether a keyword says something about a schema without making one.
pub(super) fn is_remark(keyword: &str) -> bool {
    REMARKS.contains(&keyword) || keyword.starts_with("x-")
}

/// Removes the wrappers.
///
/// # Errors
/// When schemas that are not objects are combined, when a schema contains itself, or when a
/// reference leads to a place that does not exist.
pub(super) fn unwrap<'d>(place: &Cursor<'d>) -> Result<Unwrapped<'d>> {
    let resolved = place.resolved()?;
    let mut unwrapped = Unwrapped {
        parts: Vec::new(),
        head: resolved.clone(),
        nullable: false,
        docs: None,
        name: None,
        id: None,
        may_be_empty: false,
        clears: false,
        limits: Limits::default(),
        read_only: false,
        write_only: false,
        deprecated: false,
        personal: false,
    };
    // OpenAPI 3.0 ignores what is beside a reference, but an overlay may have put our own marks there.
    unwrapped.marks(place)?;
    unwrapped.collect(resolved, &mut Vec::new())?;
    if let [only] = unwrapped.parts.as_slice() {
        unwrapped.head = only.clone();
    } else if let Some(part) = unwrapped.parts.iter().find(|part| !is_object(part)) {
        return Err(part.unsupported("`allOf` of schemas that are not all plain objects"));
    }
    Ok(unwrapped)
}

impl<'d> Unwrapped<'d> {
    fn collect(&mut self, place: Cursor<'d>, open: &mut Vec<Pointer>) -> Result<()> {
        if open.contains(place.pointer()) {
            return Err(place.unsupported("a schema that is made of itself"));
        }
        self.remark(&place)?;
        let members = place.items_of("allOf")?;
        let variants = variants(&place)?;
        let wrapped: Vec<Cursor<'d>> = match (members.is_empty(), variants.len()) {
            (true, 1) => variants,
            (true, _) => {
                self.push(place);
                return Ok(());
            }
            (false, 0) => members,
            (false, _) => return Err(place.unsupported("`allOf` beside `oneOf` or `anyOf`")),
        };
        open.push(place.pointer().clone());
        let before = self.parts.len();
        for member in wrapped {
            if is_mere_remark(&member) {
                self.remark(&member)?;
            } else {
                self.collect(member.resolved()?, open)?;
            }
        }
        open.pop();
        let has = |keyword: &str| place.get(keyword).is_some();
        let has_own = [
            "properties",
            "required",
            "additionalProperties",
            "enum",
            "items",
        ]
        .iter()
        .any(|keyword| has(keyword));
        if has_own || self.parts.len() == before {
            self.push(place);
        }
        Ok(())
    }

    fn push(&mut self, place: Cursor<'d>) {
        if !self
            .parts
            .iter()
            .any(|part| part.pointer() == place.pointer())
        {
            self.parts.push(place);
        }
    }

    fn remark(&mut self, place: &Cursor<'d>) -> Result<()> {
        self.nullable |= place.is_true("nullable");
        self.docs = self.docs.or(place.str_of("description")?);
        self.read_only |= place.is_true("readOnly");
        self.write_only |= place.is_true("writeOnly");
        self.deprecated |= place.is_true("deprecated");
        self.limits.take(place.value());
        self.marks(place)
    }

    /// What the overlay says.
    fn marks(&mut self, place: &Cursor<'d>) -> Result<()> {
        self.name = self.name.or(place.str_of("x-rust-name")?);
        self.id = self.id.or(place.get("x-rust-id").map(|id| id.value()));
        if let Some(empty) = place.get(EMPTY) {
            self.may_be_empty = true;
            self.clears |= empty.value() == "clears";
        }
        self.personal |= place.is_true("x-rust-personal");
        Ok(())
    }
}

/// Whether a part only says something about the others: remarks, or limits.
fn is_mere_remark(member: &Cursor<'_>) -> bool {
    let keywords = member.value().as_object();
    keywords.is_some_and(|object| {
        object.keys().all(|key| {
            is_remark(key) || Limits::KEYWORDS.contains(&key.as_str()) && key != "format"
        })
    })
}

fn is_object(part: &Cursor<'_>) -> bool {
    let has = |keyword: &str| part.get(keyword).is_some();
    let is_typed = part.value().get("type").is_none_or(|kind| kind == "object");
    let is_more = ["enum", "items"].iter().any(|keyword| has(keyword));
    let is_union = has("oneOf") || has("anyOf");
    is_typed && !is_more && !is_union
}

/// The members of `oneOf` and `anyOf`.
pub(super) fn variants<'d>(place: &Cursor<'d>) -> Result<Vec<Cursor<'d>>> {
    let mut variants = place.items_of("oneOf")?;
    variants.extend(place.items_of("anyOf")?);
    Ok(variants)
}
