use std::fmt;
use std::sync::Arc;

use aws_lc_rs::signature::{
    ECDSA_P521_SHA512_ASN1, ED25519, ParsedPublicKey, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use pkcs8::der::Decode;
use pkcs8::spki::SubjectPublicKeyInfoRef;

use super::private::{algorithm, invalid, malformed, wrong_label};
use super::{KeyAlgorithm, KeyError, pem};

const COORDINATE_LENGTH: usize = 66;
const POINT_LENGTH: usize = 1 + 2 * COORDINATE_LENGTH;
const UNCOMPRESSED: u8 = 4;
const ED25519_LENGTH: usize = 32;

/// A public key that checks signatures. Clones share one key. Keys are equal when algorithm and
/// bytes are.
#[derive(Clone)]
pub struct VerifyingKey(Arc<PublicKey>);

struct PublicKey {
    algorithm: KeyAlgorithm,
    /// The uncompressed point (P-521), or the 32 bytes of RFC 8032 (Ed25519).
    bytes: Vec<u8>,
    parsed: ParsedPublicKey,
}

impl VerifyingKey {
    /// Reads a public key from PEM text: a `PUBLIC KEY` block (SubjectPublicKeyInfo, RFC 5280)
    /// with a P-521 or Ed25519 key. The first block counts.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that says what was found instead of such a key.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let blocks = pem::parse(pem)?;
        let block = &blocks[0];
        match block.label {
            pem::SPKI => {}
            pem::SEC1 | pem::PKCS8 | pem::ENCRYPTED_PKCS8 => return Err(KeyError::PrivateKey),
            label => return Err(wrong_label(label)),
        }
        let info = SubjectPublicKeyInfoRef::from_der(&block.der)
            .map_err(|error| malformed(block.label, error))?;
        let bytes = info.subject_public_key.raw_bytes();
        match algorithm(&info.algorithm, block.label)? {
            KeyAlgorithm::EcdsaP521Sha512 => Self::from_p521_point(bytes),
            KeyAlgorithm::Ed25519 => Self::from_ed25519(bytes),
        }
    }

    /// A P-521 key from its uncompressed point (SEC 1): the byte 4, then both coordinates of 66
    /// bytes each, big-endian.
    ///
    /// # Errors
    ///
    /// [`KeyError::WrongLength`] for another length, [`KeyError::Invalid`] when the point is not
    /// on the curve.
    pub fn from_p521_point(point: &[u8]) -> Result<Self, KeyError> {
        expect_length("a P-521 point", point, POINT_LENGTH)?;
        Self::new(
            KeyAlgorithm::EcdsaP521Sha512,
            &ECDSA_P521_SHA512_ASN1,
            point,
        )
    }

    /// A P-521 key from the members `x` and `y` of a JWK (RFC 7518 section 6.2.1): base64url
    /// without padding, 66 bytes each.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotBase64Url`], [`KeyError::WrongLength`], or [`KeyError::Invalid`] when the
    /// point is not on the curve.
    pub fn from_p521_coordinates(x: &str, y: &str) -> Result<Self, KeyError> {
        let mut point = vec![UNCOMPRESSED];
        for (name, what, text) in [
            ("x", "the coordinate `x` of a P-521 key", x),
            ("y", "the coordinate `y` of a P-521 key", y),
        ] {
            let bytes = URL_SAFE_NO_PAD
                .decode(text)
                .map_err(|error| KeyError::NotBase64Url {
                    coordinate: name,
                    source: error.into(),
                })?;
            expect_length(what, &bytes, COORDINATE_LENGTH)?;
            point.extend(bytes);
        }
        Self::from_p521_point(&point)
    }

    /// An Ed25519 key from its 32 bytes (RFC 8032).
    ///
    /// # Errors
    ///
    /// [`KeyError::WrongLength`] for another length, [`KeyError::Invalid`] when the library does
    /// not accept the bytes.
    pub fn from_ed25519(bytes: &[u8]) -> Result<Self, KeyError> {
        expect_length("an Ed25519 public key", bytes, ED25519_LENGTH)?;
        Self::new(KeyAlgorithm::Ed25519, &ED25519, bytes)
    }

    fn new(
        algorithm: KeyAlgorithm,
        verification: &'static dyn VerificationAlgorithm,
        bytes: &[u8],
    ) -> Result<Self, KeyError> {
        let parsed = ParsedPublicKey::new(verification, bytes).map_err(invalid)?;
        Ok(Self(Arc::new(PublicKey {
            algorithm,
            bytes: bytes.to_vec(),
            parsed,
        })))
    }

    /// The algorithm of this key.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.0.algorithm
    }

    /// The coordinates `x` and `y` of a P-521 key as a JWK has them (base64url without padding,
    /// 66 bytes each); `None` for an Ed25519 key.
    pub fn p521_coordinates(&self) -> Option<(String, String)> {
        if self.0.algorithm != KeyAlgorithm::EcdsaP521Sha512 {
            return None;
        }
        let (x, y) = self.0.bytes[1..].split_at(COORDINATE_LENGTH);
        Some((URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y)))
    }

    /// Checks the signature of a message: ASN.1 DER over its SHA-512 for P-521, 64 bytes for
    /// Ed25519.
    ///
    /// # Errors
    ///
    /// [`InvalidSignature`] when it was not made by the private half of this key over exactly
    /// this message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        self.0
            .parsed
            .verify_sig(message, signature)
            .map_err(|_| InvalidSignature)
    }
}

fn expect_length(what: &'static str, bytes: &[u8], expected: usize) -> Result<(), KeyError> {
    if bytes.len() == expected {
        return Ok(());
    }
    Err(KeyError::WrongLength {
        what,
        found: bytes.len(),
        expected,
    })
}

impl PartialEq for VerifyingKey {
    fn eq(&self, other: &Self) -> bool {
        // The lengths differ from algorithm to algorithm.
        self.0.bytes == other.0.bytes
    }
}

impl Eq for VerifyingKey {}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("algorithm", &self.0.algorithm)
            .finish_non_exhaustive()
    }
}

/// A signature does not belong to the message and key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signature does not match the message and the key")]
pub struct InvalidSignature;
