use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, DATE, HeaderName, HeaderValue,
};
use http::{HeaderMap, Request};

use super::base::{push_line, push_params, query};
use super::fields::{ascii, join_lines, labelled, push_string};
use super::key::{NamedKey, RequestKey};
use super::rotation::{Keys, Switch};
use super::{ClockSkew, LABEL, Message, SignError, SignatureVersion};
use crate::header::{
    CONTENT_DIGEST, DIGEST, SIGNATURE, SIGNATURE_INPUT, UPVEST_CLIENT_ID, UPVEST_SIGNATURE_VERSION,
};
use crate::metrics::Metrics;
use crate::{Clock, NonceSource, RandomNonce, SystemClock};

/// The header fields that are covered, where present, behind `@method`, `@path` and `@query`: in the
/// order of the API's documentation, its table of components and worked example, then the two
/// fields that Upvest's own clients also sign. A positive list, so that what a transport adds is
/// never signed. The digest stands where version 15 has it.
static FIELDS: [HeaderName; 9] = [
    ACCEPT,
    AUTHORIZATION,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    CONTENT_DIGEST,
    HeaderName::from_static("idempotency-key"),
    UPVEST_CLIENT_ID,
    HeaderName::from_static("upvest-api-version"),
    DATE,
];

/// The largest integer of a structured field (RFC 8941 section 3.3.1).
const MAX_INTEGER: u64 = 999_999_999_999_999;

/// Signs requests by the API's rules, of version 15 unless [`version`](Self::version) sets another.
///
/// ```
/// use bytes::Bytes;
/// use upvest_auth_signing::{KeyAlgorithm, Signer, SigningKey};
///
/// let key = SigningKey::generate(KeyAlgorithm::Ed25519)?;
/// let signer = Signer::new(key, "8d4997a8-cf7a-4e51-adbb-401656a3e5c2");
/// let mut request = http::Request::post("https://sandbox.upvest.co/users")
///     .header("content-type", "application/json")
///     .body(Bytes::from_static(b"{}"))?;
/// signer.sign(&mut request)?;
/// assert!(request.headers().contains_key("signature"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signer {
    keys: Keys,
    version: SignatureVersion,
    lifetime: Duration,
    clock: Arc<dyn Clock>,
    clock_offset: i64,
    nonces: Arc<dyn NonceSource>,
    /// The fields to cover, in their order.
    fields: Arc<[HeaderName]>,
    metrics: Metrics,
}

impl Signer {
    /// Makes a signer with this key: a [`SigningKey`](crate::SigningKey) or a
    /// [`RemoteSigner`](crate::RemoteSigner). The API knows it by `key_id`, a UUID that Upvest
    /// issues when the public key is registered. Signatures are of version 15 and valid for 30
    /// seconds.
    pub fn new(key: impl Into<RequestKey>, key_id: impl Into<Arc<str>>) -> Self {
        Self {
            keys: Keys::one(key.into(), key_id.into()),
            version: SignatureVersion::V15,
            lifetime: Duration::from_secs(30),
            clock: Arc::new(SystemClock),
            clock_offset: 0,
            nonces: Arc::new(RandomNonce),
            fields: FIELDS.clone().into(),
            metrics: Metrics::global(),
        }
    }

    /// The version of the API's rules to sign by.
    pub fn version(mut self, version: SignatureVersion) -> Self {
        self.version = version;
        self
    }

    /// How long signatures are valid: `expires` minus `created`, in whole seconds, at least one.
    /// How long the API accepts is not published; its own clients use 5 to 60 seconds.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// The clock that `created` is read from.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Seconds to add to the clock: positive if it is behind the clock of the API, negative if it
    /// is ahead.
    pub fn clock_offset(mut self, seconds: i64) -> Self {
        self.clock_offset = seconds;
        self
    }

    /// The source of the nonces.
    pub fn nonces(mut self, nonces: impl NonceSource + 'static) -> Self {
        self.nonces = Arc::new(nonces);
        self
    }

    /// The meter that makes the instruments. Unless set, it is the meter `upvest_auth_signing` of
    /// the provider that is global when the signer is made.
    #[cfg(feature = "otel")]
    pub fn meter(mut self, meter: &opentelemetry::metrics::Meter) -> Self {
        self.metrics = Metrics::of(meter);
        self
    }

