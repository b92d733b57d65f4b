use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::header::CONTENT_LENGTH;

use super::base::{field_value, query};
use super::input::{self, Algorithm, SignatureInput};
use super::{
    EcdsaEncoding, KeyLookup, LABEL, Limits, Message, SignatureVersion, Verified, VerifyError,
    ecdsa,
};
use crate::header::{SIGNATURE, SIGNATURE_INPUT, UPVEST_SIGNATURE_VERSION};
use crate::{
    Clock, KeyAlgorithm, MemoryNonceStore, NonceStore, NonceVerdict, SystemClock, VerifyingKey,
};

/// Checks the signatures of requests by the API's rules, strictly, as a server does: those of version
/// 15 unless told otherwise.
///
/// One call checks everything: the signature, that it covers what it must, its time, the digest
/// of the body, and that its nonce was not used before.
///
/// How strict the API itself is about lifetime, clock skew and nonces is not published. The
/// limits here are the widest that its own clients need: 60 seconds of lifetime, and 5 seconds
/// of skew for good measure.
///
/// ```
/// use std::collections::HashMap;
/// use bytes::Bytes;
/// use upvest_auth_signing::{KeyAlgorithm, Signer, SigningKey, Verifier};
///
/// let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512)?;
/// let verifier = Verifier::new(HashMap::from([("my-key".to_owned(), key.verifying_key())]));
///
/// let mut request = http::Request::get("https://sandbox.upvest.co/users").body(Bytes::new())?;
/// Signer::new(key, "my-key").sign(&mut request)?;
///
/// let verified = verifier.verify(&request)?;
/// assert_eq!(verified.value("@path"), Some("/users"));
/// assert!(verifier.verify(&request).is_err(), "the nonce is used up");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Webhooks come with signatures of version 6. What else they are like is not published, so that it
/// is best not to insist on more than is needed, and to tell repeated deliveries by the id of the
/// event:
///
/// ```
/// use std::time::Duration;
/// use upvest_auth_signing::{EcdsaEncoding, Message, SignatureVersion, Verifier};
///
/// # let keys = |_: &str| None;
/// # let (method, uri) = (http::Method::POST, http::Uri::from_static("/webhooks"));
/// # let (headers, body) = (http::HeaderMap::new(), b"{}");
/// let verifier = Verifier::new(keys)
///     .version(SignatureVersion::V6)
///     .required(["@method", "@path", "@query"])
///     .ecdsa_encoding(EcdsaEncoding::Either)
///     .grace(Duration::from_secs(600))
///     .without_replay_check();
/// let result = verifier.verify(Message { method: &method, uri: &uri, headers: &headers, body });
/// # assert!(result.is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: Arc<dyn KeyLookup>,
    clock: Arc<dyn Clock>,
    nonces: Option<Arc<dyn NonceStore>>,
    versions: Vec<SignatureVersion>,
    encoding: EcdsaEncoding,
    max_lifetime: Duration,
    allowed_skew: Duration,
    grace: Duration,
    expires_required: bool,
    required: Vec<String>,
    limits: Limits,
    label: String,
}

/// What must be covered unless told otherwise. The digest always has to be.
const REQUIRED: [&str; 5] = [
    "@method",
    "@path",
    "@query",
    "content-length",
    "content-type",
];

/// Longer than anything runs, and short enough to be added to any time.
const FOREVER: Duration = Duration::from_secs(10_000_000_000);

impl Verifier {
    /// A verifier for signatures by these keys: version 15, lifetime up to 60 seconds, 5 seconds of
    /// skew, nonces remembered in a [`MemoryNonceStore`], which clones share.
    pub fn new(keys: impl KeyLookup + 'static) -> Self {
        Self {
            keys: Arc::new(keys),
            clock: Arc::new(SystemClock),
            nonces: Some(Arc::new(MemoryNonceStore::default())),
            versions: vec![SignatureVersion::V15],
            encoding: EcdsaEncoding::Der,
            max_lifetime: Duration::from_secs(60),
            allowed_skew: Duration::from_secs(5),
            grace: Duration::ZERO,
            expires_required: true,
            required: REQUIRED.map(str::to_owned).into(),
            limits: Limits::default(),
            label: LABEL.to_owned(),
        }
    }

    /// The one version to accept.
    pub fn version(self, version: SignatureVersion) -> Self {
        self.versions([version])
    }

    /// The versions to accept. Which of them a request is judged by is decided as
    /// [`SignatureVersion::of`] has it. No signature is valid in both.
    pub fn versions(mut self, versions: impl IntoIterator<Item = SignatureVersion>) -> Self {
        self.versions = versions.into_iter().collect();
        self
    }

