use std::convert::Infallible;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;
use sfv::visitor::{
    DictionaryVisitor, EntryVisitor, Ignored, InnerListVisitor, ItemVisitor, ParameterVisitor,
};
use sfv::{BareItemFromInput, KeyRef, Parser};
use subtle::ConstantTimeEq;

use crate::crypto::{sha256, sha512};
use crate::header::{CONTENT_DIGEST, DIGEST};

/// Returns the value of the `content-digest` header for exactly these body bytes: `sha-512=:...:`,
/// base64 with padding (RFC 9530 syntax; the API accepts SHA-512 only).
///
/// A request without a body must not have this header.
///
/// ```
/// let digest = upvest_auth_signing::content_digest(br#"{"key": "value"}"#);
/// assert!(digest.starts_with("sha-512=:Hd9/AvGZkbjitW1+"));
/// ```
pub fn content_digest(body: &[u8]) -> String {
    encoded("sha-512=:", &sha512(body), ":")
}

/// Returns the value of the `digest` header of version 6 for exactly these body bytes:
/// `SHA-256=...`, base64 with padding (RFC 3230 syntax; the API accepts SHA-256 only).
///
/// A request without a body must not have this header.
///
/// ```
/// let digest = upvest_auth_signing::digest(br#"{"key": "value"}"#);
/// assert_eq!(digest, "SHA-256=lyTB4g5uPk1/V+0l+dTvsAblCFkNUoyQ2ll/andcE+U=");
/// ```
pub fn digest(body: &[u8]) -> String {
    encoded("SHA-256=", &sha256(body), "")
}

fn encoded(before: &str, digest: &[u8], behind: &str) -> String {
    let mut value = String::with_capacity(100);
    value.push_str(before);
    STANDARD.encode_string(digest, &mut value);
    value.push_str(behind);
    value
}

/// Checks the value of a `content-digest` header against the body bytes as received.
///
/// The header is read as a structured dictionary. There must be one `sha-512` member, and it must be
/// the digest of `body`; members of other algorithms are ignored. The comparison takes the same
/// time wherever the digests differ.
///
/// # Errors
///
/// When the header is not a structured dictionary, when it does not have exactly one `sha-512`
/// member, or when that member is not the digest of `body`.
pub fn verify_content_digest(header: &str, body: &[u8]) -> Result<(), DigestError> {
    let mut found = Sha512 { values: Vec::new() };
    Parser::new(header)
        .parse_dictionary_with_visitor(&mut found)
        .map_err(|error| DigestError::Malformed {
            header: CONTENT_DIGEST,
            expected: "sha-512=:<base64>:",
            source: error.into(),
        })?;
    match &found.values[..] {
        [] => Err(DigestError::MissingAlgorithm {
            header: CONTENT_DIGEST,
            expected: "sha-512=:<base64>:",
        }),
        [Some(claimed)] => compare(CONTENT_DIGEST, claimed, &sha512(body)),
        [None] => Err(DigestError::NotBytes),
        _ => Err(DigestError::Several {
            header: CONTENT_DIGEST,
        }),
    }
}

/// Collects the values of all `sha-512` members that are byte sequences.
struct Sha512 {
    values: Vec<Option<Vec<u8>>>,
}

struct Value<'a>(&'a mut Sha512);

impl<'de> DictionaryVisitor<'de> for Sha512 {
    type Error = Infallible;

    fn entry(&mut self, key: &'de KeyRef) -> Result<impl EntryVisitor<'de>, Infallible> {
        Ok((key.as_str() == "sha-512").then_some(Value(self)))
    }
}

impl<'de> ItemVisitor<'de> for Value<'_> {
    type Error = Infallible;

    fn bare_item(
        self,
        item: BareItemFromInput<'de>,
    ) -> Result<impl ParameterVisitor<'de>, Infallible> {
        self.0.values.push(match item {
            BareItemFromInput::ByteSequence(bytes) => Some(bytes),
            _ => None,
        });
        Ok(Ignored)
    }
}

impl<'de> EntryVisitor<'de> for Value<'_> {
    fn inner_list(self) -> Result<impl InnerListVisitor<'de>, Infallible> {
        self.0.values.push(None);
        Ok(Ignored)
    }
}

/// Checks the value of a `digest` header of version 6 against the body bytes as received.
///
/// The header is read as a list of `algorithm=value`, with names of algorithms in upper or lower
/// case (RFC 3230 section 4.3.2). There must be exactly one `SHA-256` value, and it must be the
/// digest of `body`; other algorithms are ignored. The comparison takes the same time wherever the
/// digests differ.
///
/// # Errors
///
/// When the header does not have exactly one `SHA-256` value, when that value is not base64 with
/// padding, or when it is not the digest of `body`.
pub fn verify_digest(header: &str, body: &[u8]) -> Result<(), DigestError> {
    let mut values = header
        .split(',')
        .filter_map(|member| member.trim_ascii().split_once('='))
        .filter_map(|(name, value)| name.eq_ignore_ascii_case("SHA-256").then_some(value));
    let value = values.next().ok_or(DigestError::MissingAlgorithm {
        header: DIGEST,
        expected: "SHA-256=<base64>",
    })?;
    if values.next().is_some() {
        return Err(DigestError::Several { header: DIGEST });
    }
    let claimed = STANDARD
        .decode(value)
        .map_err(|error| DigestError::Malformed {
            header: DIGEST,
            expected: "SHA-256=<base64>",
            source: error.into(),
        })?;
    compare(DIGEST, &claimed, &sha256(body))
}

fn compare(header: HeaderName, claimed: &[u8], actual: &[u8]) -> Result<(), DigestError> {
    if claimed.ct_eq(actual).into() {
        Ok(())
    } else {
        Err(DigestError::Mismatch { header })
    }
}

/// Why a `content-digest` or `digest` header was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DigestError {
    /// The header does not have the form that it should have.
    #[error("{header} is malformed; expected `{expected}`")]
    Malformed {
        /// The header.
        header: HeaderName,
        /// What it should look like.
        expected: &'static str,
        /// The error of the parser.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The header has no digest of the algorithm that the API uses.
    #[error("{header} has no digest of the expected algorithm, `{expected}`")]
    MissingAlgorithm {
        /// The header.
        header: HeaderName,
        /// What it should look like.
        expected: &'static str,
    },
    /// The `sha-512` member of `content-digest` is not a byte sequence.
    #[error(
        "content-digest has a sha-512 member that is not a byte sequence; expected `sha-512=:<base64>:`"
    )]
    NotBytes,
    /// The header has several digests of the algorithm; one of them could be the digest of another
    /// body.
    #[error("{header} has several digests of the same algorithm; expected one")]
    Several {
        /// The header.
        header: HeaderName,
    },
    /// The digest was made of another body.
    #[error("{header} does not match the body: the digest of the received bytes differs")]
    Mismatch {
        /// The header.
        header: HeaderName,
    },
}
