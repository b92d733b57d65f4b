//! Signatures, digests and keys from passphrases, by the cryptographic library that the features choose.
//!
//! The feature `aws-lc` chooses aws-lc-rs, also if `pure-rust` is enabled. `pure-rust` alone chooses
//! RustCrypto and ed25519-compact. Both modules have the same functions, and the unit tests compare them.

#[cfg(feature = "aws-lc")]
mod aws_lc;
mod common;
#[cfg(all(test, feature = "aws-lc", feature = "pure-rust"))]
mod comparison;
#[cfg(all(feature = "pure-rust", any(test, not(feature = "aws-lc"))))]
mod pure_rust;

#[cfg(not(any(feature = "aws-lc", feature = "pure-rust")))]
compile_error!(
    "upvest-auth-signing needs a cryptographic library: enable its feature `aws-lc`, which is on by default, or \
     `pure-rust`; the crates that depend on it have both features as well"
);

pub(crate) use common::{Prf, random};

#[cfg(feature = "aws-lc")]
pub(crate) use aws_lc::{PrivateKey, PublicKey, pbkdf2, sha256, sha512};
#[cfg(not(feature = "aws-lc"))]
pub(crate) use pure_rust::{PrivateKey, PublicKey, pbkdf2, sha256, sha512};
