use std::sync::Arc;
use std::time::Duration;

use http::uri::PathAndQuery;

use super::{EcdsaEncoding, KeyLookup, LABEL, Limits, SignatureVersion};
use crate::{Clock, MemoryNonceStore, NonceStore, SystemClock};

/// Checks the signatures of requests by the API's rules, as strictly as a server does. The rules
/// are those of version 15 unless [`version`](Self::version) or [`versions`](Self::versions) sets
/// others.
///
/// One call checks everything: the signature, that it covers what it must, its time, the digest
/// of the body, and that its nonce was not used before.
///
/// Upvest does not publish how strict the API itself is about lifetime, clock skew and nonces. The
/// limits here are 60 seconds of lifetime, the longest that Upvest's own clients use, and 5 seconds
/// of skew.
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
/// Webhooks come with signatures of version 6. Upvest publishes no more about them, so it is best
/// not to insist on more than is needed, and to recognise repeated deliveries by the id of the
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
    pub(super) keys: Arc<dyn KeyLookup>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) nonces: Option<Arc<dyn NonceStore>>,
    pub(super) versions: Vec<SignatureVersion>,
    pub(super) encoding: EcdsaEncoding,
    pub(super) max_lifetime: Duration,
    pub(super) allowed_skew: Duration,
    pub(super) grace: Duration,
    /// How long a signature without `expires` is valid, if it is at all.
    pub(super) assumed_lifetime: Option<Duration>,
    pub(super) any_age: bool,
    pub(super) required: Vec<String>,
    pub(super) limits: Limits,
    pub(super) label: String,
    pub(super) path: Option<PathAndQuery>,
}

/// What must be covered by default. The digest always has to be.
const REQUIRED: [&str; 5] = [
    "@method",
    "@path",
    "@query",
    "content-length",
    "content-type",
];

impl Verifier {
    /// Makes a verifier for signatures by these keys: version 15, lifetime up to 60 seconds, 5
    /// seconds of skew, nonces remembered in a [`MemoryNonceStore`], which clones share.
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

    /// The versions to accept. [`SignatureVersion::of`] decides by which of them a request is
    /// judged. No signature is valid in both.
    pub fn versions(mut self, versions: impl IntoIterator<Item = SignatureVersion>) -> Self {
        self.versions = versions.into_iter().collect();
        self
    }

    /// The encoding that ECDSA signatures must have. DER unless set.
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

    /// Accepts a signature any number of times while it is valid, and also without a nonce. It is
    /// for receivers that notice repetitions themselves.
    pub fn without_replay_check(mut self) -> Self {
        self.nonces = None;
        self
    }

    /// The longest time accepted between `created` and `expires`.
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.max_lifetime = lifetime;
        self
    }

    /// By how much the clock of the signer may differ. 5 seconds unless set.
    pub fn allowed_skew(mut self, skew: Duration) -> Self {
        self.allowed_skew = skew;
        self
    }

    /// For how long after `expires` a signature is still accepted, in addition to the skew. Zero
    /// unless set. It is for senders that repeat a request without signing it again.
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

    /// Accepts signatures however long ago they expired. It is for requests that were accepted
    /// before.
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

    /// How much of the signature headers to read.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The label of the signature to check. `sig1` unless set. Signatures under other labels are
    /// ignored.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// The path to which requests were sent, if a proxy rewrites it: the signature covers the
    /// original path. The query is that of the request.
    pub fn path(mut self, path: PathAndQuery) -> Self {
        self.path = Some(path);
        self
    }
}
