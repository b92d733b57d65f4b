//! Keys in an HSM or another token with a PKCS#11 module.
//!
//! ```no_run
//! use upvest_auth_signing::{RemoteSigner, Signer};
//! use upvest_signers::Secret;
//! use upvest_signers::pkcs11::Pkcs11Signer;
//!
//! # async fn example() -> Result<(), upvest_signers::OpenError> {
//! let signer = Pkcs11Signer::module("/usr/lib/softhsm/libsofthsm2.so")
//!     .token_label("upvest")
//!     .key_label("api")
//!     .pin(Secret::file("/run/secrets/hsm-pin"))
//!     .open()
//!     .await?;
//! let signer = Signer::new(RemoteSigner::new(signer), "8d4997a8-cf7a-4e51-adbb-401656a3e5c2");
//! # let _ = signer;
//! # Ok(())
//! # }
//! ```

mod key;
mod login;
mod options;
mod token;
mod uri;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;
use upvest_auth_signing::{KeyAlgorithm, RequestSigner, Signature, SignerError, VerifyingKey};

pub use options::Pkcs11Options;

use crate::OpenError;
use token::Token;

impl Pkcs11Options {
    /// Loads the module, logs in, and finds the key and its public half.
    ///
    /// # Errors
    ///
    /// When the module cannot be loaded, when the token or the key does not exist or its name is
    /// not unique, when the PIN is wrong, or when the key is neither P-521 nor Ed25519.
    ///
    /// # Panics
    ///
    /// When it is called outside of a tokio runtime.
    pub async fn open(self) -> Result<Pkcs11Signer, OpenError> {
        let permits = Semaphore::new(self.sessions);
        let opened = spawn_blocking(move || Token::open(&self)).await;
        let token = opened.map_err(|error| OpenError::because("the module panicked", error))??;
        Ok(Pkcs11Signer {
            name: token.name().into(),
            algorithm: token.algorithm(),
            public: token.public().cloned(),
            token: Arc::new(token),
            permits,
        })
    }
}

/// Signs with a key in a PKCS#11 token.
///
/// Signatures are made on tokio's threads for blocking calls, at most as many at a time as there
/// are sessions. When the token reports that the session or the login has ended, it opens a new
/// one, once for each signature. A PIN that the token refuses is not tried again until it changes,
/// since tokens lock after a few wrong PINs.
pub struct Pkcs11Signer {
    token: Arc<Token>,
    name: String,
    algorithm: KeyAlgorithm,
    public: Option<VerifyingKey>,
    permits: Semaphore,
}

impl Pkcs11Signer {
    /// Names the PKCS#11 module, a shared library.
    pub fn module(path: impl Into<PathBuf>) -> Pkcs11Options {
        Pkcs11Options::new(path.into())
    }

    async fn signed(&self, base: &[u8]) -> Result<Signature, SignerError> {
        let _turn = self.permits.acquire().await;
        let (token, base) = (Arc::clone(&self.token), base.to_vec());
        let raw = spawn_blocking(move || token.sign(&base))
            .await
            .map_err(SignerError::failed)??;
        match self.algorithm {
            KeyAlgorithm::EcdsaP521Sha512 => Signature::ecdsa_fixed_width(&raw),
            _ => Signature::ed25519(&raw),
        }
        .map_err(SignerError::failed)
    }
}

impl RequestSigner for Pkcs11Signer {
    fn name(&self) -> &str {
        &self.name
    }

    fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm
    }

    fn verifying_key(&self) -> Option<VerifyingKey> {
        self.public.clone()
    }

    fn sign<'a>(&'a self, base: &'a [u8]) -> BoxFuture<'a, Result<Signature, SignerError>> {
        self.signed(base).boxed()
    }
}

impl fmt::Debug for Pkcs11Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pkcs11Signer")
            .field("name", &self.name)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
