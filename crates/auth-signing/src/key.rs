//! Private and public keys.

mod error;
mod legacy;
mod pem;
mod private;
mod public;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use zeroize::Zeroizing;

pub use error::KeyError;
pub use public::{InvalidSignature, VerifyingKey};

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

/// A private key that signs requests. Clones share one key; it is wiped from memory with the
/// last of them. `Debug` shows the algorithm alone.
#[derive(Clone)]
pub struct SigningKey(Arc<KeyPair>);

/// The key pair in the form that the cryptographic library signs with.
enum KeyPair {
    EcdsaP521(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKey {
    /// Reads a private key from a PEM file. Which forms are read is said at
    /// [`from_pem`](Self::from_pem).
    ///
    /// # Errors
    ///
    /// [`KeyError::Unreadable`] when the file cannot be read; [`KeyError::InFile`], which names
    /// the file and holds the reason, when it has no usable key.
    pub fn from_pem_file(
        path: impl AsRef<Path>,
        passphrase: Option<&str>,
    ) -> Result<Self, KeyError> {
        let path = path.as_ref();
        let bytes = Zeroizing::new(std::fs::read(path).map_err(|source| KeyError::Unreadable {
            path: path.to_owned(),
            source,
        })?);
        std::str::from_utf8(&bytes)
            .map_err(|_| KeyError::NotPem)
            .and_then(|text| Self::from_pem(text, passphrase))
            .map_err(|error| KeyError::InFile {
                path: path.to_owned(),
                error: Box::new(error),
            })
    }

    /// Reads a private key from PEM text (RFC 7468), in any of these forms:
    ///
    /// * `EC PRIVATE KEY`: SEC1 (RFC 5915), also behind an `EC PARAMETERS` block, and also
    ///   encrypted as `openssl ec -aes256` does it (`Proc-Type: 4,ENCRYPTED` with AES-CBC);
    /// * `PRIVATE KEY`: PKCS#8 (RFC 5208, RFC 5958), version 1 or 2;
    /// * `ENCRYPTED PRIVATE KEY`: PKCS#8 under PBES2 (RFC 8018).
    ///
    /// The key must be a P-521 or an Ed25519 key. Text around the blocks, and blocks other than
    /// private keys, are skipped; the first private key counts. A passphrase given for a key
    /// that is not encrypted is accepted and not used.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that says what was found instead of such a key.
    pub fn from_pem(pem: &str, passphrase: Option<&str>) -> Result<Self, KeyError> {
        private::from_pem(pem, passphrase).map(|pair| Self(Arc::new(pair)))
    }

    /// Makes a new random key.
    ///
    /// # Errors
    ///
    /// [`KeyError::Crypto`] when the cryptographic library fails.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        let failed = |_| KeyError::Crypto {
            operation: "generate a key",
        };
        let pair = match algorithm {
            KeyAlgorithm::EcdsaP521Sha512 => KeyPair::EcdsaP521(
                EcdsaKeyPair::generate(&ECDSA_P521_SHA512_ASN1_SIGNING).map_err(failed)?,
            ),
            KeyAlgorithm::Ed25519 => KeyPair::Ed25519(Ed25519KeyPair::generate().map_err(failed)?),
        };
        Ok(Self(Arc::new(pair)))
    }

    /// The private key as unencrypted PKCS#8 PEM (`PRIVATE KEY`): handle with care. The text is
    /// wiped from memory when dropped.
    ///
    /// # Panics
    ///
    /// When memory runs out while the key is written down.
    pub fn to_pkcs8_pem(&self) -> Zeroizing<String> {
        let document = match &*self.0 {
            KeyPair::EcdsaP521(pair) => pair.to_pkcs8v1(),
            KeyPair::Ed25519(pair) => pair.to_pkcs8v1(),
        }
        .expect("a key held in memory can be written as PKCS#8");
        pem::encode(pem::PKCS8, document.as_ref())
    }

    /// The public half of this key.
    ///
    /// # Panics
    ///
    /// When memory runs out while the key is copied.
    pub fn verifying_key(&self) -> VerifyingKey {
        match &*self.0 {
            KeyPair::EcdsaP521(pair) => VerifyingKey::from_p521_point(pair.public_key().as_ref()),
            KeyPair::Ed25519(pair) => VerifyingKey::from_ed25519(pair.public_key().as_ref()),
        }
        .expect("the public half of a valid key is valid")
    }

    /// The algorithm of this key.
    pub fn algorithm(&self) -> KeyAlgorithm {
        match &*self.0 {
            KeyPair::EcdsaP521(_) => KeyAlgorithm::EcdsaP521Sha512,
            KeyPair::Ed25519(_) => KeyAlgorithm::Ed25519,
        }
    }

    /// Signs a message: an ASN.1 DER signature over its SHA-512 with a P-521 key, random every
    /// time; 64 bytes over the message itself with Ed25519, always the same.
    ///
    /// # Errors
    ///
    /// [`KeyError::Crypto`] when the cryptographic library fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &*self.0 {
            KeyPair::EcdsaP521(pair) => pair.sign(&SystemRandom::new(), message),
            KeyPair::Ed25519(pair) => pair.try_sign(message),
        }
        .map(|signature| signature.as_ref().to_vec())
        .map_err(|_| KeyError::Crypto { operation: "sign" })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}
