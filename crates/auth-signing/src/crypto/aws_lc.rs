//! Signatures, digests and PBKDF2 by aws-lc-rs.

use std::num::NonZeroU32;

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use aws_lc_rs::encoding::{AsBigEndian, Curve25519SeedBin, EcPrivateKeyBin};
use aws_lc_rs::pbkdf2::{self, PBKDF2_HMAC_SHA1, PBKDF2_HMAC_SHA256, PBKDF2_HMAC_SHA512};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair as _, ParsedPublicKey, VerificationAlgorithm,
};
use zeroize::Zeroizing;

use super::common::{Failed, Prf};
use crate::algorithm::{ED25519_LENGTH, KeyAlgorithm, P521, P521_LENGTH};

/// The SHA-256 digest (FIPS 180-4).
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = digest(&SHA256, bytes);
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

/// The SHA-512 digest (FIPS 180-4).
pub(crate) fn sha512(bytes: &[u8]) -> [u8; 64] {
    let digest = digest(&SHA512, bytes);
    digest.as_ref().try_into().expect("SHA-512 has 64 bytes")
}

/// Fills `key` with the key that a passphrase stands for (RFC 8018).
pub(crate) fn pbkdf2(
    prf: Prf,
    iterations: NonZeroU32,
    salt: &[u8],
    passphrase: &[u8],
    key: &mut [u8],
) {
    let algorithm = match prf {
        Prf::HmacSha1 => PBKDF2_HMAC_SHA1,
        Prf::HmacSha256 => PBKDF2_HMAC_SHA256,
        Prf::HmacSha512 => PBKDF2_HMAC_SHA512,
    };
    pbkdf2::derive(algorithm, iterations, salt, passphrase, key);
}

/// A private key that can sign. It is wiped from memory when dropped.
pub(crate) enum PrivateKey {
    P521(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl PrivateKey {
    /// A new random key.
    pub(crate) fn generate(algorithm: KeyAlgorithm) -> Result<Self, Failed> {
        Ok(match algorithm {
            KeyAlgorithm::EcdsaP521Sha512 => {
                Self::P521(EcdsaKeyPair::generate(&ECDSA_P521_SHA512_ASN1_SIGNING)?)
            }
            KeyAlgorithm::Ed25519 => Self::Ed25519(Ed25519KeyPair::generate()?),
        })
    }

    /// A P-521 key from its private number, big-endian.
    pub(crate) fn p521(number: &[u8; P521_LENGTH]) -> Result<Self, Failed> {
        let document = sec1(number);
        let pair = EcdsaKeyPair::from_private_key_der(&ECDSA_P521_SHA512_ASN1_SIGNING, &document)?;
        Ok(Self::P521(pair))
    }

    /// An Ed25519 key from its private half (RFC 8032).
    pub(crate) fn ed25519(seed: &[u8; ED25519_LENGTH]) -> Result<Self, Failed> {
        Ok(Self::Ed25519(Ed25519KeyPair::from_seed_unchecked(seed)?))
    }

    /// The algorithm that the key signs with.
    pub(crate) fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::P521(_) => KeyAlgorithm::EcdsaP521Sha512,
            Self::Ed25519(_) => KeyAlgorithm::Ed25519,
        }
    }

    /// The private number, or the private half.
    pub(crate) fn private(&self) -> Zeroizing<Vec<u8>> {
        match self {
            Self::P521(pair) => pair
                .private_key()
                .as_be_bytes()
                .map(|number: EcPrivateKeyBin<'_>| number.as_ref().to_vec()),
            Self::Ed25519(pair) => pair
                .seed()
                .and_then(|seed| seed.as_be_bytes())
                .map(|seed: Curve25519SeedBin<'_>| seed.as_ref().to_vec()),
        }
        .map(Zeroizing::new)
        .expect("a key in memory can be copied")
    }

    /// The uncompressed point (SEC 1), or the bytes of RFC 8032.
    pub(crate) fn public(&self) -> &[u8] {
        match self {
            Self::P521(pair) => pair.public_key().as_ref(),
            Self::Ed25519(pair) => pair.public_key().as_ref(),
        }
    }

    /// The signature of a message: ASN.1 DER, with a random nonce, or the 64 bytes of RFC 8032.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failed> {
        let signature = match self {
            Self::P521(pair) => pair.sign(&SystemRandom::new(), message),
            Self::Ed25519(pair) => pair.try_sign(message),
        }?;
        Ok(signature.as_ref().to_vec())
    }
}

/// The shortest ECPrivateKey (RFC 5915) of a P-521 key: without its public half. The library takes a
/// number only in a document, or together with the public half.
fn sec1(number: &[u8; P521_LENGTH]) -> Zeroizing<Vec<u8>> {
    const LENGTH: u8 = P521_LENGTH as u8;
    // Tag and length of the sequence; the version; tags and lengths of the number, and of the
    // parameters with the name of the curve in them.
    let version_and_number = [0x30, LENGTH + 14, 0x02, 1, 1, 0x04, LENGTH];
    let named_curve = [0xa0, 7, 0x06, 5];
    // The room for all of it is taken at once: growing would leave copies of the key behind.
    let document = [
        &version_and_number,
        &number[..],
        &named_curve,
        P521.as_bytes(),
    ];
    Zeroizing::new(document.concat())
}

/// A public key that can verify.
pub(crate) struct PublicKey(ParsedPublicKey);

impl PublicKey {
    /// A key from its uncompressed point (SEC 1), or from the bytes of RFC 8032.
    pub(crate) fn new(algorithm: KeyAlgorithm, bytes: &[u8]) -> Result<Self, Failed> {
        let verification: &'static dyn VerificationAlgorithm = match algorithm {
            KeyAlgorithm::EcdsaP521Sha512 => &ECDSA_P521_SHA512_ASN1,
            KeyAlgorithm::Ed25519 => &ED25519,
        };
        Ok(Self(ParsedPublicKey::new(verification, bytes)?))
    }

    /// Whether this is the signature of the message, in the form that [`PrivateKey::sign`] makes.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }
}
