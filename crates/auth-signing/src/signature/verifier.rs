use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::Request;
use http::header::{CONTENT_LENGTH, HeaderName};
use sfv::{BareItem, Dictionary, InnerList, Item, KeyRef, ListEntry, ListSerializer, Parser};

use super::base::{ComponentError, field_value, query, signature_base};
use super::{ALG, CREATED, EXPIRES, KEY_ID, LABEL, NONCE, VERSION};
use crate::header::{CONTENT_DIGEST, SIGNATURE, SIGNATURE_INPUT, UPVEST_SIGNATURE_VERSION};
use crate::{
    Clock, DigestError, KeyAlgorithm, MemoryNonceStore, NonceStore, NonceVerdict, SystemClock,
    VerifyingKey, verify_content_digest,
};

/// Finds the public key that belongs to a `keyid`.
///
/// A map from key ids to keys is one, and so is a closure `Fn(&str) -> Option<VerifyingKey>`.
pub trait KeyLookup: Send + Sync {
    /// The key known by this id.
    fn key(&self, key_id: &str) -> Option<VerifyingKey>;
}

impl<F> KeyLookup for F
where
    F: Fn(&str) -> Option<VerifyingKey> + Send + Sync,
{
    fn key(&self, key_id: &str) -> Option<VerifyingKey> {
        self(key_id)
    }
}

impl KeyLookup for HashMap<String, VerifyingKey> {
    fn key(&self, key_id: &str) -> Option<VerifyingKey> {
        self.get(key_id).cloned()
    }
}

impl fmt::Debug for dyn KeyLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyLookup")
    }
}

/// Checks the signatures of requests by version 15 of the API's rules, strictly, as a server
/// does.
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
/// assert_eq!(verified.components, ["@method", "@path"]);
/// assert!(verifier.verify(&request).is_err(), "the nonce is used up");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: Arc<dyn KeyLookup>,
    clock: Arc<dyn Clock>,
    nonces: Arc<dyn NonceStore>,
    max_lifetime: Duration,
    allowed_skew: Duration,
    required: Vec<String>,
    label: String,
}

impl Verifier {
    /// A verifier for signatures by these keys: lifetime up to 60 seconds, 5 seconds of skew,
    /// nonces remembered in a [`MemoryNonceStore`], which clones share.
    pub fn new(keys: impl KeyLookup + 'static) -> Self {
        Self {
            keys: Arc::new(keys),
            clock: Arc::new(SystemClock),
            nonces: Arc::new(MemoryNonceStore::default()),
            max_lifetime: Duration::from_secs(60),
            allowed_skew: Duration::from_secs(5),
            required: Vec::new(),
            label: LABEL.to_owned(),
        }
    }

