//! Wrappers that only say something about one schema are taken off.
//!
//! ```yaml
//! # before                                  # after
//! allOf:                                    type: string
//!   - {type: string, format: uuid}          format: uuid
//!   - {description: The user.}              description: The user.
//!     nullable: true                        nullable: true
//! oneOf:                                    type: string
//!   - {type: string, nullable: true}        nullable: true
//! ```
//!
//! Left alone, each becomes a type of its own, and no decimal is recognised inside.

use crate::error::Result;
use crate::read::cursor::Cursor;

/// A schema without its wrappers, and what they said about it.
#[derive(Clone, Debug)]
pub(crate) struct Unwrapped<'d> {
    /// The schema itself.
    pub(crate) place: Cursor<'d>,
    /// Whether it, or a wrapper, says that it may be null.
    pub(crate) nullable: bool,
    /// What the outermost description says.
    pub(crate) docs: Option<&'d str>,
    /// The name that the outermost `x-rust-name` gives.
    pub(crate) name: Option<&'d str>,
}

/// Keywords that say something about a schema without making one.
const REMARKS: &[&str] = &[
    "deprecated",
    "description",
    "example",
    "examples",
    "nullable",
    "readOnly",
    "title",
    "writeOnly",
    "x-rust-name",
];

/// Takes the wrappers off.
///
/// # Errors
/// When an `allOf` has more than one schema to combine, or a reference leads nowhere.
pub(crate) fn unwrap<'d>(place: &Cursor<'d>) -> Result<Unwrapped<'d>> {
    let mut unwrapped = Unwrapped {
        place: place.resolved()?,
        nullable: false,
        docs: None,
        name: None,
    };
    loop {
        let place = unwrapped.place.clone();
        unwrapped.remark(&place)?;
        let members = place.items_of("allOf")?;
        let (remarks, schemas): (Vec<_>, Vec<_>) = members.into_iter().partition(is_remark);
        for remark in &remarks {
            unwrapped.remark(remark)?;
        }
        let variants = variants(&place)?;
        unwrapped.place = match (schemas.as_slice(), variants.as_slice()) {
            ([], []) if remarks.is_empty() => return Ok(unwrapped),
            ([only], []) => only.resolved()?,
            ([], [only]) => only.resolved()?,
            ([], [_, _, ..]) => return Ok(unwrapped),
            _ => return Err(place.unsupported("`allOf` of more than one schema")),
        };
    }
}

impl<'d> Unwrapped<'d> {
    fn remark(&mut self, place: &Cursor<'d>) -> Result<()> {
        self.nullable |= place.is_true("nullable");
        self.docs = self.docs.or(place.str_of("description")?);
        self.name = self.name.or(place.str_of("x-rust-name")?);
        Ok(())
    }
}

fn is_remark(member: &Cursor<'_>) -> bool {
    let keywords = member.value().as_object();
    keywords.is_some_and(|object| object.keys().all(|key| REMARKS.contains(&key.as_str())))
}

/// The members of `oneOf` and `anyOf`.
fn variants<'d>(place: &Cursor<'d>) -> Result<Vec<Cursor<'d>>> {
    let mut variants = place.items_of("oneOf")?;
    variants.extend(place.items_of("anyOf")?);
    Ok(variants)
}
