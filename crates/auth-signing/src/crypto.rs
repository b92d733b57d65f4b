//! What is computed with keys and passphrases, by the cryptographic library that the features choose.
//!
//! With `aws-lc` it is aws-lc-rs, whatever else is enabled. With `pure-rust` alone it is RustCrypto and
//! ed25519-compact. Both libraries have the same functions here, and the unit tests compare them.

#[cfg(feature = "aws-lc")]
mod aws_lc;
#[cfg(all(test, feature = "aws-lc", feature = "pure-rust"))]
mod comparison;
#[cfg(all(feature = "pure-rust", any(test, not(feature = "aws-lc"))))]
mod pure_rust;

#[cfg(not(any(feature = "aws-lc", feature = "pure-rust")))]
compile_error!(
    "upvest-auth-signing needs a cryptographic library: enable its feature `aws-lc`, which is on by default, or \
     `pure-rust`; the crates that depend on it have both features as well"
);

use std::error::Error;

#[cfg(feature = "aws-lc")]
pub(crate) use aws_lc::{PrivateKey, PublicKey, pbkdf2, sha256, sha512};
#[cfg(not(feature = "aws-lc"))]
pub(crate) use pure_rust::{PrivateKey, PublicKey, pbkdf2, sha256, sha512};

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
    HmacSha1,
    HmacSha256,
    HmacSha512,
}

/// Fills the buffer with random bytes of the operating system.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), Failed> {
    Ok(getrandom::fill(bytes)?)
}
