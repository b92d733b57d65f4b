//! Replacements of deprecated operations, which an overlay names. Another version of the API may
//! not have them.

use std::collections::HashSet;

use crate::error::{Error, Result};
use crate::read::cursor::Cursor;
use crate::read::document::Document;
use crate::read::operations::{REPLACEMENT, operations};

/// Removes replacements that name no operation of the document, and returns a warning for each.
///
/// # Errors
/// When the paths cannot be walked.
pub fn drop_lost(document: &mut Document) -> Result<Vec<Error>> {
    let root = Cursor::of(&document.root);
    let all = operations(&root)?;
    let is_deprecated = |operation: &Cursor<'_>| operation.is_true("deprecated");
    let callable: HashSet<&str> = all
        .iter()
        .filter(|one| !is_deprecated(&one.place))
        .filter_map(|one| one.place.value()["operationId"].as_str())
        .collect();
    let mut lost = Vec::new();
    for operation in all.iter().map(|one| &one.place) {
        let Some(place) = operation.get(REPLACEMENT) else {
            continue;
        };
        let named = place.value().as_str().unwrap_or_default();
        let reason = match (is_deprecated(operation), callable.contains(named)) {
            (true, true) => continue,
            (true, false) => format!("there is no operation `{named}` to call instead of this one"),
            (false, _) => {
                format!("this operation is not deprecated, so `{named}` replaces nothing")
            }
        };
        let help = format!("correct or remove the action of the overlay that sets `{REPLACEMENT}`");
        lost.push((place.pointer().clone(), place.error(reason, help)));
    }
    let mut told = Vec::new();
    for (pointer, error) in lost {
        let owner = pointer.split_last().map(|(owner, _)| owner);
        let owner = owner.and_then(|owner| document.root.pointer_mut(owner.as_str()));
        if let Some(owner) = owner.and_then(|owner| owner.as_object_mut()) {
            owner.shift_remove(REPLACEMENT);
        }
        told.push(error.in_file(&document.file));
    }
    Ok(told)
}
