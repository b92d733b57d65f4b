//! P-521 signatures, digests and PBKDF2 by RustCrypto, and Ed25519 signatures by ed25519-compact.

use std::num::NonZeroU32;

use ed25519_compact::{
    KeyPair, PublicKey as Ed25519PublicKey, Seed, Signature as Ed25519Signature,
};
use p521::ecdsa::signature::{Signer as _, Verifier as _};
use p521::ecdsa::{DerSignature, SigningKey, VerifyingKey};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroizing;

use super::common::{Failed, Prf, random};
use crate::algorithm::{ED25519_LENGTH, KeyAlgorithm, P521_LENGTH};

/// The SHA-256 digest (FIPS 180-4).
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The SHA-512 digest (FIPS 180-4).
pub(crate) fn sha512(bytes: &[u8]) -> [u8; 64] {
    Sha512::digest(bytes).into()
}

/// Fills `key` with the key that a passphrase stands for (RFC 8018).
pub(crate) fn pbkdf2(
    prf: Prf,
    iterations: NonZeroU32,
    salt: &[u8],
    passphrase: &[u8],
    key: &mut [u8],
) {
    let derive = match prf {
        Prf::HmacSha1 => pbkdf2::pbkdf2_hmac::<Sha1>,
        Prf::HmacSha256 => pbkdf2::pbkdf2_hmac::<Sha256>,
        Prf::HmacSha512 => pbkdf2::pbkdf2_hmac::<Sha512>,
    };
    derive(passphrase, salt, iterations.get(), key);
}

/// A private key that can sign. It is wiped from memory when dropped.
pub(crate) enum PrivateKey {
    P521 { pair: SigningKey, point: Box<[u8]> },
    Ed25519(KeyPair),
}

impl PrivateKey {
    /// A new random key.
    pub(crate) fn generate(algorithm: KeyAlgorithm) -> Result<Self, Failed> {
        match algorithm {
            KeyAlgorithm::EcdsaP521Sha512 => {
                let mut number = Zeroizing::new([0; P521_LENGTH]);
                random(&mut *number)?;
                // 521 bits are 65 bytes and one bit.
                number[0] &= 1;
                Self::p521(&number)
            }
            KeyAlgorithm::Ed25519 => {
                let mut seed = Zeroizing::new([0; ED25519_LENGTH]);
                random(&mut *seed)?;
                Self::ed25519(&seed)
            }
        }
    }

    /// A P-521 key from its private number, big-endian.
    pub(crate) fn p521(number: &[u8; P521_LENGTH]) -> Result<Self, Failed> {
        let pair = SigningKey::from_slice(number)?;
        let point = pair.verifying_key().to_sec1_point(false).to_bytes();
        Ok(Self::P521 { pair, point })
    }

    /// An Ed25519 key from its private half (RFC 8032), which must not be all zeros.
    pub(crate) fn ed25519(seed: &[u8; ED25519_LENGTH]) -> Result<Self, Failed> {
        Ok(Self::Ed25519(KeyPair::try_from_seed(Seed::new(*seed))?))
    }

    /// The algorithm that the key signs with.
    pub(crate) fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::P521 { .. } => KeyAlgorithm::EcdsaP521Sha512,
            Self::Ed25519(_) => KeyAlgorithm::Ed25519,
        }
    }

    /// The private number, or the private half.
    pub(crate) fn private(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::P521 { pair, .. } => Zeroizing::new(pair.to_bytes()).to_vec(),
            Self::Ed25519(pair) => pair.sk[..ED25519_LENGTH].to_vec(),
        })
    }

    /// The uncompressed point (SEC 1), or the bytes of RFC 8032.
    pub(crate) fn public(&self) -> &[u8] {
        match self {
            Self::P521 { point, .. } => point,
            Self::Ed25519(pair) => &pair.pk[..],
        }
    }

    /// The signature of a message: ASN.1 DER, with the nonce of RFC 6979, or the 64 bytes of RFC 8032.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Failed> {
        match self {
            Self::P521 { pair, .. } => {
                let signature: DerSignature = pair.try_sign(message)?;
                Ok(signature.as_bytes().to_vec())
            }
            Self::Ed25519(pair) => Ok(pair.sk.sign(message, None).to_vec()),
        }
    }
}

/// A public key that can verify.
pub(crate) enum PublicKey {
    P521(VerifyingKey),
    Ed25519(Ed25519PublicKey),
}

impl PublicKey {
    /// A key from its uncompressed point (SEC 1), or from the bytes of RFC 8032.
    pub(crate) fn new(algorithm: KeyAlgorithm, bytes: &[u8]) -> Result<Self, Failed> {
        Ok(match algorithm {
            KeyAlgorithm::EcdsaP521Sha512 => Self::P521(VerifyingKey::from_sec1_bytes(bytes)?),
            KeyAlgorithm::Ed25519 => Self::Ed25519(Ed25519PublicKey::from_slice(bytes)?),
        })
    }

    /// Whether this is the signature of the message, in the form that [`PrivateKey::sign`] makes.
    /// Of the two equations for Ed25519 that RFC 8032 allows (section 5.1.7), the one with the cofactor
    /// is checked; aws-lc-rs checks the other one.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::P521(key) => DerSignature::from_bytes(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Self::Ed25519(key) => Ed25519Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{P521_LENGTH, PrivateKey};
    use crate::signature::wycheproof::bytes;

    /// The number that hexadecimal digits stand for.
    fn number(digits: &str) -> [u8; P521_LENGTH] {
        bytes(digits).try_into().expect("66 bytes")
    }

    /// RFC 6979, section A.2.7, with SHA-512.
    #[test]
    fn p521_signatures_are_those_of_rfc_6979() {
        let key = PrivateKey::p521(&number(
            "00FAD06DAA62BA3B25D2FB40133DA757205DE67F5BB0018FEE8C86E1B68C7E75CAA896EB32F1F47C708558\
             36A6D16FCC1466F6D8FBEC67DB89EC0C08B0E996B83538",
        ))
        .expect("a key");
        let signatures = [
            (
                "sample",
                "00C328FAFCBD79DD77850370C46325D987CB525569FB63C5D3BC53950E6D4C5F174E25A1EE9017B5D4\
                 50606ADD152B534931D7D4E8455CC91F9B15BF05EC36E377FA",
                "00617CCE7CF5064806C467F678D3B4080D6F1CC50AF26CA209417308281B68AF282623EAA63E5B5C07\
                 23D8B8C37FF0777B1A20F8CCB1DCCC43997F1EE0E44DA4A67A",
            ),
            (
                "test",
                "013E99020ABF5CEE7525D16B69B229652AB6BDF2AFFCAEF38773B4B7D08725F10CDB93482FDCC54EDC\
                 EE91ECA4166B2A7C6265EF0CE2BD7051B7CEF945BABD47EE6D",
                "01FBD0013C674AA79CB39849527916CE301C66EA7CE8B80682786AD60F98F7E78A19CA69EFF5C57400\
                 E3B3A0AD66CE0978214D13BAF4E9AC60752F7B155E2DE4DCE3",
            ),
        ];
        for (message, r, s) in signatures {
            let expected = crate::signature::ecdsa::to_der(&[number(r), number(s)].concat());
            assert_eq!(key.sign(message.as_bytes()).ok(), expected, "{message}");
        }
    }
}