    /// Header fields to cover as well, if present, after all others. Nothing between signer and API
    /// may change them. The fields that [`sign`](Self::sign) itself sets are ignored here:
    /// `signature`, `signature-input`, `upvest-signature-version` and the digest.
    pub fn also_cover(mut self, fields: impl IntoIterator<Item = HeaderName>) -> Self {
        let mut all = self.fields.to_vec();
        for field in fields {
            let never = [SIGNATURE, SIGNATURE_INPUT, UPVEST_SIGNATURE_VERSION, DIGEST];
            if !never.contains(&field) && !all.contains(&field) {
                all.push(field);
            }
        }
        self.fields = all.into();
        self
    }

    /// Adds a second key, known to the API by `key_id`, and says when it takes the place of the
    /// first one.
    ///
    /// A [`SignLayer`](crate::SignLayer) loses no request during the change. A request that is
    /// answered with 401 and problem details that blame the signature is signed with the other key
    /// and sent once more, unless the [`RequestBudget`](crate::RequestBudget) of the call refuses
    /// that. If the API accepts it then, the other key is in use from then on. If both keys are
    /// refused, the other one is not tried again for one second.
    pub fn next_key(
        mut self,
        key: impl Into<RequestKey>,
        key_id: impl Into<Arc<str>>,
        switch: Switch,
    ) -> Self {
        self.keys = self.keys.then(key.into(), key_id.into(), switch);
        self
    }

    /// The id of the key that signs now.
    pub fn key_id(&self) -> &str {
        &self.keys.current(self.clock.now()).id
    }

    /// Signs a request as it is to be sent: nothing that is covered may change afterwards.
    ///
    /// The signature covers, if present: `@method`, `@path`, `@query`, `accept`, `authorization`,
    /// `content-length`, `content-type`, `content-digest` (`digest` in version 6),
    /// `idempotency-key`, `upvest-client-id`, `upvest-api-version` and `date`, in this order; the
    /// length, type and digest only with a body; then what [`also_cover`](Self::also_cover) adds. A
    /// request with an empty body counts as one without a body.
    ///
    /// Sets the digest and `content-length` (with a body; removes them without), `signature-input`,
    /// `signature` (label `sig1`, parameters `keyid`, `created`, `expires`, `nonce`) and, in
    /// version 15, `upvest-signature-version`. Those of an earlier signature are replaced. Several
    /// lines of one covered field are joined into one, so that no proxy has a reason to do so.
    ///
    /// # Errors
    ///
    /// When a covered value, the key id or the nonce has bytes other than visible ASCII and spaces,
    /// when the clock is out of range, or the cryptographic library fails. Do not send the request
    /// then. [`SignError::Elsewhere`] when the key is that of a
    /// [`RemoteSigner`](crate::RemoteSigner).
    pub fn sign(&self, request: &mut Request<Bytes>) -> Result<(), SignError> {
        let key = self.keys.current(self.clock.now());
        let RequestKey::Local(local) = &key.key else {
            return Err(SignError::Elsewhere);
        };
        let (base, input) = self.prepare(request, &key.id)?;
        let signature = local.sign(&base)?;
        self.finish(request, input, &signature);
        self.metrics.signed(local.algorithm());
        Ok(())
    }

    /// Signs a request as [`sign`](Self::sign) does, with a key that may be remote.
    ///
    /// # Errors
    ///
    /// The errors of [`sign`](Self::sign), and [`SignError::Signer`] when the remote signer
    /// gives no signature.
    pub async fn sign_async(&self, request: &mut Request<Bytes>) -> Result<(), SignError> {
        let key = self.keys.current(self.clock.now());
        self.sign_by(key, request).await
    }

    /// Signs with this key.
    pub(super) async fn sign_by(
        &self,
        key: &NamedKey,
        request: &mut Request<Bytes>,
    ) -> Result<(), SignError> {
        let (base, input) = self.prepare(request, &key.id)?;
        match &key.key {
            RequestKey::Local(local) => self.finish(request, input, &local.sign(&base)?),
            RequestKey::Remote(remote) => {
                let signature = remote.sign(&base).await?;
                self.finish(request, input, signature.as_bytes());
            }
        }
        self.metrics.signed(key.key.algorithm());
        Ok(())
    }

