//! Objects are open: a field that the API adds tomorrow is ignored today.
//!
//! ```yaml
//! # before                       # after
//! type: object                   type: object
//! properties: {...}              properties: {...}
//! additionalProperties: false
//! ```
//!
//! Left alone, every client breaks on the first field that is added. An object that *promises*
//! further fields (`additionalProperties: true`) keeps them, as a map beside its own fields.

use serde_json::{Value, json};

use super::Schema;
use crate::error::Result;
use crate::read::cursor::Cursor;

pub(super) fn open(schema: &mut Schema, _: &Cursor<'_>) -> Result<()> {
    match schema.get("additionalProperties") {
        Some(Value::Bool(false)) => {
            schema.shift_remove("additionalProperties");
        }
        Some(Value::Bool(true)) => {
            schema.insert("additionalProperties".to_owned(), json!({}));
        }
        _ => {}
    }
    Ok(())
}