    /// The clock that signatures are judged by.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Where used nonces are remembered.
    pub fn nonce_store(mut self, store: impl NonceStore + 'static) -> Self {
        self.nonces = Arc::new(store);
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

    /// Components that every signature must cover, besides those that are always required.
    pub fn require<C: Into<String>>(mut self, components: impl IntoIterator<Item = C>) -> Self {
        self.required.extend(components.into_iter().map(Into::into));
        self
    }

    /// The label of the signature to check, `sig1` unless told otherwise. Signatures under other
    /// labels are ignored.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Checks a request with its body bytes as received.
    ///
    /// A signature must cover `@method`, `@path`, `@query` when there is a query, and
    /// `content-length`, `content-type` and `content-digest` when there is a body, and whatever
    /// [`require`](Self::require) adds. All four parameters `keyid`, `created`, `expires` and
    /// `nonce` must be there.
    ///
    /// # Errors
    ///
    /// A [`VerifyError`]: the first reason found to refuse the request.
    pub fn verify<B: AsRef<[u8]>>(&self, request: &Request<B>) -> Result<Verified, VerifyError> {
        self.verify_requiring(request, &[])
    }

    /// Like [`verify`](Self::verify), for a request whose signature must cover `components` too:
    /// `authorization`, say, for everything but the token request.
    ///
    /// # Errors
    ///
    /// A [`VerifyError`]: the first reason found to refuse the request.
    pub fn verify_requiring<B: AsRef<[u8]>>(
        &self,
        request: &Request<B>,
        components: &[&str],
    ) -> Result<Verified, VerifyError> {
        expect_version(request)?;
        let input = SignatureInput::parse(request, &self.label)?;
        let signature = signature(request, &self.label)?;

        let required = self.required.iter().map(String::as_str);
        input.expect_components(request, required.chain(components.iter().copied()))?;
        let now = self.clock.now();
        self.expect_timely(&input.signed, now)?;

        let signed = &input.signed;
        let key = self
            .keys
            .key(&signed.key_id)
            .ok_or_else(|| VerifyError::UnknownKey {
                key_id: signed.key_id.clone(),
            })?;
        input.expect_algorithm(key.algorithm())?;
        let base = signature_base(request, &signed.components, &input.params)?;
        key.verify(base.as_bytes(), &signature)
            .map_err(|_| VerifyError::SignatureMismatch)?;

        expect_body(request)?;
        self.expect_fresh(signed, now)?;
        Ok(input.signed)
    }

    fn expect_timely(&self, signed: &Verified, now: SystemTime) -> Result<(), VerifyError> {
        let &Verified {
            created, expires, ..
        } = signed;
        let lifetime = expires
            .duration_since(created)
            .ok()
            .filter(|lifetime| !lifetime.is_zero())
            .ok_or(VerifyError::ExpiresBeforeCreated)?;
        if lifetime > self.max_lifetime {
            return Err(VerifyError::LifetimeTooLong {
                lifetime,
                limit: self.max_lifetime,
            });
        }
        if let Ok(ahead) = created.duration_since(now)
            && ahead > self.allowed_skew
        {
            return Err(VerifyError::CreatedInFuture { ahead });
        }
        if let Ok(ago) = now.duration_since(expires)
            && ago > self.allowed_skew
        {
            return Err(VerifyError::Expired { ago });
        }
        Ok(())
    }

    fn expect_fresh(&self, signed: &Verified, now: SystemTime) -> Result<(), VerifyError> {
        // Not too far ahead to be added up: the lifetime was checked.
        let until = signed.expires + self.allowed_skew;
        match self
            .nonces
            .remember(&signed.key_id, &signed.nonce, until, now)
        {
            NonceVerdict::Fresh => Ok(()),
            NonceVerdict::Replayed => Err(VerifyError::NonceReplayed {
                nonce: signed.nonce.clone(),
            }),
            NonceVerdict::Full => Err(VerifyError::NonceStoreFull),
        }
    }
}

/// What a valid signature says. Only what is listed in `components` was signed; whatever else
/// the request carries, anybody may have put there.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The `keyid` of the key that signed.
    pub key_id: String,
    /// When the signature was made.
    pub created: SystemTime,
    /// Until when it is valid.
    pub expires: SystemTime,
    /// The nonce, which is used up now.
    pub nonce: String,
    /// The components that are covered, in the order of the signature base.
    pub components: Vec<String>,
}

