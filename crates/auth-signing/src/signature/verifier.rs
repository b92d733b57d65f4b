use std::sync::Arc;
use std::time::Duration;

use http::uri::{PathAndQuery, Uri};

use super::base::{field_value, query};
use super::coverage::{declares_body, expect_covered, is_about_body, is_digest};
use super::input::{self, SignatureInput};
use super::{
    EcdsaEncoding, KeyLookup, LABEL, Limits, Message, SignatureVersion, Unverified, Verified,
    VerifyError,
};
use crate::header::{SIGNATURE, SIGNATURE_INPUT, UPVEST_SIGNATURE_VERSION};
use crate::{Clock, MemoryNonceStore, NonceStore, SystemClock};

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
    pub(super) nonces: Option<Arc<dyn NonceStore>>,
    versions: Vec<SignatureVersion>,
    pub(super) encoding: EcdsaEncoding,
    pub(super) max_lifetime: Duration,
    pub(super) allowed_skew: Duration,
    pub(super) grace: Duration,
    /// How long a signature without `expires` is valid, if it is at all.
    pub(super) assumed_lifetime: Option<Duration>,
    pub(super) any_age: bool,
    required: Vec<String>,
    limits: Limits,
    label: String,
    path: Option<PathAndQuery>,
}

/// What must be covered unless told otherwise. The digest always has to be.
const REQUIRED: [&str; 5] = [
    "@method",
    "@path",
    "@query",
    "content-length",
    "content-type",
];

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
            assumed_lifetime: None,
            any_age: false,
            required: REQUIRED.map(str::to_owned).into(),
            limits: Limits::default(),
            label: LABEL.to_owned(),
            path: None,
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

    /// Accepts signatures without `expires`, as if they were valid for this long after `created`. The
    /// [grace](Self::grace) does not extend it.
    pub fn expires_optional(mut self, lifetime: Duration) -> Self {
        self.assumed_lifetime = Some(lifetime);
        self
    }

    /// Refuses signatures without `expires`, as a new verifier does.
    pub fn expires_required(mut self) -> Self {
        self.assumed_lifetime = None;
        self
    }

    /// Accepts signatures however long ago they expired. For requests that are known from before.
    pub fn without_age_check(mut self) -> Self {
        self.any_age = true;
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

    /// The path that requests were sent to, whatever theirs is by now: a proxy that rewrites paths does
    /// not change what was signed. The query stays that of the request.
    pub fn path(mut self, path: PathAndQuery) -> Self {
        self.path = Some(path);
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
        let unverified = self.inspect_requiring(message.into(), components)?;
        let key = self.keys.key(unverified.key_id());
        let key = key.ok_or_else(|| VerifyError::UnknownKey {
            key_id: unverified.key_id().to_owned(),
        })?;
        unverified.verify(&key)
    }

    /// Checks all that can be told without the key: that the headers are well-formed, that the
    /// signature covers what it must, and its time. For keys that are fetched, and for servers that
    /// look at the head of a request before they read its body: see [`Unverified`].
    ///
    /// Nothing is used up, so that a request can be inspected any number of times.
    ///
    /// # Errors
    ///
    /// A [`VerifyError`]: the first reason found to refuse the request.
    pub fn inspect<'a>(
        &'a self,
        message: impl Into<Message<'a>>,
    ) -> Result<Unverified<'a>, VerifyError> {
        self.inspect_requiring(message.into(), &[])
    }

    fn inspect_requiring<'a>(
        &'a self,
        message: Message<'a>,
        components: &[&str],
    ) -> Result<Unverified<'a>, VerifyError> {
        let (headers, body) = (message.headers, message.body);
        let uri = self.path.as_ref().map(|path| with_path(message.uri, path));
        let uri = uri.as_ref().unwrap_or(message.uri);
        let message = Message { uri, ..message };
        let version = self.version_of(message)?;
        let header = |name| input::value(headers, name, &self.limits);
        let input = header(SIGNATURE_INPUT)?;
        let input = SignatureInput::parse(&input, &self.label, &self.limits)?;
        let signature = input::signature(&header(SIGNATURE)?, &self.label, &self.limits)?;

        self.expect_parameters(&input)?;
        self.expect_components(message, &input, components)?;
        if !body.is_empty() || declares_body(headers) {
            self.expect_body_covered(version, |name| input.covers(name))?;
        }
        let now = self.clock.now();
        let last_moment = self.expect_timely(&input, now)?;
        let (base, places) = input.base(message, version)?;
        Ok(Unverified {
            verifier: self,
            headers,
            body,
            algorithm: input.algorithm,
            signature,
            now,
            last_moment,
            claims: Verified {
                version,
                key_id: input.key_id,
                created: input.created,
                expires: input.expires,
                nonce: input.nonce,
                base,
                places,
            },
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
        if self.assumed_lifetime.is_none() && input.expires.is_none() {
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
        input: &SignatureInput<'_>,
        more: &[&str],
    ) -> Result<(), VerifyError> {
        let applies = |name: &&str| match *name {
            "@query" => query(message.uri).is_some(),
            name => !is_about_body(name),
        };
        let required = self.required.iter().map(String::as_str).filter(applies);
        let required = required.chain(more.iter().copied());
        expect_covered(required, |name| input.covers(name))
    }

    /// What only a request with a body has to cover.
    pub(super) fn expect_body_covered(
        &self,
        version: SignatureVersion,
        covers: impl Fn(&str) -> bool,
    ) -> Result<(), VerifyError> {
        let digest = version.digest_header();
        let required = self.required.iter().map(String::as_str);
        let required = required.filter(|name| is_about_body(name) && !is_digest(name));
        expect_covered(required.chain([digest.as_str()]), covers)
    }
}

/// The URI with another path and its own query.
fn with_path(uri: &Uri, path: &PathAndQuery) -> Uri {
    let text = match uri.query() {
        Some(query) => format!("{}?{query}", path.path()),
        None => path.path().to_owned(),
    };
    // Both parts were valid before.
    text.parse().unwrap_or_else(|_| uri.clone())
}
