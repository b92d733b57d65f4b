//! Operations to call instead of deprecated ones, which an overlay names: on another version of the API
//! they may not be there.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::error::{Error, Pointer};
use crate::lower::{METHODS, REPLACEMENT};
use crate::read::document::Document;

/// Takes out what names no operation that could be called instead, and tells of it.
pub fn drop_lost(document: &mut Document) -> Vec<Error> {
    let is_deprecated = |operation: &Value| operation["deprecated"] == true;
    let mut callable = BTreeSet::new();
    each(document, |_, operation| {
        let id = operation["operationId"].as_str();
        callable.extend(id.filter(|_| !is_deprecated(operation)).map(str::to_owned));
    });
    let mut lost = Vec::new();
    each(document, |pointer, operation| {
        let Some(named) = operation.get(REPLACEMENT).and_then(Value::as_str) else {
            return;
        };
        if is_deprecated(operation) && callable.contains(named) {
            return;
        }
        let reason = match is_deprecated(operation) {
            true => format!("there is no operation `{named}` to call instead of this one"),
            false => format!("this operation is not deprecated, so `{named}` replaces nothing"),
        };
        let help = format!("correct or remove the action of the overlay that sets `{REPLACEMENT}`");
        lost.push(Error::new(reason, help).at(&pointer.join(REPLACEMENT)));
        if let Some(operation) = operation.as_object_mut() {
            operation.shift_remove(REPLACEMENT);
        }
    });
    let file = document.file.clone();
    lost.into_iter().map(|error| error.in_file(&file)).collect()
}

fn each(document: &mut Document, mut look: impl FnMut(&Pointer, &mut Value)) {
    let paths = Pointer::root().join("paths");
    let items = document
        .root
        .get_mut("paths")
        .and_then(Value::as_object_mut);
    for (path, item) in items.into_iter().flatten() {
        for method in METHODS {
            if let Some(operation) = item.get_mut(method) {
                look(&paths.join(path).join(method), operation);
            }
        }
    }
}
