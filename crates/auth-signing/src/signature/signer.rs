use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use http::{HeaderMap, Request};
use sfv::{Integer, ListSerializer, StringRef};

use super::base::{ComponentError, query, signature_base};
use super::{CREATED, EXPIRES, KEY_ID, LABEL, NONCE, VERSION};
use crate::header::{CONTENT_DIGEST, SIGNATURE, SIGNATURE_INPUT, UPVEST_SIGNATURE_VERSION};
use crate::{Clock, KeyError, NonceSource, RandomNonce, SigningKey, SystemClock, content_digest};

/// What is covered, where it is present, in the order of the API's documentation: its table of
/// components and worked example, then the two fields that Upvest's own clients also sign.
/// A positive list, so that what a transport adds is never signed.
const COVERED: [&str; 12] = [
    "@method",
    "@path",
    "@query",
    "accept",
    "authorization",
    "content-length",
    "content-type",
    "content-digest",
    "idempotency-key",
    "upvest-client-id",
    "upvest-api-version",
    "date",
];

/// Signs requests by version 15 of the API's rules.
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
    key: SigningKey,
    key_id: Arc<str>,
    lifetime: Duration,
    clock: Arc<dyn Clock>,
    nonces: Arc<dyn NonceSource>,
}

impl Signer {
    /// A signer with this key, known to the API by `key_id` (a UUID that Upvest issues when the
    /// public key is registered). Signatures are valid for 30 seconds.
    pub fn new(key: SigningKey, key_id: impl Into<Arc<str>>) -> Self {
        Self {
            key,
            key_id: key_id.into(),
            lifetime: Duration::from_secs(30),
            clock: Arc::new(SystemClock),
            nonces: Arc::new(RandomNonce),
        }
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

    /// The source of the nonces.
    pub fn nonces(mut self, nonces: impl NonceSource + 'static) -> Self {
        self.nonces = Arc::new(nonces);
        self
    }

    /// Signs a request as it is to be sent: nothing that is covered may change afterwards.
    ///
    /// Covered are, where present: `@method`, `@path`, `@query`, `accept`, `authorization`,
    /// `content-length`, `content-type`, `content-digest`, `idempotency-key`,
    /// `upvest-client-id`, `upvest-api-version` and `date`, in this order; the three `content-`
    /// fields only with a body. A request with an empty body counts as one without a body.
    ///
    /// Sets `content-digest` and `content-length` (with a body; removes them without),
    /// `signature-input`, `signature` (label `sig1`, parameters `keyid`, `created`, `expires`,
    /// `nonce`) and `upvest-signature-version`. Those of an earlier signature are replaced.
    /// Several lines of one covered field are joined into one, so that nothing on the way has a
    /// reason to do so.
    ///
    /// # Errors
    ///
    /// When a covered value, the key id or the nonce has bytes other than visible ASCII and
    /// blanks, when the clock is out of range, or the cryptographic library fails. The request
    /// is not fit to be sent then.
    pub fn sign(&self, request: &mut Request<Bytes>) -> Result<(), SignError> {
        set_body_fields(request);
        let components = covered(request);
        for name in components.iter().filter(|name| !name.starts_with('@')) {
            join_lines(request.headers_mut(), name);
        }

        let params = self.params(&components)?;
        let base = signature_base(request, &components, &params)?;
        let signature = STANDARD.encode(self.key.sign(base.as_bytes())?);

        let headers = request.headers_mut();
        headers.insert(SIGNATURE_INPUT, ascii(format!("{LABEL}={params}")));
        headers.insert(SIGNATURE, ascii(format!("{LABEL}=:{signature}:")));
        headers.insert(UPVEST_SIGNATURE_VERSION, HeaderValue::from_static(VERSION));
        Ok(())
    }

    /// The member of `signature-input`: the components and the parameters of this signature.
    fn params(&self, components: &[&str]) -> Result<String, SignError> {
        let created = self.clock.now();
        let expires = created.checked_add(self.lifetime.max(Duration::from_secs(1)));
        let nonce = self.nonces.nonce();

        let mut list = ListSerializer::new();
        let mut inner = list.inner_list();
        for component in components {
            let name = StringRef::from_str(component).expect("component names are ASCII");
            let _ = inner.bare_item(name);
        }
        let _ = inner
            .finish()
            .parameter(KEY_ID, text("key id", &self.key_id)?)
            .parameter(CREATED, seconds(Some(created))?)
            .parameter(EXPIRES, seconds(expires)?)
            .parameter(NONCE, text("nonce", &nonce)?);
        Ok(list.finish().expect("the list has a member"))
    }
}

/// Why a request cannot be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// A covered component has a value that cannot be signed.
    #[error("cannot sign the request: {0}")]
    Component(ComponentError),
    /// The key id or the nonce is not visible ASCII.
    #[error(
        "cannot sign the request: the {what} has characters other than visible ASCII and blanks"
    )]
    NotAscii {
        /// Which of them.
        what: &'static str,
        /// What the serialiser stumbled over.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The time of the clock, or the end of the lifetime, cannot be written as seconds since
    /// 1970.
    #[error(
        "cannot sign the request: the clock or the end of the lifetime is before 1970 or too far ahead"
    )]
    Time,
    /// The key failed to sign.
    #[error("cannot sign the request: {0}")]
    Key(KeyError),
}

