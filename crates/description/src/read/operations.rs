//! The operations of a document, and their examples.

use crate::error::Result;
use crate::read::cursor::Cursor;

/// The methods of a path item.
pub const METHODS: &[&str] = &[
    "get", "put", "post", "delete", "options", "head", "patch", "trace",
];

/// The extension by which the overlay says what to call instead of a deprecated operation.
pub(crate) const REPLACEMENT: &str = "x-rust-replacement";

/// An operation of a document.
#[derive(Clone, Debug)]
pub struct Found<'d> {
    /// The path template.
    pub path: &'d str,
    /// The HTTP method, in lower case.
    pub method: &'static str,
    /// The path item that has it.
    pub item: Cursor<'d>,
    /// Where it is described.
    pub place: Cursor<'d>,
}

/// All operations, in the order of the document.
///
/// # Errors
/// When the document has no paths, or when a reference leads to a place that does not exist.
pub fn operations<'d>(root: &Cursor<'d>) -> Result<Vec<Found<'d>>> {
    let mut found = Vec::new();
    for (path, item) in root.require("paths")?.entries()? {
        let item = item.resolved()?;
        found.extend(METHODS.iter().copied().filter_map(|method| {
            Some(Found {
                path,
                method,
                item: item.clone(),
                place: item.get(method)?,
            })
        }));
    }
    Ok(found)
}

/// The examples beside the schema of a parameter or media type.
///
/// # Errors
/// When a reference leads to a place that does not exist.
pub fn beside<'d>(owner: &Cursor<'d>) -> Result<Vec<Cursor<'d>>> {
    let mut found: Vec<Cursor<'d>> = owner.get("example").into_iter().collect();
    for (_, example) in owner.entries_of("examples")? {
        found.extend(example.resolved()?.get("value"));
    }
    Ok(found)
}