    /// How ECDSA signatures have to be written: in DER unless told otherwise.
    pub fn ecdsa_encoding(mut self, encoding: EcdsaEncoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// The clock that signatures are judged by.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where used nonces are remembered.
    pub fn nonce_store(mut self, store: impl NonceStore + 'static) -> Self {
        self.nonces = Some(Arc::new(store));
        self
    }

    /// Accepts a signature any number of times while it is valid, and also without a nonce. For
    /// receivers that notice repetitions themselves.
    pub fn without_replay_check(mut self) -> Self {
        self.nonces = None;
        self
    }

    /// The longest time accepted between `created` and `expires`.
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = lifetime;
        self
    }

    /// By how much the clock of the signer may differ.
    pub fn allowed_skew(mut self, skew: Duration) -> Self {
        self.allowed_skew = skew;
        self
    }

    /// For how long after `expires` a signature is still accepted, besides the skew: not at all
    /// unless told otherwise. For senders that repeat a request without signing it afresh.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Accepts signatures without `expires`, as if they were valid for the
    /// [longest time accepted](Self::max_lifetime).
    pub fn expires_optional(mut self) -> Self {
        self.expires_required = false;
        self
    }

    /// Components that every signature must cover, besides those that are required already.
    pub fn require<C: Into<String>>(mut self, components: impl IntoIterator<Item = C>) -> Self {
        self.required.extend(components.into_iter().map(Into::into));
        self
    }

    /// The components that every signature must cover, in place of `@method`, `@path`, `@query`,
    /// `content-length` and `content-type`. `@query` is required only of requests with a query, and
    /// the two fields only of requests with a body. The digest (`content-digest`, or `digest` in
    /// version 6) is always required of requests with a body, listed or not.
    pub fn required<C: Into<String>>(mut self, components: impl IntoIterator<Item = C>) -> Self {
        self.required = components.into_iter().map(Into::into).collect();
        self
    }

