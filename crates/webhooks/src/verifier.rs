use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::uri::{PathAndQuery, Uri};
use upvest_auth_signing::header::{SIGNATURE, SIGNATURE_INPUT};
use upvest_auth_signing::{
    Clock, EcdsaEncoding, Limits, Message, NonceStore, SignatureVersion, SystemClock, Verified,
    VerifyError as SignatureError, VerifyingKey,
};

use crate::{Event, KeySource, KeySourceError, event};

/// How many deliveries are remembered that were verified and not yet taken, and for how long after
/// the last attempt. Attempts are at most 10 minutes apart.
const UNTAKEN: usize = 1024;
const UNTAKEN_FOR: Duration = Duration::from_secs(60 * 60);

/// Checks that a request is a delivery of Upvest's, and reads its events.
///
/// What exactly Upvest signs, and for how long, is not published. The defaults take whatever is
/// plausible and safe:
///
/// | | default | see |
/// |---|---|---|
/// | version | 6 alone, which is what webhooks are signed by | [`versions`](Self::versions) |
/// | covered | `@method`, `@path`, `@query` if there is a query, and `digest` if there is a body | [`required`](Self::required) |
/// | encoding of ECDSA signatures | DER or fixed width | [`ecdsa_encoding`](Self::ecdsa_encoding) |
/// | `created` to `expires` | at most an hour, which also stands in for a missing `expires` | [`max_lifetime`](Self::max_lifetime), [`expires_required`](Self::expires_required) |
/// | skew of the clocks | 30 seconds | [`allowed_skew`](Self::allowed_skew) |
/// | after `expires` | 15 minutes | [`grace`](Self::grace) |
/// | nonces | not looked at | [`nonce_store`](Self::nonce_store) |
///
/// # Repetitions
///
/// A delivery that was not acknowledged comes again, 10 minutes after the last attempt at the
/// latest, and nothing else comes before it has been taken. Whether each attempt is signed afresh is
/// not published. So:
///
/// - An attempt that is signed afresh is verified like any other.
/// - One that repeats the last one byte for byte is accepted as well: the nonce does not count, and
///   neither does `expires` for the 15 minutes of [`grace`](Self::grace).
/// - One that repeats a delivery which this verifier has passed, and which was never
///   [`taken`](Self::taken), is accepted however old it has become, if the last attempt was no
///   longer than an hour ago. Otherwise a database that is away for that hour would block all
///   deliveries for ever. (The memory of the process holds 1024 of them; after a restart, `grace`
///   alone counts.)
///
/// Whoever captures a delivery and sends it again while it is accepted gains nothing: its events are
/// found in the [`Inbox`](crate::Inbox), which has to remember them for as long at least. With an
/// inbox that never forgets, `grace` may be [`Duration::MAX`].
///
/// ```
/// use upvest_webhooks::{StaticKeys, Verifier};
///
/// # async fn receive(request: http::Request<Vec<u8>>) -> Result<(), Box<dyn std::error::Error>> {
/// let verifier = Verifier::new(StaticKeys::from_json(r#"{ "keys": [] }"#)?);
/// let delivery = verifier.verify(&request).await?;
/// for event in &delivery.events {
///     println!("{:?}", event.event_type());
/// }
/// verifier.taken(&delivery);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: Arc<dyn KeySource>,
    /// How signatures are judged, but for the key.
    rules: Rules,
    max_events: usize,
    path: Option<PathAndQuery>,
    /// With the time of the last attempt, oldest first.
    untaken: Arc<Mutex<VecDeque<(SystemTime, Fingerprint)>>>,
}

/// The signature of a delivery, to the byte.
#[derive(Clone, PartialEq)]
struct Fingerprint(Vec<u8>);

impl Fingerprint {
    fn of(headers: &HeaderMap) -> Self {
        let mut bytes = Vec::with_capacity(1024);
        for line in [SIGNATURE_INPUT, SIGNATURE]
            .iter()
            .flat_map(|name| headers.get_all(name))
        {
            bytes.extend_from_slice(line.as_bytes());
            bytes.push(b'\n');
        }
        Self(bytes)
    }
}

/// A signature is no secret, but nobody wants to read it.
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint")
    }
}

