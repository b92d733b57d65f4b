use std::fmt;

use http::{HeaderMap, HeaderName};

use crate::header::{CONTENT_DIGEST, DIGEST, UPVEST_SIGNATURE_VERSION};
use crate::{DigestError, content_digest, digest, verify_content_digest, verify_digest};

/// The rules that a signature follows. The API numbers them by the drafts of what became RFC 9421.
///
/// | | version 6 | version 15 |
/// |---|---|---|
/// | used for | webhooks, and requests of early adopters | requests |
/// | header `upvest-signature-version` | none | `15` |
/// | a line of the signature base | `@method: POST` | `"@method": POST` |
/// | last line of the base | `@signature-params: (...)` | `"@signature-params": (...)` |
/// | digest of the body | `digest: SHA-256=<base64>` | `content-digest: sha-512=:<base64>:` |
///
/// The unquoted names are the API's own reading of draft 6; within the parameters, names are quoted
/// in both versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureVersion {
    /// Version 6, by which all webhooks are signed.
    V6,
    /// Version 15, which the API recommends for requests.
    #[default]
    V15,
}

impl SignatureVersion {
    /// What stands before and behind the name of a component in the base.
    pub(super) fn quote(self) -> &'static str {
        match self {
            Self::V6 => "",
            Self::V15 => "\"",
        }
    }

    /// The value of `upvest-signature-version`.
    pub(super) fn header(self) -> Option<&'static str> {
        match self {
            Self::V6 => None,
            Self::V15 => Some("15"),
        }
    }

    /// The header that carries the digest of the body: `digest` or `content-digest`.
    pub fn digest_header(self) -> HeaderName {
        match self {
            Self::V6 => DIGEST,
            Self::V15 => CONTENT_DIGEST,
        }
    }

    /// The value of that header for exactly these body bytes.
    pub(super) fn body_digest(self, body: &[u8]) -> String {
        match self {
            Self::V6 => digest(body),
            Self::V15 => content_digest(body),
        }
    }

    pub(super) fn verify_body_digest(self, value: &str, body: &[u8]) -> Result<(), DigestError> {
        match self {
            Self::V6 => verify_digest(value, body),
            Self::V15 => verify_content_digest(value, body),
        }
    }

    /// The version that the header `upvest-signature-version` of a request names; version 6 when it
    /// has no such header, as the API decides it. `None` for any other value, and for several such
    /// headers.
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let mut lines = headers.get_all(UPVEST_SIGNATURE_VERSION).iter();
        let line = match (lines.next(), lines.next()) {
            (None, _) => return Some(Self::V6),
            (Some(line), None) => line.as_bytes().trim_ascii(),
            _ => return None,
        };
        match line {
            b"6" => Some(Self::V6),
            b"15" => Some(Self::V15),
            _ => None,
        }
    }
}

impl fmt::Display for SignatureVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::V6 => "6",
            Self::V15 => "15",
        })
    }
}
