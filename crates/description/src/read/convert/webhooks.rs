//! Webhooks are an extension.
//!
//! ```yaml
//! # before                       # after
//! webhooks:                      paths: {}
//!   Cash Balance events: {...}   x-webhooks:
//!                                  Cash Balance events: {...}
//! ```
//!
//! `x-webhooks` is where documents of OpenAPI 3.0 have them, Upvest's among them. A document may
//! then be without `paths`; one of OpenAPI 3.0 may not.

use serde_json::{Value, json};

use super::{Root, inexpressible};
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
