//! Members that OpenAPI 3.1 has added to the metadata of the document.
//!
//! ```yaml
//! # before                       # after
//! info:                          info:
//!   summary: Cash and orders       x-summary: Cash and orders
//!   license:                       license:
//!     identifier: MIT                url: https://spdx.org/licenses/MIT.html
//! ```
//!
//! An identifier is one of the [SPDX list](https://spdx.org/licenses/), which has a page for each
//! licence.

use serde_json::Value;

use super::common::{Root, inexpressible};
use crate::error::{Pointer, Result};

pub(super) fn rewrite(root: &mut Root) -> Result<()> {
    let Some(Value::Object(info)) = root.get_mut("info") else {
        return Ok(());
    };
    if let Some(summary) = info.shift_remove("summary") {
        info.insert("x-summary".to_owned(), summary);
    }
    let Some(Value::Object(license)) = info.get_mut("license") else {
        return Ok(());
    };
    let Some(identifier) = license.shift_remove("identifier") else {
        return Ok(());
    };
    match identifier.as_str() {
        Some(name) if !name.contains(char::is_whitespace) && !license.contains_key("url") => {
            let url = format!("https://spdx.org/licenses/{name}.html");
            license.insert("url".to_owned(), url.into());
            Ok(())
        }
        _ => Err(inexpressible(
            &Pointer::root()
                .join("info")
                .join("license")
                .join("identifier"),
            &format!("the licence {identifier}"),
            "name a single licence of the SPDX list, or give its `url` instead",
        )),
    }
}