/// A request that Upvest sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// The events in it, in ascending order of `created_at`. An event that cannot be read stands
    /// among them like any other.
    pub events: Vec<Event>,
    /// What the signature says.
    pub verified: Verified,
    fingerprint: Fingerprint,
}

/// Why a request is not taken for a delivery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It was not signed by Upvest, or not as it has to be.
    #[error("the request is no delivery of Upvest's")]
    Signature(#[source] SignatureError),
    /// Whether it was signed by Upvest cannot be told for the moment.
    #[error(transparent)]
    Keys(#[from] KeySourceError),
}

impl Verifier {
    /// A verifier with these keys, and the defaults above.
    pub fn new(keys: impl KeySource + 'static) -> Self {
        Self {
            keys: Arc::new(keys),
            rules: Rules::default(),
            max_events: 10_000,
            path: None,
            untaken: Arc::default(),
        }
    }

    /// The versions of Upvest's rules to accept. Which of them a request is judged by, its header
    /// `upvest-signature-version` says, as [`SignatureVersion::of`] has it: without one, version 6.
    pub fn versions(mut self, versions: impl IntoIterator<Item = SignatureVersion>) -> Self {
        self.rules.versions = versions.into_iter().collect();
        self
    }

    /// How ECDSA signatures may be written.
    pub fn ecdsa_encoding(mut self, encoding: EcdsaEncoding) -> Self {
        self.rules.encoding = encoding;
        self
    }

    /// The clock that signatures are judged by.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.rules.clock = Arc::new(clock);
        self
    }

    /// The components that every signature must cover, in place of `@method`, `@path` and `@query`.
    /// `@query` counts only for a request with a query, and the digest is required of every request
    /// with a body, whatever this says.
    pub fn required<C: Into<String>>(mut self, components: impl IntoIterator<Item = C>) -> Self {
        self.rules.required = components.into_iter().map(Into::into).collect();
        self
    }

    /// The longest time accepted between `created` and `expires`.
    pub fn max_lifetime(mut self, lifetime: Duration) -> Self {
        self.rules.max_lifetime = lifetime;
        self
    }

    /// Refuses signatures without `expires`.
    pub fn expires_required(mut self) -> Self {
        self.rules.expires_required = true;
        self
    }

    /// By how much the clock of the sender may differ.
    pub fn allowed_skew(mut self, skew: Duration) -> Self {
        self.rules.allowed_skew = skew;
        self
    }

    /// For how long after `expires` a signature is still accepted.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.rules.grace = grace;
        self
    }

    /// Refuses signatures without a nonce, and those whose nonce was used before, unless the
    /// delivery has not been taken yet.
    ///
    /// If Upvest repeats deliveries byte for byte, this blocks all of them as soon as one
    /// acknowledgement gets lost on the way. An inbox makes it unnecessary.
    pub fn nonce_store(mut self, store: impl NonceStore + 'static) -> Self {
        self.rules.nonces = Some(Arc::new(store));
        self
    }

    /// How much of the headers `signature-input` and `signature` to look at.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.rules.limits = limits;
        self
    }

    /// How many events to look at in one delivery: 10,000 unless told otherwise. A delivery with
    /// more is one malformed event. (Upvest's deliveries are of at most 1 MiB, which that many
    /// events do not fit in.)
    pub fn max_events(mut self, events: usize) -> Self {
        self.max_events = events;
        self
    }

    /// The path that the deliveries are sent to, if it is not that of the request: a proxy that
    /// changes paths does not change what was signed.
    pub fn path(mut self, path: PathAndQuery) -> Self {
        self.path = Some(path);
        self
    }

    /// Checks a request, with the bytes of its body as they came: a `&Request`, or a [`Message`] of
    /// its parts.
    ///
    /// Call [`taken`](Self::taken) once its events are.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Signature`], to be answered with 401, or [`VerifyError::Keys`], to be answered
    /// with 503.
    pub async fn verify<'a>(
        &self,
        message: impl Into<Message<'a>>,
    ) -> Result<Delivery, VerifyError> {
        let message = message.into();
        let uri = self.path.as_ref().map(|path| with_path(message.uri, path));
        let message = Message {
            uri: uri.as_ref().unwrap_or(message.uri),
            ..message
        };
        let verified = match self.check(message, &self.rules).await {
            Err(VerifyError::Signature(
                SignatureError::Expired { .. } | SignatureError::NonceReplayed { .. },
            )) if self.is_untaken(&Fingerprint::of(message.headers)) => {
                self.check(message, &self.rules.for_repetitions()).await?
            }
            verified => verified?,
        };
        let fingerprint = Fingerprint::of(message.headers);
        self.remember(&fingerprint);
        Ok(Delivery {
            events: event::events(message.body, self.max_events),
            verified,
            fingerprint,
        })
    }

    /// Notes that the events of a delivery have all been taken: from now on, a repetition that is
    /// late is refused.
    pub fn taken(&self, delivery: &Delivery) {
        self.untaken()
            .retain(|(_, untaken)| *untaken != delivery.fingerprint);
    }

    async fn check(&self, message: Message<'_>, rules: &Rules) -> Result<Verified, VerifyError> {
        // Without any key, all that can be found wrong before is; and if nothing is, the id of the
        // key is told.
        let key_id = match rules.verifier(|_: &str| None).verify(message) {
            Err(SignatureError::UnknownKey { key_id }) => key_id,
            Err(error) => return Err(VerifyError::Signature(error)),
            Ok(verified) => verified.key_id,
        };
        let key = self.keys.key(&key_id).await?;
        let lookup = move |_: &str| -> Option<VerifyingKey> { key.clone() };
        rules
            .verifier(lookup)
            .verify(message)
            .map_err(VerifyError::Signature)
    }

    fn is_untaken(&self, fingerprint: &Fingerprint) -> bool {
        let now = self.rules.clock.now();
        let is_recent = |since| {
            now.duration_since(since)
                .is_ok_and(|age| age <= UNTAKEN_FOR)
        };
        self.untaken()
            .iter()
            .any(|(attempt, untaken)| untaken == fingerprint && is_recent(*attempt))
    }

    fn remember(&self, fingerprint: &Fingerprint) {
        let now = self.rules.clock.now();
        let mut untaken = self.untaken();
        untaken.retain(|(_, other)| other != fingerprint);
        if untaken.len() >= UNTAKEN {
            untaken.pop_front();
        }
        untaken.push_back((now, fingerprint.clone()));
    }

    fn untaken(&self) -> MutexGuard<'_, VecDeque<(SystemTime, Fingerprint)>> {
        self.untaken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How signatures are judged.
