use std::time::SystemTime;

use http::HeaderMap;
use http::header::CONTENT_LENGTH;

use super::base::field_value;
use super::input::Algorithm;
use super::{Verified, Verifier, VerifyError, ecdsa};
use crate::{KeyAlgorithm, NonceVerdict, VerifyingKey};

/// A request whose headers are well-formed, before its signature and body are checked: what
/// [`Verifier::inspect`] returns.
///
/// Its sender may have made everything up, including the [`key_id`](Self::key_id). It says which
/// key to fetch, so keys can come from anywhere:
///
/// ```
/// use upvest_auth_signing::{Message, Verified, Verifier, VerifyError, VerifyingKey};
///
/// async fn verify(
///     verifier: &Verifier,
///     request: Message<'_>,
///     fetch_key: impl AsyncFn(&str) -> VerifyingKey,
/// ) -> Result<Verified, VerifyError> {
///     let unverified = verifier.inspect(request)?;
///     let key: VerifyingKey = fetch_key(unverified.key_id()).await;
///     unverified.verify(&key)
/// }
/// ```
///
/// A server can inspect a request before it reads the body: inspect a
/// [`Message`](crate::Message) with an empty body, read the body, and add it
/// [`with_body`](Self::with_body).
#[derive(Clone, Debug)]
#[must_use = "nothing is verified before `verify` was called"]
pub struct Unverified<'a> {
    pub(super) verifier: &'a Verifier,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    /// What the headers say, and the signature has not proved yet.
    pub(super) unproven: Verified,
    pub(super) algorithm: Option<Algorithm>,
    pub(super) signature: Vec<u8>,
    /// When it was inspected, and the last moment at which the signature is accepted.
    pub(super) now: SystemTime,
    pub(super) last_moment: SystemTime,
}

impl<'a> Unverified<'a> {
    /// The `keyid` of the key with which, by its own account, the signature was made: printable
    /// ASCII.
    pub fn key_id(&self) -> &str {
        &self.unproven.key_id
    }

    /// The request with this body, the bytes as received, in place of the one it was inspected with.
    pub fn with_body(self, body: &'a [u8]) -> Self {
        Self { body, ..self }
    }

    /// Checks the rest: that the signature was made by this key over this request, that it covers the
    /// body, the body itself, and that the nonce was not used before.
    ///
    /// # Errors
    ///
    /// A [`VerifyError`]: the first reason found to refuse the request.
    pub fn verify(self, key: &VerifyingKey) -> Result<Verified, VerifyError> {
        self.expect_algorithm(key.algorithm())?;
        self.expect_signature(key)?;
        if !self.body.is_empty() {
            let covers = |name: &str| self.unproven.covers(name);
            self.verifier
                .expect_body_covered(self.unproven.version, covers)?;
        }
        self.expect_body()?;
        self.expect_fresh()?;
        Ok(self.unproven)
    }

    fn expect_algorithm(&self, key: KeyAlgorithm) -> Result<(), VerifyError> {
        match (self.algorithm, key) {
            (None, _) | (Some(Algorithm::Ed25519), KeyAlgorithm::Ed25519) => Ok(()),
            _ => Err(VerifyError::AlgorithmMismatch { key }),
        }
    }

    fn expect_signature(&self, key: &VerifyingKey) -> Result<(), VerifyError> {
        let (base, signature) = (self.unproven.base.as_bytes(), &self.signature);
        let result = match key.algorithm() {
            KeyAlgorithm::EcdsaP521Sha512 => {
                let encoding = self.verifier.encoding;
                if !encoding.fits(signature) {
                    return Err(VerifyError::SignatureEncoding {
                        length: signature.len(),
                        expected: encoding.name(),
                    });
                }
                ecdsa::verify(key, encoding, base, signature)
            }
            KeyAlgorithm::Ed25519 => key.verify(base, signature),
        };
        result.map_err(|_| VerifyError::SignatureMismatch)
    }

    /// Checks length and digest; that they are covered was checked before.
    fn expect_body(&self) -> Result<(), VerifyError> {
        let body = self.body;
        if let Some(length) = field_value(self.headers, &CONTENT_LENGTH)
            && length != body.len().to_string().as_bytes()
        {
            return Err(VerifyError::ContentLengthMismatch {
                declared: String::from_utf8_lossy(&length).into_owned(),
                actual: body.len(),
            });
        }
        let version = self.unproven.version;
        if let Some(digest) = field_value(self.headers, &version.digest_header()) {
            version.verify_body_digest(&String::from_utf8_lossy(&digest), body)?;
        }
        Ok(())
    }

    fn expect_fresh(&self) -> Result<(), VerifyError> {
        // That there is a nonce was checked before.
        let (Some(nonces), Some(nonce)) = (&self.verifier.nonces, &self.unproven.nonce) else {
            return Ok(());
        };
        match nonces.remember(&self.unproven.key_id, nonce, self.last_moment, self.now) {
            NonceVerdict::Fresh => Ok(()),
            NonceVerdict::Replayed => Err(VerifyError::NonceReplayed {
                nonce: nonce.clone(),
            }),
            NonceVerdict::Full => Err(VerifyError::NonceStoreFull),
        }
    }
}
