//! Small checks that several forms share.

use der::asn1::BitStringRef;

use super::{KeyError, error};

/// The reason for refusing encrypted data of a length that the block cipher cannot produce.
pub(super) const NOT_WHOLE_BLOCKS: &str =
    "the length of the encrypted data is not a multiple of the block length";

/// Refuses all lengths but one.
pub(super) fn length(what: &'static str, bytes: &[u8], expected: usize) -> Result<(), KeyError> {
    if bytes.len() == expected {
        return Ok(());
    }
    Err(KeyError::WrongLength {
        what,
        found: bytes.len(),
        expected,
    })
}

/// The bytes of a bit string whose length is a whole number of bytes.
pub(super) fn whole_bytes<'a>(bits: &BitStringRef<'a>, what: &str) -> Result<&'a [u8], KeyError> {
    bits.as_bytes()
        .ok_or_else(|| error::malformed(what, "the public key is not a whole number of bytes"))
}

/// A passphrase, where one is needed.
pub(super) fn passphrase(given: Option<&str>) -> Result<&str, KeyError> {
    match given {
        None => Err(KeyError::PassphraseMissing),
        Some("") => Err(KeyError::PassphraseEmpty),
        Some(passphrase) => Ok(passphrase),
    }
}
