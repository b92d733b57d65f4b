//! What the modules of both libraries share.

use std::error::Error;

/// A library refused a key or could not compute. What its error says, such as `InvalidEncoding` or
/// `signature error`, adds nothing to that and differs from library to library.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Failed;

impl<E: Error> From<E> for Failed {
    fn from(_: E) -> Self {
        Self
    }
}

/// The function that PBKDF2 (RFC 8018) applies again and again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Prf {
    /// The default of PBKDF2.
    HmacSha1,
    HmacSha256,
    HmacSha512,
}

/// Fills the buffer with random bytes of the operating system.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), Failed> {
    Ok(getrandom::fill(bytes)?)
}
