//! Key pairs in the form that the cryptographic library signs with, made from their numbers.

use aws_lc_rs::pkcs8::Document;
use aws_lc_rs::signature::{
    ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use zeroize::Zeroizing;

use super::{KeyAlgorithm, KeyError, check, sec1};

/// The length of a P-521 private key and of each coordinate: 521 bits, in bytes.
pub(super) const P521_LENGTH: usize = 66;
/// The length of both halves of an Ed25519 key, in bytes.
pub(super) const ED25519_LENGTH: usize = 32;

pub(super) enum KeyPair {
    EcdsaP521(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl KeyPair {
    /// A new random key.
    pub(super) fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        match algorithm {
            KeyAlgorithm::EcdsaP521Sha512 => {
                EcdsaKeyPair::generate(&ECDSA_P521_SHA512_ASN1_SIGNING).map(Self::EcdsaP521)
            }
            KeyAlgorithm::Ed25519 => Ed25519KeyPair::generate().map(Self::Ed25519),
        }
        .map_err(|_| KeyError::Crypto {
            operation: "generate a key",
        })
    }

    /// A P-521 key from its private number, big-endian. Leading zeros may be missing.
    pub(super) fn p521(private: &[u8]) -> Result<Self, KeyError> {
        let mut number = Zeroizing::new([0; P521_LENGTH]);
        let missing = P521_LENGTH
            .checked_sub(private.len())
            .ok_or(KeyError::WrongLength {
                what: "a P-521 private key",
                found: private.len(),
                expected: P521_LENGTH,
            })?;
        number[missing..].copy_from_slice(private);
        let algorithm = &ECDSA_P521_SHA512_ASN1_SIGNING;
        // A key from a document without its public half is written without it again; so the
        // public half is computed, and the key made from both.
        EcdsaKeyPair::from_private_key_der(algorithm, &sec1::encode(&number))
            .and_then(|pair| {
                let public = pair.public_key().as_ref();
                EcdsaKeyPair::from_private_key_and_public_key(algorithm, &*number, public)
            })
            .map(Self::EcdsaP521)
            .map_err(|error| KeyError::OutOfRange {
                source: error.into(),
            })
    }

    /// An Ed25519 key from its private half.
    pub(super) fn ed25519(private: &[u8]) -> Result<Self, KeyError> {
        check::length("an Ed25519 private key", private, ED25519_LENGTH)?;
        Ed25519KeyPair::from_seed_unchecked(private)
            .map(Self::Ed25519)
            .map_err(|error| KeyError::OutOfRange {
                source: error.into(),
            })
    }

    /// The same, provided that this is its public half: the point, uncompressed or compressed
    /// (SEC 1), or the bytes of RFC 8032.
    pub(super) fn with_public(self, public: Option<&[u8]>) -> Result<Self, KeyError> {
        let own = self.public();
        match public {
            None => Ok(self),
            Some(public) if public == own || public == compress(own) => Ok(self),
            Some(_) => Err(KeyError::HalvesDiffer),
        }
    }

    pub(super) fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::EcdsaP521(_) => KeyAlgorithm::EcdsaP521Sha512,
            Self::Ed25519(_) => KeyAlgorithm::Ed25519,
        }
    }

    /// The document of version 1 (PKCS#8). It is wiped when dropped.
    pub(super) fn to_pkcs8(&self) -> Document {
        match self {
            Self::EcdsaP521(pair) => pair.to_pkcs8v1(),
            Self::Ed25519(pair) => pair.to_pkcs8v1(),
        }
        .expect("a key held in memory can be written as PKCS#8")
    }

    /// The uncompressed point, or the bytes of RFC 8032.
    pub(super) fn public(&self) -> &[u8] {
        match self {
            Self::EcdsaP521(pair) => pair.public_key().as_ref(),
            Self::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }
}

/// The compressed form of an uncompressed point: the sign of `y`, and `x`.
fn compress(point: &[u8]) -> Vec<u8> {
    let (x, y) = point[1..].split_at(point.len() / 2);
    let sign = 2 | y.last().map_or(0, |byte| byte & 1);
    [&[sign], x].concat()
}