#[derive(Clone, Debug)]
struct Rules {
    versions: Vec<SignatureVersion>,
    encoding: EcdsaEncoding,
    clock: Arc<dyn Clock>,
    required: Vec<String>,
    max_lifetime: Duration,
    expires_required: bool,
    allowed_skew: Duration,
    grace: Duration,
    nonces: Option<Arc<dyn NonceStore>>,
    limits: Limits,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            versions: vec![SignatureVersion::V6],
            encoding: EcdsaEncoding::Either,
            clock: Arc::new(SystemClock),
            required: ["@method", "@path", "@query"].map(str::to_owned).into(),
            max_lifetime: Duration::from_secs(60 * 60),
            expires_required: false,
            allowed_skew: Duration::from_secs(30),
            grace: Duration::from_secs(15 * 60),
            nonces: None,
            limits: Limits::default(),
        }
    }
}

impl Rules {
    /// The same, however old a signature is and however often it was seen.
    fn for_repetitions(&self) -> Self {
        Self {
            grace: Duration::MAX,
            nonces: None,
            ..self.clone()
        }
    }

    fn verifier(
        &self,
        keys: impl upvest_auth_signing::KeyLookup + 'static,
    ) -> upvest_auth_signing::Verifier {
        let mut verifier = upvest_auth_signing::Verifier::new(keys)
            .versions(self.versions.iter().copied())
            .ecdsa_encoding(self.encoding)
            .required(self.required.iter().cloned())
            .max_lifetime(self.max_lifetime)
            .allowed_skew(self.allowed_skew)
            .grace(self.grace)
            .limits(self.limits)
            .clock(Arc::clone(&self.clock));
        if !self.expires_required {
            verifier = verifier.expires_optional();
        }
        match &self.nonces {
            Some(nonces) => verifier.nonce_store(Arc::clone(nonces)),
            None => verifier.without_replay_check(),
        }
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
