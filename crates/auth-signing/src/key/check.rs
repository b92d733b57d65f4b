//! Small checks that several forms share.

use der::asn1::BitStringRef;

use super::{KeyError, error};

/// That encrypted data can have been made by a block cipher.
pub(super) const NOT_WHOLE_BLOCKS: &str = "the encrypted data are no whole number of blocks";

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

/// The bytes of a bit string that has no odd bits.
pub(super) fn whole_bytes<'a>(bits: &BitStringRef<'a>, what: &str) -> Result<&'a [u8], KeyError> {
    bits.as_bytes()
        .ok_or_else(|| error::malformed(what, "the public key is no whole number of bytes"))
}

/// A passphrase, where one is needed.
pub(super) fn passphrase(given: Option<&str>) -> Result<&str, KeyError> {
    match given {
        None => Err(KeyError::PassphraseMissing),
        Some("") => Err(KeyError::PassphraseEmpty),
        Some(passphrase) => Ok(passphrase),
    }
}
