//! Webhooks become an extension.
//!
//! ```yaml
//! # before                       # after
//! webhooks:                      paths: {}
//!   Cash Balance events: {...}   x-webhooks:
//!                                  Cash Balance events: {...}
//! ```
//!
//! Documents of OpenAPI 3.0, including Upvest's, have them under `x-webhooks`. A document of 3.1
//! may lack `paths`; one of OpenAPI 3.0 may not.

use serde_json::{Value, json};

use super::common::{Root, inexpressible};
use crate::error::{Pointer, Result};

pub(super) fn rename(root: &mut Root) -> Result<()> {
    root.entry("paths").or_insert_with(|| json!({}));
    let Some(webhooks) = root.shift_remove("webhooks") else {
        return Ok(());
    };
    match root.insert("x-webhooks".to_owned(), webhooks) {
        None | Some(Value::Null) => Ok(()),
        Some(_) => Err(inexpressible(
            &Pointer::root().join("webhooks"),
            "`webhooks` beside `x-webhooks`",
            "move all of them to `webhooks`",
        )),
    }
}
