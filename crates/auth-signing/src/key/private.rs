//! From the content of a PEM block to a key pair.

use aws_lc_rs::signature::{ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use pkcs8::der::asn1::{ObjectIdentifier, OctetStringRef};
use pkcs8::der::{Decode, ErrorKind};
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::{EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef, pkcs5};
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use super::pem::{self, Block};
use super::{KeyError, KeyPair, legacy};

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const P521: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.132.0.35");

/// Private keys are as long as a P-521 coordinate: 521 bits.
const P521_KEY_LENGTH: usize = 66;

/// The first private key in a text.
pub(super) fn from_pem(text: &str, passphrase: Option<&str>) -> Result<KeyPair, KeyError> {
    let blocks = pem::parse(text)?;
    let block = blocks
        .iter()
        .find(|block| block.label.ends_with(pem::PKCS8))
        .or_else(|| {
            blocks
                .iter()
                .find(|block| block.label != pem::EC_PARAMETERS)
        })
        .unwrap_or(&blocks[0]);
    match block.label {
        pem::SEC1 if legacy::is_encrypted(block) => {
            let der = legacy::decrypt(block, required(passphrase)?)?;
            from_sec1(&der, pem::SEC1).map_err(wrong_passphrase)
        }
        pem::SEC1 => from_sec1(&block.der, block.label),
        pem::PKCS8 => from_pkcs8(&block.der, block.label),
        pem::ENCRYPTED_PKCS8 => {
            let der = decrypt_pkcs8(block, passphrase)?;
            from_pkcs8(&der, block.label).map_err(wrong_passphrase)
        }
        pem::SPKI | "EC PUBLIC KEY" | "RSA PUBLIC KEY" => Err(KeyError::PublicKey),
        label => Err(wrong_label(label)),
    }
}

/// The error for a label under which neither half of a usable key can stand.
pub(super) fn wrong_label(label: &str) -> KeyError {
    match label {
        "RSA PRIVATE KEY" | "RSA PUBLIC KEY" => KeyError::WrongAlgorithm {
            found: "RSA".to_owned(),
        },
        "CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE" => KeyError::Certificate,
        label => KeyError::UnknownLabel {
            label: label.to_owned(),
        },
    }
}

/// Which of the two algorithms an algorithm identifier stands for.
pub(super) fn algorithm(
    identifier: &AlgorithmIdentifierRef<'_>,
    label: &str,
) -> Result<super::KeyAlgorithm, KeyError> {
    match identifier.oid {
        ED25519 => Ok(super::KeyAlgorithm::Ed25519),
        EC => {
            let curve = identifier
                .parameters_oid()
                .map_err(|error| malformed(label, error))?;
            expect_p521(curve)?;
            Ok(super::KeyAlgorithm::EcdsaP521Sha512)
        }
        other => Err(KeyError::WrongAlgorithm {
            found: algorithm_name(other),
        }),
    }
}

pub(super) fn malformed(
    label: &str,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> KeyError {
    KeyError::Malformed {
        label: label.to_owned(),
        source: source.into(),
    }
}

pub(super) fn invalid(error: aws_lc_rs::error::KeyRejected) -> KeyError {
    KeyError::Invalid {
        source: error.into(),
    }
}

fn required(passphrase: Option<&str>) -> Result<&str, KeyError> {
    match passphrase {
        None => Err(KeyError::PassphraseMissing),
        Some("") => Err(KeyError::PassphraseEmpty),
        Some(passphrase) => Ok(passphrase),
    }
}

/// What was decrypted has no structure: one wrong passphrase in 256 gets that far.
fn wrong_passphrase(error: KeyError) -> KeyError {
    match error {
        KeyError::Malformed { source, .. } => KeyError::PassphraseWrong { source },
        other => other,
    }
}

fn decrypt_pkcs8(
    block: &Block<'_>,
    passphrase: Option<&str>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let info =
        EncryptedPrivateKeyInfoRef::from_der(&block.der).map_err(|error| match error.kind() {
            ErrorKind::OidUnknown { oid } => unsupported_encryption(oid, error),
            _ => malformed(block.label, error),
        })?;
    let scheme = &info.encryption_algorithm;
    scheme
        .decrypt(required(passphrase)?, info.encrypted_data.as_bytes())
        .map(Zeroizing::new)
        .map_err(|error| match error {
            pkcs5::Error::DecryptFailed => KeyError::PassphraseWrong {
                source: error.into(),
            },
            pkcs5::Error::UnsupportedAlgorithm { oid } => unsupported_encryption(oid, error),
            error => unsupported_encryption(scheme.oid(), error),
        })
}

fn unsupported_encryption(
    oid: ObjectIdentifier,
    source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> KeyError {
    KeyError::UnsupportedEncryption {
        found: match oid.to_string().as_str() {
            "1.2.840.113549.2.7" => "HMAC-SHA-1".to_owned(),
            "1.2.840.113549.3.7" => "DES-EDE3-CBC".to_owned(),
            "1.2.840.113549.1.5.3" | "1.2.840.113549.1.5.10" => "PBES1".to_owned(),
            other => format!("the algorithm with the object identifier {other}"),
        },
        source: Some(source.into()),
    }
}

fn from_pkcs8(der: &[u8], label: &str) -> Result<KeyPair, KeyError> {
    let info = PrivateKeyInfoRef::from_der(der).map_err(|error| malformed(label, error))?;
    match algorithm(&info.algorithm, label)? {
        super::KeyAlgorithm::EcdsaP521Sha512 => from_sec1(info.private_key.as_bytes(), label),
        super::KeyAlgorithm::Ed25519 => {
            let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes())
                .map_err(|error| malformed(label, error))?
                .as_bytes();
            match info.public_key {
                Some(public) => Ed25519KeyPair::from_seed_and_public_key(seed, public.raw_bytes()),
                None => Ed25519KeyPair::from_seed_unchecked(seed),
            }
            .map(KeyPair::Ed25519)
            .map_err(invalid)
        }
    }
}

fn from_sec1(der: &[u8], label: &str) -> Result<KeyPair, KeyError> {
    let key = EcPrivateKey::from_der(der).map_err(|error| malformed(label, error))?;
    match key
        .parameters
        .and_then(|parameters| parameters.named_curve())
    {
        Some(curve) => expect_p521(curve)?,
        None if key.private_key.len() == P521_KEY_LENGTH => {}
        None => {
            return Err(KeyError::WrongCurve {
                found: format!(
                    "a curve that is not named, with keys of {} bytes",
                    key.private_key.len()
                ),
            });
        }
    }
    EcdsaKeyPair::from_private_key_der(&ECDSA_P521_SHA512_ASN1_SIGNING, der)
        .map(KeyPair::EcdsaP521)
        .map_err(invalid)
}

fn expect_p521(curve: ObjectIdentifier) -> Result<(), KeyError> {
    if curve == P521 {
        return Ok(());
    }
    Err(KeyError::WrongCurve {
        found: match curve.to_string().as_str() {
            "1.2.840.10045.3.1.1" => "P-192 (prime192v1)".to_owned(),
            "1.2.840.10045.3.1.7" => "P-256 (prime256v1)".to_owned(),
            "1.3.132.0.10" => "secp256k1".to_owned(),
            "1.3.132.0.33" => "P-224 (secp224r1)".to_owned(),
            "1.3.132.0.34" => "P-384 (secp384r1)".to_owned(),
            other => format!("the curve with the object identifier {other}"),
        },
    })
}

fn algorithm_name(oid: ObjectIdentifier) -> String {
    match oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" => "RSA".to_owned(),
        "1.2.840.113549.1.1.10" => "RSA-PSS".to_owned(),
        "1.2.840.10040.4.1" => "DSA".to_owned(),
        "1.3.101.110" => "X25519".to_owned(),
        "1.3.101.111" => "X448".to_owned(),
        "1.3.101.113" => "Ed448".to_owned(),
        other => format!("the algorithm with the object identifier {other}"),
    }
}
