//! Strings with encoded or other content get a format that says so.
//!
//! ```yaml
//! # before                       # after
//! type: string                   type: string
//! contentEncoding: base64        format: byte
//! contentMediaType: image/png    x-contentMediaType: image/png
//! ```
//!
//! Without an encoding, it is `format: binary`. The media type is kept for readers.

use serde_json::Value;

use super::common::{Schema, inexpressible};
use crate::error::Result;
use crate::read::walk::Place;

pub(super) fn rewrite(schema: &mut Schema, place: &Place) -> Result<()> {
    let encoding = schema.shift_remove("contentEncoding");
    let media_type = schema.shift_remove("contentMediaType");
    let format = match encoding.as_ref().map(Value::as_str) {
        None if media_type.is_none() => return Ok(()),
        None => "binary",
        Some(Some("base64")) => "byte",
        Some(Some("base64url")) => "base64url",
        _ => {
            return Err(inexpressible(
                &place.pointer.join("contentEncoding"),
                &format!("the encoding {}", encoding.unwrap_or_default()),
                "use `base64` or `base64url`, or describe it as a plain string",
            ));
        }
    };
    if let Some(media_type) = media_type {
        schema.insert("x-contentMediaType".to_owned(), media_type);
    }
    schema.entry("format").or_insert_with(|| format.into());
    Ok(())
}
