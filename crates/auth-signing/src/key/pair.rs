//! Key pairs, made from the numbers of documents.

use zeroize::Zeroizing;

use super::sec1::Numbers;
use super::{KeyAlgorithm, KeyError, check};
use crate::algorithm::{ED25519_LENGTH, P521_LENGTH};
use crate::crypto::PrivateKey;

pub(super) struct KeyPair(PrivateKey);

impl KeyPair {
    /// A new random key.
    pub(super) fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        PrivateKey::generate(algorithm)
            .map(Self)
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
        PrivateKey::p521(&number)
            .map(Self)
            .map_err(|_| KeyError::OutOfRange)
    }

    /// A P-521 key from the numbers of a document, which have to belong together.
    pub(super) fn from_numbers(numbers: Numbers<'_>) -> Result<Self, KeyError> {
        Self::p521(numbers.private)?.with_public(numbers.public)
    }

    /// An Ed25519 key from its private half.
    pub(super) fn ed25519(private: &[u8]) -> Result<Self, KeyError> {
        check::length("an Ed25519 private key", private, ED25519_LENGTH)?;
        let mut seed = Zeroizing::new([0; ED25519_LENGTH]);
        seed.copy_from_slice(private);
        PrivateKey::ed25519(&seed)
            .map(Self)
            .map_err(|_| KeyError::OutOfRange)
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
        self.0.algorithm()
    }

    /// The private number of a P-521 key, in 66 bytes, or the private half of an Ed25519 key.
    pub(super) fn private(&self) -> Zeroizing<Vec<u8>> {
        self.0.private()
    }

    /// The uncompressed point, or the bytes of RFC 8032.
    pub(super) fn public(&self) -> &[u8] {
        self.0.public()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.0
            .sign(message)
            .map_err(|_| KeyError::Crypto { operation: "sign" })
    }
}

/// The compressed form of an uncompressed point: whether `y` is odd, and `x`.
fn compress(point: &[u8]) -> Vec<u8> {
    let (x, y) = point[1..].split_at(point.len() / 2);
    let odd = y.last().is_some_and(|byte| byte % 2 == 1);
    [&[if odd { 3 } else { 2 }], x].concat()
}
