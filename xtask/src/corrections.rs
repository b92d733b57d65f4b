//! Corrections and names for the vendored description, each with its reason.
//!
//! `spec/upvest.yaml` stays as published. What this generator has to know beyond it about one
//! particular place is a row here; what any description may need is a
//! [pass](crate::passes). A row that no longer finds its place, or no longer changes anything,
//! fails generation, so that it gets removed.

use serde_json::Value;

use crate::document::Document;
use crate::error::{Error, Pointer, Result};

/// One change of the document.
#[derive(Clone, Copy, Debug)]
pub struct Correction {
    /// The object that is changed, as a JSON pointer.
    pub target: &'static str,
    /// The member that is set.
    pub key: &'static str,
    /// Its value.
    pub value: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// The corrections of `spec/upvest.yaml`.
pub const CORRECTIONS: &[Correction] = &[
    Correction {
        target: "/paths/~1auth~1token/post/responses/200/content/application~1json/schema",
        key: "x-rust-name",
        value: "AccessToken",
        reason: "`issue_token` alone would make it `Token`",
    },
    Correction {
        target: "/paths/~1auth~1token/post/responses/200/content/application~1json/schema/properties/access_token",
        key: "format",
        value: "password",
        reason: "whoever reads the token can act with it; the document does not mark it",
    },
    Correction {
        target: "/paths/~1auth~1token/post/requestBody/content/application~1x-www-form-urlencoded/schema",
        key: "x-rust-name",
        value: "AccessTokenRequest",
        reason: "it asks for an `AccessToken`",
    },
    Correction {
        target: "/paths/~1auth~1token/post/requestBody/content/application~1x-www-form-urlencoded/schema/properties/client_secret",
        key: "format",
        value: "password",
        reason: "whoever reads the secret can become the client; the document does not mark it",
    },
    Correction {
        target: "/paths/~1auth~1verify_keys/get/responses/200/content/application~1json/schema",
        key: "x-rust-name",
        value: "JsonWebKeySet",
        reason: "the name that RFC 7517 gives to `{\"keys\": [...]}`",
    },
    Correction {
        target: "/paths/~1auth~1verify_keys/get/responses/200/content/application~1json/schema/properties/keys/items",
        key: "x-rust-name",
        value: "JsonWebKey",
        reason: "the name that RFC 7517 gives to its elements",
    },
    Correction {
        target: "/paths/~1auth~1verify_keys/get/responses/200/content/application~1json/schema/properties/keys/items/properties/kty",
        key: "x-rust-name",
        value: "JsonWebKeyType",
        reason: "`kty` is no word",
    },
    Correction {
        target: "/paths/~1auth~1verify_keys/get/responses/200/content/application~1json/schema/properties/keys/items/properties/crv",
        key: "x-rust-name",
        value: "JsonWebKeyCurve",
        reason: "`crv` is no word",
    },
];

/// Applies corrections to a document.
///
/// # Errors
/// When one of them finds nothing to change.
pub fn apply(document: &mut Document, corrections: &[Correction]) -> Result<()> {
    for correction in corrections {
        let stale = |reason: &str| {
            Error::new(
                format!(
                    "the correction `{}: {}` {reason}",
                    correction.key, correction.value
                ),
                "remove it from xtask/src/corrections.rs, or give it its new place",
            )
            .at(&Pointer::from_reference(correction.target))
            .in_file(&document.file)
        };
        let Some(Value::Object(target)) = document.root.pointer_mut(correction.target) else {
            return Err(stale("finds no object at its place"));
        };
        let value = Value::from(correction.value);
        if target.insert(correction.key.to_owned(), value.clone()) == Some(value) {
            return Err(stale("changes nothing any more"));
        }
    }
    Ok(())
}
