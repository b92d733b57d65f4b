//! Private and public keys.

mod check;
mod cipher;
mod encoding;
mod error;
mod file;
mod form;
mod guess;
mod identifier;
mod jwk;
mod legacy;
mod pair;
mod pbes2;
mod pem;
mod pkcs8;
mod private;
mod public;
mod sec1;
mod sequence;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use zeroize::Zeroizing;

pub use error::KeyError;
pub use jwk::Jwk;
use pair::KeyPair;
pub use public::{InvalidSignature, VerifyingKey};

use crate::KeyAlgorithm;

/// A private key that signs requests. Clones share one key; it is wiped from memory when the last
/// of them is dropped. `Debug` shows the algorithm alone.
#[derive(Clone)]
pub struct SigningKey(Arc<KeyPair>);

impl SigningKey {
    /// Reads a private key from a PEM file, in any of the forms that [`from_pem`](Self::from_pem)
    /// reads.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unreadable`] when the file cannot be read; [`KeyError::InFile`], which names
    /// the file and holds the reason, when it has no usable key.
    pub fn from_pem_file(
        path: impl AsRef<Path>,
        passphrase: Option<&str>,
    ) -> Result<Self, KeyError> {
        file::parse(path.as_ref(), |text| Self::from_pem(text, passphrase))
    }

    /// Reads a private key from PEM text (RFC 7468), in any of these forms:
    ///
    /// * `EC PRIVATE KEY`: SEC1 (RFC 5915), also behind an `EC PARAMETERS` block, and also
    ///   encrypted as `openssl ec -aes256` does it (`Proc-Type: 4,ENCRYPTED` with AES-CBC or
    ///   DES-EDE3-CBC);
    /// * `PRIVATE KEY`: PKCS#8 (RFC 5208, RFC 5958), version 1 or 2;
    /// * `ENCRYPTED PRIVATE KEY`: PKCS#8 under PBES2 (RFC 8018), with AES-128-CBC or AES-256-CBC
    ///   and a key from scrypt (RFC 7914) or from PBKDF2 with HMAC-SHA-1, HMAC-SHA-256 or
    ///   HMAC-SHA-512.
    ///
    /// The key must be a P-521 or an Ed25519 key. Text around the blocks, and blocks other than
    /// private keys, are skipped; the first private key counts. A passphrase given for a key
    /// that is not encrypted is accepted and not used.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that says what was found instead of such a key.
    pub fn from_pem(pem: &str, passphrase: Option<&str>) -> Result<Self, KeyError> {
        private::from_pem(pem, passphrase).map(Self::new)
    }

    /// Reads a private key from a DER document: any document that [`from_pem`](Self::from_pem)
    /// finds in a PEM block, without PEM around it. The structure of the document tells which form
    /// it has.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that says what was found instead of such a key.
    pub fn from_der(der: &[u8], passphrase: Option<&str>) -> Result<Self, KeyError> {
        private::from_der(der, passphrase).map(Self::new)
    }

    /// Reads a private key from a JWK (RFC 7517): the members of the public key (see
    /// [`VerifyingKey::from_jwk`]) and `d`.
    ///
    /// # Errors
    ///
    /// A [`KeyError`] that says what was found instead of such a key: [`KeyError::PublicKey`]
    /// when there is no `d`, [`KeyError::HalvesDiffer`] when `d` belongs to another public key.
    pub fn from_jwk(json: &str) -> Result<Jwk<Self>, KeyError> {
        jwk::private(json).map(|jwk| jwk.map(Self::new))
    }

    fn new(pair: KeyPair) -> Self {
        Self(Arc::new(pair))
    }

    /// Makes a new random key.
    ///
    /// # Errors
    ///
    /// [`KeyError::Crypto`] when the cryptographic library fails.
    pub fn generate(algorithm: KeyAlgorithm) -> Result<Self, KeyError> {
        KeyPair::generate(algorithm).map(Self::new)
    }

    /// The private key as unencrypted PKCS#8 PEM (`PRIVATE KEY`): handle with care. The text is
    /// wiped from memory when dropped.
    ///
    /// # Panics
    ///
    /// When memory runs out while the key is written down.
    pub fn to_pkcs8_pem(&self) -> Zeroizing<String> {
        pem::encode(pem::PKCS8, &pkcs8::encode(&self.0))
    }

    /// The private key as encrypted PKCS#8 PEM (`ENCRYPTED PRIVATE KEY`): PBES2 (RFC 8018) with
    /// AES-256-CBC and a key from PBKDF2-HMAC-SHA-256 of 600,000 iterations over the UTF-8 bytes of
    /// the passphrase. OpenSSL reads it.
    ///
    /// # Errors
    ///
    /// [`KeyError::PassphraseEmpty`] when the passphrase has no characters; [`KeyError::Crypto`]
    /// when the cryptographic library makes no random numbers.
    ///
    /// # Panics
    ///
    /// When memory runs out while the key is written down.
    pub fn to_encrypted_pem(&self, passphrase: &str) -> Result<String, KeyError> {
        let document = pbes2::encrypt(&pkcs8::encode(&self.0), passphrase)?;
        Ok(pem::encode(pem::ENCRYPTED_PKCS8, &document).to_string())
    }

    /// Writes the private key to a new file, as [`to_encrypted_pem`](Self::to_encrypted_pem)
    /// puts it. On Unix, only the owner can read and write the file (mode 0600). The file appears
    /// under its name when it is whole; on a file system without hard links, an empty file has the
    /// name just before.
    ///
    /// # Errors
    ///
    /// [`KeyError::FileExists`] when something has this name already: nothing is overwritten.
    /// [`KeyError::Unwritable`] when the file cannot be written. The errors of
    /// [`to_encrypted_pem`](Self::to_encrypted_pem).
    ///
    /// # Panics
    ///
    /// When memory runs out while the key is written down.
    pub fn write_encrypted_pem_file(
        &self,
        path: impl AsRef<Path>,
        passphrase: &str,
    ) -> Result<(), KeyError> {
        file::write_new(path.as_ref(), &self.to_encrypted_pem(passphrase)?)
    }

    /// The public half of this key.
    ///
    /// # Panics
    ///
    /// When memory runs out while the key is copied.
    pub fn verifying_key(&self) -> VerifyingKey {
        let public = self.0.public();
        match self.algorithm() {
            KeyAlgorithm::EcdsaP521Sha512 => VerifyingKey::from_p521_point(public),
            KeyAlgorithm::Ed25519 => VerifyingKey::from_ed25519(public),
        }
        .expect("the public half of a valid key is valid")
    }

    /// The algorithm of this key.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.0.algorithm()
    }

    /// Signs a message. With a P-521 key, the signature is ASN.1 DER over the SHA-512 of the
    /// message; with the feature `aws-lc`, it differs every time, and with `pure-rust` alone, it is
    /// the one of RFC 6979. With an Ed25519 key, it is 64 bytes over the message itself, and always
    /// the same.
    ///
    /// # Errors
    ///
    /// [`KeyError::Crypto`] when the cryptographic library fails.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.0.sign(message)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}