    /// Whether there is one key, and it is in this process.
    pub(super) fn is_simple(&self) -> bool {
        self.keys.is_simple()
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(super) fn now(&self) -> SystemTime {
        self.clock.now()
    }

    /// Sets the fields of the body. The signature base and the value of `signature-input`.
    fn prepare(
        &self,
        request: &mut Request<Bytes>,
        key_id: &str,
    ) -> Result<(Vec<u8>, Vec<u8>), SignError> {
        self.set_body_fields(request);
        for name in &*self.fields {
            join_lines(request.headers_mut(), name);
        }
        self.base(request, key_id)
    }

    fn finish(&self, request: &mut Request<Bytes>, input: Vec<u8>, signature: &[u8]) {
        let headers = request.headers_mut();
        headers.insert(SIGNATURE_INPUT, ascii(input));
        headers.insert(SIGNATURE, ascii(labelled(signature)));
        match self.version.header() {
            Some(version) => {
                headers.insert(UPVEST_SIGNATURE_VERSION, HeaderValue::from_static(version))
            }
            None => headers.remove(UPVEST_SIGNATURE_VERSION),
        };
    }

    /// Whether an answer that has just arrived shows that the clock is wrong.
    pub(super) fn skew(&self, headers: &HeaderMap) -> Option<ClockSkew> {
        let offset = Duration::from_secs(self.clock_offset.unsigned_abs());
        let now = self.clock.now();
        let now = if self.clock_offset.is_negative() {
            now.checked_sub(offset)
        } else {
            now.checked_add(offset)
        };
        ClockSkew::detect(headers, now?, self.lifetime).map(|skew| skew.plus(self.clock_offset))
    }

    fn set_body_fields(&self, request: &mut Request<Bytes>) {
        let body = request.body();
        let fields = (!body.is_empty()).then(|| (self.version.body_digest(body), body.len()));
        let headers = request.headers_mut();
        headers.remove(CONTENT_DIGEST);
        headers.remove(DIGEST);
        headers.remove(CONTENT_LENGTH);
        if let Some((digest, length)) = fields {
            headers.insert(self.version.digest_header(), ascii(digest.into_bytes()));
            headers.insert(CONTENT_LENGTH, length.into());
        }
    }

    /// The signature base and the value of `signature-input`, written side by side.
    fn base(
        &self,
        request: &Request<Bytes>,
        key_id: &str,
    ) -> Result<(Vec<u8>, Vec<u8>), SignError> {
        let message = Message::from(request);
        let mut base = Vec::with_capacity(2048);
        let mut input = Vec::with_capacity(512);
        input.extend_from_slice(LABEL.as_bytes());
        input.extend_from_slice(b"=(");
        let list = input.len();

        let mut cover = |name: &str| {
            if input.len() > list {
                input.push(b' ');
            }
            input.push(b'"');
            input.extend_from_slice(name.as_bytes());
            input.push(b'"');
            push_line(&mut base, self.version, message, name).map(drop)
        };
        cover("@method")?;
        cover("@path")?;
        if query(message.uri).is_some() {
            cover("@query")?;
        }
        let digest = self.version.digest_header();
        for field in &*self.fields {
            let field = if *field == CONTENT_DIGEST {
                &digest
            } else {
                field
            };
            let without_body = *field == CONTENT_TYPE && message.body.is_empty();
            if !without_body && message.headers.contains_key(field) {
                cover(field.as_str())?;
            }
        }

        input.push(b')');
        self.push_parameters(&mut input, key_id)?;
        push_params(&mut base, self.version, &input[list - 1..]);
        Ok((base, input))
    }

    fn push_parameters(&self, input: &mut Vec<u8>, key_id: &str) -> Result<(), SignError> {
        let created = self
            .clock
            .now()
            .duration_since(UNIX_EPOCH)
            .ok()
            .and_then(|since| since.as_secs().checked_add_signed(self.clock_offset))
            .ok_or(SignError::Time)?;
        let expires = created
            .checked_add(self.lifetime.as_secs().max(1))
            .filter(|expires| *expires <= MAX_INTEGER)
            .ok_or(SignError::Time)?;

        input.extend_from_slice(b";keyid=");
        push_string(input, "key id", key_id)?;
        write!(input, ";created={created};expires={expires};nonce=")
            .expect("a vector takes everything");
        push_string(input, "nonce", &self.nonces.nonce())
    }
}