    /// How much of the headers to look at.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The label of the signature to check, `sig1` unless told otherwise. Signatures under other
    /// labels are ignored.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Checks a request with its body bytes as received: a `&Request`, or a [`Message`] of its parts.
    ///
    /// A signature must cover `@method`, `@path`, `@query` when there is a query, and
    /// `content-length`, `content-type` and the digest when there is a body, and whatever
    /// [`require`](Self::require) adds, unless [`required`](Self::required) says otherwise. All four
    /// parameters `keyid`, `created`, `expires` and `nonce` must be there.
    ///
    /// # Errors
    ///
    /// A [`VerifyError`]: the first reason found to refuse the request.
    pub fn verify<'a>(&self, message: impl Into<Message<'a>>) -> Result<Verified, VerifyError> {
        self.verify_requiring(message, &[])
    }

    /// Like [`verify`](Self::verify), for a request whose signature must cover `components` too:
    /// `authorization`, say, for everything but the token request.
    ///
    /// # Errors
    ///
    /// A [`VerifyError`]: the first reason found to refuse the request.
    pub fn verify_requiring<'a>(
        &self,
        message: impl Into<Message<'a>>,
        components: &[&str],
    ) -> Result<Verified, VerifyError> {
        let message = message.into();
        let version = self.version_of(message)?;
        let header = |name| input::value(message.headers, name, &self.limits);
        let input = header(SIGNATURE_INPUT)?;
        let input = SignatureInput::parse(&input, &self.label, &self.limits)?;
        let signature = input::signature(&header(SIGNATURE)?, &self.label, &self.limits)?;

        self.expect_parameters(&input)?;
        self.expect_components(message, version, &input, components)?;
        let now = self.clock.now();
        let last_moment = self.expect_timely(&input, now)?;

        let key = self
            .keys
            .key(&input.key_id)
            .ok_or_else(|| VerifyError::UnknownKey {
                key_id: input.key_id.clone(),
            })?;
        expect_algorithm(&input, key.algorithm())?;
        let (base, places) = input.base(message, version)?;
        self.expect_signature(&key, base.as_bytes(), &signature)?;

        expect_body(message, version)?;
        self.expect_fresh(&input, last_moment, now)?;
        Ok(Verified {
            version,
            key_id: input.key_id,
            created: input.created,
            expires: input.expires,
            nonce: input.nonce,
            base,
            places,
        })
    }

    fn version_of(&self, message: Message<'_>) -> Result<SignatureVersion, VerifyError> {
        SignatureVersion::of(message.headers)
            .filter(|version| self.versions.contains(version))
            .ok_or_else(|| VerifyError::Version {
                found: field_value(message.headers, &UPVEST_SIGNATURE_VERSION)
                    .map(|found| String::from_utf8_lossy(&found).into_owned()),
                accepted: self.versions.clone(),
            })
    }

    fn expect_parameters(&self, input: &SignatureInput<'_>) -> Result<(), VerifyError> {
        let missing = |name| Err(VerifyError::MissingParameter { name });
        if self.expires_required && input.expires.is_none() {
            return missing("expires");
        }
        if self.nonces.is_some() && input.nonce.is_none() {
            return missing("nonce");
        }
        Ok(())
    }

    fn expect_components(
        &self,
        message: Message<'_>,
        version: SignatureVersion,
        input: &SignatureInput<'_>,
        more: &[&str],
    ) -> Result<(), VerifyError> {
        let has_body = !message.body.is_empty();
        let applies = |name: &&str| match *name {
            "@query" => query(message.uri).is_some(),
            "content-length" | "content-type" => has_body,
            // Required by the version, below.
            "content-digest" | "digest" => false,
            _ => true,
        };
        let digest = version.digest_header();
        let required = self.required.iter().map(String::as_str).filter(applies);
        required
            .chain(has_body.then_some(digest.as_str()))
            .chain(more.iter().copied())
            .find(|name| !input.covers(name))
            .map_or(Ok(()), |name| {
                Err(VerifyError::MissingComponent {
                    name: name.to_owned(),
                })
            })
    }

    /// The last moment at which the signature is accepted.
    fn expect_timely(
        &self,
        input: &SignatureInput<'_>,
        now: SystemTime,
    ) -> Result<SystemTime, VerifyError> {
        let created = input.created;
        let lifetime = match input.expires {
            Some(expires) => expires
                .duration_since(created)
                .ok()
                .filter(|lifetime| !lifetime.is_zero())
                .ok_or(VerifyError::ExpiresBeforeCreated)?,
            None => self.max_lifetime,
        };
        if lifetime > self.max_lifetime {
            return Err(VerifyError::LifetimeTooLong {
                lifetime,
                limit: self.max_lifetime,
            });
        }
        // One of the two is zero.
        let ahead = created.duration_since(now).unwrap_or_default();
        let age = now.duration_since(created).unwrap_or_default();
        if ahead > self.allowed_skew {
            return Err(VerifyError::CreatedInFuture { ahead });
        }
        let accepted = lifetime
            .saturating_add(self.allowed_skew)
            .saturating_add(self.grace);
        let Some(left) = accepted.saturating_add(ahead).checked_sub(age) else {
            return Err(VerifyError::Expired {
                ago: age - lifetime,
            });
        };
        Ok(now + left.min(FOREVER))
    }

    fn expect_signature(
        &self,
        key: &VerifyingKey,
        base: &[u8],
        signature: &[u8],
    ) -> Result<(), VerifyError> {
        let result = match key.algorithm() {
            KeyAlgorithm::EcdsaP521Sha512 => {
                if !self.encoding.fits(signature) {
                    return Err(VerifyError::SignatureEncoding {
                        length: signature.len(),
                        expected: self.encoding.name(),
                    });
                }
                ecdsa::verify(key, self.encoding, base, signature)
            }
            KeyAlgorithm::Ed25519 => key.verify(base, signature),
        };
        result.map_err(|_| VerifyError::SignatureMismatch)
    }

    fn expect_fresh(
        &self,
        input: &SignatureInput<'_>,
        last_moment: SystemTime,
        now: SystemTime,
    ) -> Result<(), VerifyError> {
        // That there is a nonce was checked before.
        let (Some(nonces), Some(nonce)) = (&self.nonces, &input.nonce) else {
            return Ok(());
        };
        match nonces.remember(&input.key_id, nonce, last_moment, now) {
            NonceVerdict::Fresh => Ok(()),
            NonceVerdict::Replayed => Err(VerifyError::NonceReplayed {
                nonce: nonce.clone(),
            }),
            NonceVerdict::Full => Err(VerifyError::NonceStoreFull),
        }
    }
}

fn expect_algorithm(input: &SignatureInput<'_>, key: KeyAlgorithm) -> Result<(), VerifyError> {
    match (input.algorithm, key) {
        (None, _) | (Some(Algorithm::Ed25519), KeyAlgorithm::Ed25519) => Ok(()),
        _ => Err(VerifyError::AlgorithmMismatch { key }),
    }
}

/// Checks length and digest; that they are covered was checked before.
fn expect_body(message: Message<'_>, version: SignatureVersion) -> Result<(), VerifyError> {
    let body = message.body;
    if let Some(length) = field_value(message.headers, &CONTENT_LENGTH)
        && length != body.len().to_string().as_bytes()
    {
        return Err(VerifyError::ContentLengthMismatch {
            declared: String::from_utf8_lossy(&length).into_owned(),
            actual: body.len(),
        });
    }
    if let Some(digest) = field_value(message.headers, &version.digest_header()) {
        version.verify_body_digest(&String::from_utf8_lossy(&digest), body)?;
    }
    Ok(())
}
