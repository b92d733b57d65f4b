//! The algorithms of keys.

use std::fmt;

use der::asn1::ObjectIdentifier;

/// The two algorithms that the API accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// ECDSA on the curve P-521 (secp521r1) over SHA-512. Signatures are ASN.1 DER, not the
    /// fixed-width pair of RFC 9421.
    EcdsaP521Sha512,
    /// Ed25519 (RFC 8032), 64-byte signatures.
    Ed25519,
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::EcdsaP521Sha512 => "ECDSA P-521 with SHA-512",
            Self::Ed25519 => "Ed25519",
        })
    }
}

/// id-ecPublicKey (RFC 5480).
pub(crate) const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// id-Ed25519 (RFC 8410).
pub(crate) const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// secp521r1 (RFC 5480).
pub(crate) const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// The length of a P-521 private key and of each coordinate: 521 bits, in bytes.
pub(crate) const P521_LENGTH: usize = 66;
/// The length of both halves of an Ed25519 key, in bytes.
pub(crate) const ED25519_LENGTH: usize = 32;