impl From<ComponentError> for SignError {
    fn from(error: ComponentError) -> Self {
        Self::Component(error)
    }
}

impl From<KeyError> for SignError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}

fn set_body_fields(request: &mut Request<Bytes>) {
    let body = request.body();
    let fields = (!body.is_empty()).then(|| (content_digest(body), body.len()));
    let headers = request.headers_mut();
    headers.remove(CONTENT_DIGEST);
    headers.remove(CONTENT_LENGTH);
    if let Some((digest, length)) = fields {
        headers.insert(CONTENT_DIGEST, ascii(digest));
        headers.insert(CONTENT_LENGTH, length.into());
    }
}

/// The components of this request that a signature covers.
fn covered(request: &Request<Bytes>) -> Vec<&'static str> {
    COVERED
        .into_iter()
        .filter(|name| match *name {
            "@method" | "@path" => true,
            "@query" => query(request.uri()).is_some(),
            "content-type" => {
                !request.body().is_empty() && request.headers().contains_key("content-type")
            }
            field => request.headers().contains_key(field),
        })
        .collect()
}

/// Makes one line of several lines of a field (RFC 9110 section 5.3).
fn join_lines(headers: &mut HeaderMap, name: &'static str) {
    let name = HeaderName::from_static(name);
    if headers.get_all(&name).iter().nth(1).is_none() {
        return;
    }
    let mut joined = Vec::new();
    let mut sensitive = false;
    for line in headers.get_all(&name) {
        if !joined.is_empty() {
            joined.extend_from_slice(b", ");
        }
        joined.extend_from_slice(line.as_bytes());
        sensitive |= line.is_sensitive();
    }
    let mut value =
        HeaderValue::from_maybe_shared(Bytes::from(joined)).expect("joined from header values");
    value.set_sensitive(sensitive);
    headers.insert(name, value);
}

fn text<'a>(what: &'static str, value: &'a str) -> Result<&'a StringRef, SignError> {
    StringRef::from_str(value).map_err(|error| SignError::NotAscii {
        what,
        source: error.into(),
    })
}

fn seconds(time: Option<SystemTime>) -> Result<Integer, SignError> {
    time.and_then(|time| time.duration_since(UNIX_EPOCH).ok())
        .and_then(|since| Integer::try_from(since.as_secs()).ok())
        .ok_or(SignError::Time)
}

/// A header value from text that was built of ASCII.
fn ascii(text: String) -> HeaderValue {
    HeaderValue::from_maybe_shared(Bytes::from(text)).expect("structured fields are ASCII")
}
