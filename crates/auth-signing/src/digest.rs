use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA512, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sfv::{BareItem, Dictionary, Item, ListEntry, Parser};

const SHA_512: &str = "sha-512";

/// The value of the `content-digest` header for exactly these body bytes: `sha-512=:...:`,
/// base64 with padding (RFC 9530 syntax; the API takes SHA-512 only).
///
/// The API wants no such header on a request without a body.
///
/// ```
/// let digest = upvest_auth_signing::content_digest(br#"{"key": "value"}"#);
/// assert!(digest.starts_with("sha-512=:Hd9/AvGZkbjitW1+"));
/// ```
pub fn content_digest(body: &[u8]) -> String {
    format!("{SHA_512}=:{}:", STANDARD.encode(digest(&SHA512, body)))
}

/// Checks the value of a `content-digest` header against the body bytes as received.
///
/// The header is read as a structured dictionary. Its `sha-512` member must be there and must be
/// the digest of `body`; members of other algorithms are ignored. The comparison takes the same
/// time wherever the digests differ.
///
/// # Errors
///
/// When the header is no dictionary, has no `sha-512` member, or that member is not the digest
/// of `body`.
pub fn verify_content_digest(header: &str, body: &[u8]) -> Result<(), DigestError> {
    let dictionary =
        Parser::new(header)
            .parse::<Dictionary>()
            .map_err(|error| DigestError::Malformed {
                source: error.into(),
            })?;
    let claimed = match dictionary.get(SHA_512) {
        None => return Err(DigestError::NoSha512),
        Some(ListEntry::Item(Item {
            bare_item: BareItem::ByteSequence(bytes),
            ..
        })) => bytes,
        Some(_) => return Err(DigestError::NotBytes),
    };
    verify_slices_are_equal(claimed, digest(&SHA512, body).as_ref())
        .map_err(|_| DigestError::Mismatch)
}

/// Why a `content-digest` header was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DigestError {
    /// The header is no structured dictionary.
    #[error("content-digest is malformed; expected `sha-512=:<base64>:`")]
    Malformed {
        /// What the parser stumbled over.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The header has no `sha-512` member.
    #[error("content-digest has no sha-512 member; expected `sha-512=:<base64>:`")]
    NoSha512,
    /// The `sha-512` member is not a byte sequence.
    #[error(
        "content-digest has a sha-512 member that is no byte sequence; expected `sha-512=:<base64>:`"
    )]
    NotBytes,
    /// The body is not the one that the digest was made of.
    #[error("content-digest does not match the body: the sha-512 of the received bytes differs")]
    Mismatch,
}