impl Verified {
    /// Whether the signature covers this component.
    pub fn covers(&self, component: &str) -> bool {
        self.components.iter().any(|covered| covered == component)
    }
}

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// The header `upvest-signature-version` is missing or names another version.
    #[error("upvest-signature-version is {}; expected 15", found.as_deref().unwrap_or("missing"))]
    Version {
        /// The value found.
        found: Option<String>,
    },
    /// `signature-input` or `signature` is missing.
    #[error("the header {name} is missing")]
    MissingHeader {
        /// The header.
        name: HeaderName,
    },
    /// `signature-input` or `signature` is not what it should be: a structured dictionary, of
    /// lists of strings with parameters or of byte sequences.
    #[error("the header {name} is malformed: {reason}")]
    MalformedHeader {
        /// The header.
        name: HeaderName,
        /// What is wrong.
        reason: &'static str,
        /// What the parser stumbled over.
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// `signature-input` or `signature` has no member with the label looked for.
    #[error("the header {name} has no signature labelled `{label}`")]
    MissingLabel {
        /// The header.
        name: HeaderName,
        /// The label.
        label: String,
    },
    /// A parameter of the signature is missing.
    #[error("the signature has no parameter `{name}`")]
    MissingParameter {
        /// The parameter.
        name: &'static str,
    },
    /// A parameter of the signature has the wrong type or is out of range.
    #[error("the parameter `{name}` of the signature is malformed; expected {expected}")]
    MalformedParameter {
        /// The parameter.
        name: &'static str,
        /// What it should be.
        expected: &'static str,
    },
    /// The parameter `alg` names another algorithm than the key's. There is no name for P-521.
    #[error("the parameter `alg` is not the algorithm of the key, {key}")]
    AlgorithmMismatch {
        /// The algorithm of the key.
        key: KeyAlgorithm,
    },
    /// A component is covered twice.
    #[error("the component `{name}` is covered twice")]
    DuplicateComponent {
        /// The component.
        name: String,
    },
    /// A covered component is not known, or has parameters, which the API does not use.
    #[error("the signature covers an unknown component {name}")]
    UnknownComponent {
        /// The component as it stands in `signature-input`.
        name: String,
    },
    /// A component that must be covered is not.
    #[error("the signature does not cover the component `{name}`")]
    MissingComponent {
        /// The component.
        name: String,
    },
    /// A component is covered that the request does not have.
    #[error("the signature covers `{name}`, which the request does not have")]
    AbsentComponent {
        /// The component.
        name: String,
    },
    /// A covered component has a value with bytes other than visible ASCII and blanks.
    #[error("the value of `{name}` has bytes other than visible ASCII and blanks")]
    MalformedComponent {
        /// The component.
        name: String,
    },
    /// `expires` is not later than `created`.
    #[error("the signature is never valid: `expires` is not later than `created`")]
    ExpiresBeforeCreated,
    /// The signature is valid for longer than is accepted.
    #[error(
        "the signature is valid for {} s; at most {} s are accepted",
        lifetime.as_secs(),
        limit.as_secs()
    )]
    LifetimeTooLong {
        /// `expires` minus `created`.
        lifetime: Duration,
        /// The longest lifetime accepted.
        limit: Duration,
    },
    /// The signature was made in the future, beyond the skew allowed: one of the clocks is off.
    #[error("the signature was created {} s in the future", ahead.as_secs())]
    CreatedInFuture {
        /// How far ahead.
        ahead: Duration,
    },
    /// The signature is no longer valid, beyond the skew allowed.
    #[error("the signature expired {} s ago", ago.as_secs())]
    Expired {
        /// How long ago.
        ago: Duration,
    },
    /// No key is known by this `keyid`.
    #[error("no key is known by the keyid `{key_id}`")]
    UnknownKey {
        /// The `keyid`.
        key_id: String,
    },
    /// The signature was not made by this key over this request.
    #[error("the signature does not match the request and the key")]
    SignatureMismatch,
    /// `content-length` is not the length of the body.
    #[error("content-length is `{declared}`, but the body has {actual} bytes")]
    ContentLengthMismatch {
        /// The value of the header.
        declared: String,
        /// The length of the body in bytes.
        actual: usize,
    },
    /// `content-digest` is not the digest of the body.
    #[error(transparent)]
    Digest(#[from] DigestError),
    /// The nonce was used before with this key: the request is a replay.
    #[error("the nonce `{nonce}` was used before")]
    NonceReplayed {
        /// The nonce.
        nonce: String,
    },
    /// The nonce cannot be remembered, so a replay could not be noticed.
    #[error("too many signatures at a time: no more nonces can be remembered")]
    NonceStoreFull,
}

impl From<ComponentError> for VerifyError {
    fn from(error: ComponentError) -> Self {
        match error {
            ComponentError::Unknown { name } => Self::UnknownComponent {
                name: format!("\"{name}\""),
            },
            ComponentError::Missing { name } => Self::AbsentComponent { name },
            ComponentError::NotAscii { name } => Self::MalformedComponent { name },
        }
    }
}

/// A member of `signature-input`.
struct SignatureInput {
    signed: Verified,
    algorithm: Option<BareItem>,
    /// The member as text, with which the base ends.
    params: String,
}

impl SignatureInput {
    fn parse<B>(request: &Request<B>, label: &str) -> Result<Self, VerifyError> {
        match member(request, SIGNATURE_INPUT, label)? {
            ListEntry::InnerList(list) => Self::from_list(list),
            ListEntry::Item(_) => Err(VerifyError::MalformedHeader {
                name: SIGNATURE_INPUT,
                reason: "expected a list of components",
                source: None,
            }),
        }
    }

    fn from_list(mut list: InnerList) -> Result<Self, VerifyError> {
        let components = components(&list.items)?;

        // As RFC 9421 section 2.5 has it: what was parsed, serialised again, nothing reordered.
        let mut serializer = ListSerializer::new();
        let mut inner = serializer.inner_list();
        inner.items(&list.items);
        let _ = inner.finish().parameters(&list.params);
        let params = serializer.finish().expect("the list has a member");

        let mut take = |key: &'static KeyRef| list.params.swap_remove(key);
        Ok(Self {
            signed: Verified {
                key_id: text(KEY_ID, take(KEY_ID))?,
                created: time(CREATED, take(CREATED))?,
                expires: time(EXPIRES, take(EXPIRES))?,
                nonce: text(NONCE, take(NONCE))?,
                components,
            },
            algorithm: take(ALG),
            params,
        })
    }

