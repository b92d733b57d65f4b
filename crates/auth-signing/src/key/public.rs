use std::fmt;
use std::path::Path;
use std::sync::Arc;

use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Encode};
use ed25519_compact::Error as PointError;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use super::form::{DER_DOCUMENT, Form};
use super::{Jwk, KeyAlgorithm, KeyError, check, error, file, identifier, jwk, pem};
use crate::algorithm::{self, ED25519_LENGTH, P521_LENGTH};
use crate::crypto;

const POINT_LENGTH: usize = 1 + 2 * P521_LENGTH;
const COMPRESSED_LENGTH: usize = 1 + P521_LENGTH;

/// A public key that checks signatures. Clones share one key. Two keys are equal when their
/// algorithms and bytes are equal.
#[derive(Clone)]
pub struct VerifyingKey(Arc<PublicKey>);

struct PublicKey {
    algorithm: KeyAlgorithm,
    /// The uncompressed point (P-521), or the 32 bytes of RFC 8032 (Ed25519).
    bytes: Vec<u8>,
    parsed: crypto::PublicKey,
}

impl VerifyingKey {
    /// Reads a public key from a PEM file, as [`from_pem`](Self::from_pem) does from text.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unreadable`] when the file cannot be read; [`KeyError::InFile`], which names
    /// the file and holds the reason, when it has no usable key.
    pub fn from_pem_file(path: impl AsRef<Path>) -> Result<Self, KeyError> {
        file::parse(path.as_ref(), Self::from_pem)
    }

