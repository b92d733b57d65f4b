//! Shared path items are copied to the places that use them.
//!
//! ```yaml
//! # before                                   # after
//! paths:                                     paths:
//!   /things:                                   /things:
//!     $ref: '#/components/pathItems/Things'      get: {...}
//! components:
//!   pathItems: {Things: {get: {...}}}
//! ```
//!
//! OpenAPI 3.0 has no place to share them in.

use serde_json::Value;

use super::common::{Root, inexpressible};
use crate::error::{Pointer, Result};

const SHARED: &str = "#/components/pathItems/";

pub(super) fn inline(root: &mut Root) -> Result<()> {
    let components = root.get_mut("components").and_then(Value::as_object_mut);
    let Some(shared) = components.and_then(|components| components.shift_remove("pathItems"))
    else {
        return Ok(());
    };
    for section in ["paths", "webhooks"] {
        let items = root.get_mut(section).and_then(Value::as_object_mut);
        for (path, item) in items.into_iter().flatten() {
            let Some(name) = item["$ref"].as_str().and_then(|to| to.strip_prefix(SHARED)) else {
                continue;
            };
            let pointer = Pointer::from_reference(&format!("/{name}"));
            let found = pointer.and_then(|pointer| shared.pointer(pointer.as_str()));
            match found.filter(|found| found.get("$ref").is_none()) {
                Some(found) if item.as_object().is_some_and(|item| item.len() == 1) => {
                    *item = found.clone();
                }
                _ => {
                    return Err(inexpressible(
                        &Pointer::root().join(section).join(path),
                        &format!("this reference to the path item `{name}`"),
                        "refer to a path item that exists and is not itself a reference, with nothing beside \
                         the `$ref`",
                    ));
                }
            }
        }
    }
    Ok(())
}
