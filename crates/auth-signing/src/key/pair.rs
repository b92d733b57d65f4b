//! Key pairs in the form that the cryptographic library signs with, made from their numbers.

use aws_lc_rs::pkcs8::Document;
use aws_lc_rs::signature::{
    ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use zeroize::Zeroizing;

use super::algorithm::{ED25519_LENGTH, P521_LENGTH};
use super::sec1::{self, Numbers};
use super::{KeyAlgorithm, KeyError, check};

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

    /// A P-521 key from the numbers of a document, which have to belong together.
    pub(super) fn from_numbers(numbers: Numbers<'_>) -> Result<Self, KeyError> {
        Self::p521(numbers.private)?.with_public(numbers.public)
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

/// The compressed form of an uncompressed point: whether `y` is odd, and `x`.
fn compress(point: &[u8]) -> Vec<u8> {
    let (x, y) = point[1..].split_at(point.len() / 2);
    let odd = y.last().is_some_and(|byte| byte % 2 == 1);
    [&[if odd { 3 } else { 2 }], x].concat()
}
