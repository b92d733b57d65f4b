use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};

use super::{Signature, SignerError};
use crate::{KeyAlgorithm, SigningKey, VerifyingKey};

/// Signs with a key that may be outside this process: in an HSM, an agent or a key service.
///
/// It does nothing but sign. [`RemoteSigner`](crate::RemoteSigner) limits its time and the number
/// of signatures at once, checks its answers, and does not ask it while it is down.
///
/// A [`SigningKey`] is a signer too, and so is a shared signer in an [`Arc`].
///
/// ```
/// use futures_util::future::BoxFuture;
/// use upvest_auth_signing::{KeyAlgorithm, RequestSigner, Signature, SignerError};
///
/// struct Hsm;
///
/// # async fn ask_hsm(_: &[u8]) -> Result<Vec<u8>, std::io::Error> { Ok(Vec::new()) }
/// impl RequestSigner for Hsm {
///     fn name(&self) -> &str {
///         "our HSM"
///     }
///
///     fn algorithm(&self) -> KeyAlgorithm {
///         KeyAlgorithm::EcdsaP521Sha512
///     }
///
///     fn sign<'a>(&'a self, base: &'a [u8]) -> BoxFuture<'a, Result<Signature, SignerError>> {
///         Box::pin(async move {
///             let answer = ask_hsm(base).await.map_err(SignerError::unavailable)?;
///             Signature::ecdsa_fixed_width(&answer).map_err(SignerError::failed)
///         })
///     }
/// }
/// ```
pub trait RequestSigner: Send + Sync {
    /// The name of the signer in errors and spans. It must not be a secret.
    fn name(&self) -> &str;

    /// The algorithm of the key.
    fn algorithm(&self) -> KeyAlgorithm;

    /// The public half of the key, if known. Signatures are checked with it before they are used.
    fn verifying_key(&self) -> Option<VerifyingKey> {
        None
    }

    /// Signs a signature base: its SHA-512 with P-521, the base itself with Ed25519.
    ///
    /// # Errors
    ///
    /// [`SignerError::unavailable`] when the signer cannot be reached or is too busy, which may
    /// pass; [`SignerError::failed`] for everything else.
    fn sign<'a>(&'a self, base: &'a [u8]) -> BoxFuture<'a, Result<Signature, SignerError>>;
}

impl<S: RequestSigner + ?Sized> RequestSigner for Arc<S> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn algorithm(&self) -> KeyAlgorithm {
        (**self).algorithm()
    }

    fn verifying_key(&self) -> Option<VerifyingKey> {
        (**self).verifying_key()
    }

    fn sign<'a>(&'a self, base: &'a [u8]) -> BoxFuture<'a, Result<Signature, SignerError>> {
        (**self).sign(base)
    }
}

impl RequestSigner for SigningKey {
    fn name(&self) -> &str {
        "the key in this process"
    }

    fn algorithm(&self) -> KeyAlgorithm {
        self.algorithm()
    }

    fn verifying_key(&self) -> Option<VerifyingKey> {
        Some(self.verifying_key())
    }

    fn sign<'a>(&'a self, base: &'a [u8]) -> BoxFuture<'a, Result<Signature, SignerError>> {
        let signature = self.sign(base).map_err(SignerError::failed);
        let signature = signature.and_then(|signature| {
            match self.algorithm() {
                KeyAlgorithm::EcdsaP521Sha512 => Signature::ecdsa_der(&signature),
                KeyAlgorithm::Ed25519 => Signature::ed25519(&signature),
            }
            .map_err(SignerError::failed)
        });
        ready(signature).boxed()
    }
}