    fn expect_components<'a, B: AsRef<[u8]>>(
        &self,
        request: &Request<B>,
        required: impl Iterator<Item = &'a str>,
    ) -> Result<(), VerifyError> {
        let query = query(request.uri()).map(|_| "@query");
        let body: &[&str] = if request.body().as_ref().is_empty() {
            &[]
        } else {
            &["content-length", "content-type", "content-digest"]
        };
        ["@method", "@path"]
            .into_iter()
            .chain(query)
            .chain(body.iter().copied())
            .chain(required)
            .find(|name| !self.signed.covers(name))
            .map_or(Ok(()), |name| {
                Err(VerifyError::MissingComponent {
                    name: name.to_owned(),
                })
            })
    }

    fn expect_algorithm(&self, key: KeyAlgorithm) -> Result<(), VerifyError> {
        match &self.algorithm {
            None => Ok(()),
            Some(BareItem::String(name))
                if name.as_str() == "ed25519" && key == KeyAlgorithm::Ed25519 =>
            {
                Ok(())
            }
            Some(_) => Err(VerifyError::AlgorithmMismatch { key }),
        }
    }
}

fn expect_version<B>(request: &Request<B>) -> Result<(), VerifyError> {
    match field_value(request, &UPVEST_SIGNATURE_VERSION) {
        Some(version) if version == VERSION.as_bytes() => Ok(()),
        other => Err(VerifyError::Version {
            found: other.map(|version| String::from_utf8_lossy(&version).into_owned()),
        }),
    }
}

/// Checks length and digest; that they are covered was checked before.
fn expect_body<B: AsRef<[u8]>>(request: &Request<B>) -> Result<(), VerifyError> {
    let body = request.body().as_ref();
    if let Some(length) = field_value(request, &CONTENT_LENGTH)
        && length != body.len().to_string().as_bytes()
    {
        return Err(VerifyError::ContentLengthMismatch {
            declared: String::from_utf8_lossy(&length).into_owned(),
            actual: body.len(),
        });
    }
    if let Some(digest) = field_value(request, &CONTENT_DIGEST) {
        verify_content_digest(&String::from_utf8_lossy(&digest), body)?;
    }
    Ok(())
}

/// The names of the covered components; each must be a plain string, given once.
fn components(items: &[Item]) -> Result<Vec<String>, VerifyError> {
    let mut names: Vec<String> = Vec::with_capacity(items.len());
    for item in items {
        let BareItem::String(name) = &item.bare_item else {
            return Err(VerifyError::MalformedHeader {
                name: SIGNATURE_INPUT,
                reason: "expected components to be strings",
                source: None,
            });
        };
        if let Some((parameter, _)) = item.params.first() {
            return Err(VerifyError::UnknownComponent {
                name: format!("\"{}\";{}", name.as_str(), parameter.as_str()),
            });
        }
        if names.iter().any(|earlier| earlier == name.as_str()) {
            return Err(VerifyError::DuplicateComponent {
                name: name.as_str().to_owned(),
            });
        }
        names.push(name.as_str().to_owned());
    }
    Ok(names)
}

fn signature<B>(request: &Request<B>, label: &str) -> Result<Vec<u8>, VerifyError> {
    match member(request, SIGNATURE, label)? {
        ListEntry::Item(Item {
            bare_item: BareItem::ByteSequence(bytes),
            ..
        }) => Ok(bytes),
        _ => Err(VerifyError::MalformedHeader {
            name: SIGNATURE,
            reason: "expected `:<base64>:`",
            source: None,
        }),
    }
}

/// The member of a dictionary header with this label.
fn member<B>(
    request: &Request<B>,
    name: HeaderName,
    label: &str,
) -> Result<ListEntry, VerifyError> {
    let value = field_value(request, &name)
        .ok_or_else(|| VerifyError::MissingHeader { name: name.clone() })?;
    let mut dictionary = Parser::new(&value).parse::<Dictionary>().map_err(|error| {
        VerifyError::MalformedHeader {
            name: name.clone(),
            reason: "expected a structured dictionary",
            source: Some(error.into()),
        }
    })?;
    dictionary
        .swap_remove(label)
        .ok_or_else(|| VerifyError::MissingLabel {
            name,
            label: label.to_owned(),
        })
}

fn text(key: &'static KeyRef, value: Option<BareItem>) -> Result<String, VerifyError> {
    let name = key.as_str();
    match value {
        None => Err(VerifyError::MissingParameter { name }),
        Some(BareItem::String(text)) => Ok(text.into()),
        Some(_) => Err(VerifyError::MalformedParameter {
            name,
            expected: "a string",
        }),
    }
}

fn time(key: &'static KeyRef, value: Option<BareItem>) -> Result<SystemTime, VerifyError> {
    let name = key.as_str();
    match value {
        None => return Err(VerifyError::MissingParameter { name }),
        Some(BareItem::Integer(seconds)) => u64::try_from(i64::from(seconds))
            .ok()
            .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds))),
        Some(_) => None,
    }
    .ok_or(VerifyError::MalformedParameter {
        name,
        expected: "whole seconds since 1970",
    })
}
