//! Secrets are recognised by `format: password`, OpenAPI's own hint that a value is not to be shown.
//!
//! ```yaml
//! # before                       # after
//! type: string                   type: string
//! format: password               format: secret
//! ```
//!
//! The field becomes a `Secret`, whose `Debug` shows nothing. A document that does not mark its
//! secrets gets the mark from an [overlay](crate::read::overlay).

use super::Schema;
use crate::error::Result;
use crate::read::cursor::Cursor;

/// The `format` of a string that must never be shown.
pub(crate) const FORMAT: &str = "secret";

pub(super) fn mark(schema: &mut Schema, _: &Cursor<'_>) -> Result<()> {
    if schema
        .get("format")
        .is_some_and(|format| format == "password")
    {
        schema.insert("format".to_owned(), FORMAT.into());
    }
    Ok(())
}