    /// Reads a public key from PEM text (RFC 7468): a `PUBLIC KEY` block (SubjectPublicKeyInfo,
    /// RFC 5280) with a P-521 or Ed25519 key. Text around the blocks and other blocks are
    /// skipped; the first public key counts.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that says what was found instead of such a key.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let blocks = pem::parse(pem)?;
        let block = pem::choose(&blocks, |label| label == pem::SPKI);
        let form = Form::of_label(block.label)?;
        Self::decode(&block.decode()?, form, &block.name())
    }

    /// Reads a public key from a DER document: SubjectPublicKeyInfo (RFC 5280) with a P-521 or
    /// Ed25519 key.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that says what was found instead of such a key.
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        Self::decode(der, Form::of_der(der)?, DER_DOCUMENT)
    }

    /// Reads a public key from a JWK (RFC 7517): `kty` is `EC` and `crv` is `P-521`, with `x` and
    /// `y` (RFC 7518 section 6.2), or `kty` is `OKP` and `crv` is `Ed25519`, with `x` (RFC 8037).
    /// Unknown members are ignored.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that says what was found instead of such a key: [`KeyError::PrivateKey`]
    /// when there is a member `d`, [`KeyError::JwkSet`] for a set of keys.
    pub fn from_jwk(json: &str) -> Result<Jwk<Self>, KeyError> {
        let jwk = jwk::public(json)?;
        let (algorithm, bytes) = &jwk.key;
        let key = match algorithm {
            KeyAlgorithm::EcdsaP521Sha512 => Self::from_p521_point(bytes),
            KeyAlgorithm::Ed25519 => Self::from_ed25519(bytes),
        }?;
        Ok(jwk.map(|_| key))
    }

    fn decode(document: &[u8], form: Form, what: &str) -> Result<Self, KeyError> {
        match form {
            Form::Spki => {}
            Form::Sec1 | Form::Pkcs8 | Form::EncryptedPkcs8 => return Err(KeyError::PrivateKey),
        }
        let info = SubjectPublicKeyInfoRef::from_der(document).map_err(error::asn1(what))?;
        let bytes = check::whole_bytes(&info.subject_public_key, what)?;
        match identifier::of(&info.algorithm, what)? {
            KeyAlgorithm::EcdsaP521Sha512 => Self::from_p521_point(bytes),
            KeyAlgorithm::Ed25519 => Self::from_ed25519(bytes),
        }
    }

    /// A P-521 key from its uncompressed point (SEC 1): the byte 4, then both coordinates of 66
    /// bytes each, big-endian.
    ///
    /// # Errors
    ///
    /// [`KeyError::CompressedPoint`] for the short form of a point, [`KeyError::WrongLength`] for
    /// another length, [`KeyError::NotOnCurve`] when the point is not on the curve.
    pub fn from_p521_point(point: &[u8]) -> Result<Self, KeyError> {
        if point.len() == COMPRESSED_LENGTH && matches!(point[0], 2 | 3) {
            return Err(KeyError::CompressedPoint);
        }
        check::length("a P-521 point", point, POINT_LENGTH)?;
        Self::new(KeyAlgorithm::EcdsaP521Sha512, point)
    }

    /// A P-521 key from the members `x` and `y` of a JWK (RFC 7518 section 6.2.1): base64url
    /// without padding, 66 bytes each.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotBase64Url`], [`KeyError::WrongLength`], or [`KeyError::NotOnCurve`] when the
    /// point is not on the curve.
    pub fn from_p521_coordinates(x: &str, y: &str) -> Result<Self, KeyError> {
        Self::from_p521_point(&jwk::point(x, y)?)
    }

    /// An Ed25519 key from its 32 bytes (RFC 8032).
    ///
    /// # Errors
    ///
    /// [`KeyError::WrongLength`] for another length, [`KeyError::NotOnCurve`] when the bytes do not
    /// encode a point of the curve (RFC 8032 section 5.1.3), [`KeyError::SmallOrder`] when they
    /// encode one of the few points for which anybody can make signatures.
    pub fn from_ed25519(bytes: &[u8]) -> Result<Self, KeyError> {
        check::length("an Ed25519 public key", bytes, ED25519_LENGTH)?;
        // The cryptographic libraries check nothing of this before they verify.
        ed25519_compact::PublicKey::from_slice(bytes)
            .and_then(|key| key.validate())
            .map_err(|error| match error {
                PointError::WeakPublicKey => KeyError::SmallOrder,
                _ => KeyError::NotOnCurve,
            })?;
        Self::new(KeyAlgorithm::Ed25519, bytes)
    }

    fn new(algorithm: KeyAlgorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let parsed = crypto::PublicKey::new(algorithm, bytes).map_err(|_| KeyError::NotOnCurve)?;
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
        Some(jwk::coordinates(&self.0.bytes))
    }

    /// The key as SubjectPublicKeyInfo (RFC 5280) in PEM: a `PUBLIC KEY` block. This is the form
    /// in which a key is registered with Upvest, and what `openssl pkey -pubout` prints.
    pub fn to_pem(&self) -> String {
        pem::encode(pem::SPKI, &self.to_der()).to_string()
    }

    /// The key as SubjectPublicKeyInfo (RFC 5280) in DER.
    pub fn to_der(&self) -> Vec<u8> {
        let (oid, curve) = match self.0.algorithm {
            KeyAlgorithm::EcdsaP521Sha512 => (algorithm::EC, Some(AnyRef::from(&algorithm::P521))),
            KeyAlgorithm::Ed25519 => (algorithm::ED25519, None),
        };
        BitStringRef::from_bytes(&self.0.bytes)
            .and_then(|subject_public_key| {
                SubjectPublicKeyInfoRef {
                    algorithm: AlgorithmIdentifierRef {
                        oid,
                        parameters: curve,
                    },
                    subject_public_key,
                }
                .to_der()
            })
            .expect("the document is small")
    }

    /// The key as a JWK (RFC 7517) on one line: `kty`, `crv`, `x`, for P-521 `y`, and `kid` if
    /// one is given.
    pub fn to_jwk(&self, kid: Option<&str>) -> String {
        jwk::encode(self.0.algorithm, &self.0.bytes, kid)
    }

    /// Checks the signature of a message: ASN.1 DER over its SHA-512 for P-521, 64 bytes for
    /// Ed25519.
    ///
    /// # Errors
    ///
    /// [`InvalidSignature`] when the signature was not made by the private half of this key over
    /// exactly this message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), InvalidSignature> {
        let is_valid = self.0.parsed.verify(message, signature);
        is_valid.then_some(()).ok_or(InvalidSignature)
    }
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
