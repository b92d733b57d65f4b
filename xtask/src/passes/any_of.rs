//! `anyOf` is read as `oneOf`: a value is one of its variants, not all of them at once.
//!
//! ```yaml
//! # before                       # after
//! anyOf:                         oneOf:
//!   - $ref: ...                    - $ref: ...
//! ```
//!
//! Left alone, it becomes a struct in which every variant is an optional, flattened field.

use super::Schema;
use crate::cursor::Cursor;
use crate::error::Result;

pub(super) fn rewrite(schema: &mut Schema, cursor: &Cursor<'_>) -> Result<()> {
    if schema.contains_key("anyOf") && schema.contains_key("oneOf") {
        return Err(cursor.unsupported("`anyOf` beside `oneOf`"));
    }
    if let Some(variants) = schema.remove("anyOf") {
        schema.insert("oneOf".to_owned(), variants);
    }
    Ok(())
}
