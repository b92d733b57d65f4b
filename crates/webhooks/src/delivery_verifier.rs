use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::uri::PathAndQuery;
use upvest_auth_signing::{
    self as signing, Clock, EcdsaEncoding, Limits, Message, NonceStore, SignatureVersion,
    SystemClock, Verified, VerifyError, VerifyingKey,
};

use crate::untaken::{Fingerprint, Untaken};
use crate::{Event, KeySource, KeySourceError, event};

/// Checks that a request is a delivery of Upvest, and reads its events.
///
/// Upvest does not publish what exactly it signs, and for how long signatures are valid. The
/// defaults accept what is plausible and safe:
///
/// | | default | see |
/// |---|---|---|
/// | version | only 6, by which webhooks are signed | [`versions`](Self::versions) |
/// | covered | `@method`, `@path`, `@query` if there is a query, and `digest` if there is a body | [`required`](Self::required) |
/// | encoding of ECDSA signatures | DER or fixed width | [`ecdsa_encoding`](Self::ecdsa_encoding) |
/// | `created` to `expires` | at most an hour | [`max_lifetime`](Self::max_lifetime) |
/// | without `expires` | valid for 5 minutes after `created` | [`lifetime_without_expires`](Self::lifetime_without_expires), [`expires_required`](Self::expires_required) |
/// | skew of the clocks | 30 seconds | [`allowed_skew`](Self::allowed_skew) |
/// | after `expires` | 15 minutes | [`grace`](Self::grace) |
/// | nonces | not looked at | [`nonce_store`](Self::nonce_store) |
///
/// # Repetitions
///
/// Upvest repeats a delivery that was not acknowledged, at the latest 10 minutes after the last
/// attempt, and sends nothing else to the subscription before it is accepted. Upvest does not
/// publish whether each attempt is signed again. So:
///
/// - An attempt with a new signature is verified like any other.
/// - An attempt that repeats the last one byte for byte is accepted as well: the nonce is not
///   checked, and `expires` is ignored for the 15 minutes of [`grace`](Self::grace).
/// - An attempt that repeats a delivery which this verifier has verified, and which was never
///   [`taken`](Self::taken), is accepted however old it is, if the last attempt was at most an hour
///   ago. Otherwise a database that is down for an hour would block all deliveries forever. (The
///   memory of the process holds 1024 such deliveries; after a restart, only `grace` counts.)
///
/// A delivery that is captured and sent again while it is still accepted does no harm: its events
/// are found in the [`Inbox`](crate::Inbox), which must remember them for at least that long. With
/// an inbox that never forgets, `grace` may be [`Duration::MAX`].
///
/// ```
/// use upvest_webhooks::{DeliveryVerifier, StaticKeys};
///
/// # async fn receive(request: http::Request<Vec<u8>>) -> Result<(), Box<dyn std::error::Error>> {
/// let verifier = DeliveryVerifier::new(StaticKeys::from_json(r#"{ "keys": [] }"#)?);
/// let delivery = verifier.verify(&request).await?;
/// for event in &delivery.events {
///     println!("{:?}", event.event_type());
/// }
/// verifier.taken(&delivery);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct DeliveryVerifier {
    keys: Arc<dyn KeySource>,
    clock: Arc<dyn Clock>,
    /// The rules for a delivery, and those for one that was accepted before and not taken.
    rules: signing::Verifier,
    rules_for_repetitions: signing::Verifier,
    max_events: usize,
    untaken: Arc<Untaken>,
}

/// A request that Upvest sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// The events in the delivery, in ascending order of `created_at`. An event that cannot be read
    /// is among them like any other.
    pub events: Vec<Event>,
    /// The parameters and components of the signature.
    pub verified: Verified,
    fingerprint: Fingerprint,
}

/// Why a request is not accepted as a delivery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeliveryError {
    /// It was not signed by Upvest, or its signature is not as it must be.
    #[error("the request is not a delivery from Upvest")]
    Signature(#[source] VerifyError),
    /// The keys are not available, so it is unknown for the moment whether Upvest signed it.
    #[error(transparent)]
    Keys(#[from] KeySourceError),
}

impl DeliveryVerifier {
    /// Makes a verifier with these keys, and the defaults above.
    pub fn new(keys: impl KeySource + 'static) -> Self {
        // Keys are looked up between inspection and verification.
        let rules = signing::Verifier::new(|_: &str| None);
        Self {
            keys: Arc::new(keys),
            clock: Arc::new(SystemClock),
            rules_for_repetitions: rules.clone(),
            rules,
            max_events: 10_000,
            untaken: Arc::default(),
        }
        .judged(|rules| {
            rules
                .version(SignatureVersion::V6)
                .ecdsa_encoding(EcdsaEncoding::Either)
                .required(["@method", "@path", "@query"])
                .max_lifetime(Duration::from_secs(60 * 60))
                .expires_optional(Duration::from_secs(5 * 60))
                .allowed_skew(Duration::from_secs(30))
                .grace(Duration::from_secs(15 * 60))
                .without_replay_check()
        })
    }

    fn judged(mut self, change: impl FnOnce(signing::Verifier) -> signing::Verifier) -> Self {
        self.rules = change(self.rules);
        let rules = self.rules.clone();
        self.rules_for_repetitions = rules.without_age_check().without_replay_check();
        self
    }

    /// The versions of Upvest's rules to accept. The header `upvest-signature-version` says by
    /// which of them a request is judged (see [`SignatureVersion::of`]): without that header, by
    /// version 6.
    pub fn versions(self, versions: impl IntoIterator<Item = SignatureVersion>) -> Self {
        self.judged(|rules| rules.versions(versions))
    }

    /// How ECDSA signatures may be written.
    pub fn ecdsa_encoding(self, encoding: EcdsaEncoding) -> Self {
        self.judged(|rules| rules.ecdsa_encoding(encoding))
    }

    /// The clock that signatures are judged by.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        let clock = Arc::clone(&self.clock);
        self.judged(|rules| rules.clock(clock))
    }

    /// The components that every signature must cover, in place of `@method`, `@path` and `@query`.
    /// `@query` is required only of a request with a query, and the digest of every request with a
    /// body, whether it is listed or not.
    pub fn required<C: Into<String>>(self, components: impl IntoIterator<Item = C>) -> Self {
        self.judged(|rules| rules.required(components))
    }

    /// The longest time accepted between `created` and `expires`.
    pub fn max_lifetime(self, lifetime: Duration) -> Self {
        self.judged(|rules| rules.max_lifetime(lifetime))
    }

    /// For how long after `created` a signature without `expires` is accepted. 5 minutes unless
    /// set. [`grace`](Self::grace) does not extend it.
    pub fn lifetime_without_expires(self, lifetime: Duration) -> Self {
        self.judged(|rules| rules.expires_optional(lifetime))
    }

    /// Refuses signatures without `expires`.
    pub fn expires_required(self) -> Self {
        self.judged(signing::Verifier::expires_required)
    }

    /// By how much the clock of the sender may differ.
    pub fn allowed_skew(self, skew: Duration) -> Self {
        self.judged(|rules| rules.allowed_skew(skew))
    }

    /// For how long after `expires` a signature is still accepted.
    pub fn grace(self, grace: Duration) -> Self {
        self.judged(|rules| rules.grace(grace))
    }

    /// Refuses signatures without a nonce, and those whose nonce was used before, unless the
    /// delivery has not been taken yet.
    ///
    /// If Upvest repeats deliveries byte for byte, this blocks all deliveries as soon as one
    /// acknowledgement is lost. An inbox makes it unnecessary.
    pub fn nonce_store(self, store: impl NonceStore + 'static) -> Self {
        self.judged(|rules| rules.nonce_store(store))
    }

    /// How much of the headers `signature-input` and `signature` to look at.
    pub fn limits(self, limits: Limits) -> Self {
        self.judged(|rules| rules.limits(limits))
    }

    /// How many events to read in one delivery. 10,000 unless set. A delivery with more events
    /// counts as one malformed event. (Deliveries of Upvest have at most 1 MiB, in which that many
    /// events do not fit.)
    pub fn max_events(mut self, events: usize) -> Self {
        self.max_events = events;
        self
    }

    /// The path to which deliveries are sent, if a proxy rewrites it: the signature covers the
    /// original path.
    pub fn path(self, path: PathAndQuery) -> Self {
        self.judged(|rules| rules.path(path))
    }

    /// Checks a request with the bytes of its body as received: a `&Request`, or a [`Message`] of
    /// its parts.
    ///
    /// Call [`taken`](Self::taken) once its events are handled or stored.
    ///
    /// # Errors
    ///
    /// [`DeliveryError::Signature`], to be answered with 401, or [`DeliveryError::Keys`], to be answered
    /// with 503.
    pub async fn verify<'a>(
        &self,
        message: impl Into<Message<'a>>,
    ) -> Result<Delivery, DeliveryError> {
        let message = message.into();
        let unverified = self.inspect(message).await?;
        unverified.verify(message.body)
    }

    /// Checks the head of a request, before its body is read: that the signature is well-formed, covers
    /// what it must and is neither too old nor too new, and that its key is known. The body of the
    /// message may be empty.
    ///
    /// It refuses senders who do not know the id of a key. A sender who knows one may still have
    /// made up the rest.
    ///
    /// # Errors
    ///
    /// The errors of [`verify`](Self::verify).
    pub async fn inspect<'a>(
        &'a self,
        message: impl Into<Message<'a>>,
    ) -> Result<UnverifiedDelivery<'a>, DeliveryError> {
        let message = message.into();
        let fingerprint = Fingerprint::of(message.headers);
        let rules = match self.untaken.contains(fingerprint, self.now()) {
            true => &self.rules_for_repetitions,
            false => &self.rules,
        };
        let inspected = rules.inspect(message).map_err(DeliveryError::Signature)?;
        let key = self.keys.key(inspected.key_id()).await?;
        let key = key.ok_or_else(|| {
            let key_id = inspected.key_id().to_owned();
            DeliveryError::Signature(VerifyError::UnknownKey { key_id })
        })?;
        Ok(UnverifiedDelivery {
            verifier: self,
            inspected,
            key,
            fingerprint,
        })
    }

    /// Notes that all events of a delivery were handled or stored: from now on, a late repetition
    /// is refused.
    pub fn taken(&self, delivery: &Delivery) {
        self.untaken.remove(delivery.fingerprint);
    }

    /// The time by the clock of the verifier.
    pub(crate) fn now(&self) -> SystemTime {
        self.clock.now()
    }
}

/// A request whose head is that of a delivery, and whose key is known: what [`DeliveryVerifier::inspect`]
/// returns. Its signature is not verified yet.
#[derive(Debug)]
#[must_use = "nothing is verified before `verify` was called"]
pub struct UnverifiedDelivery<'a> {
    verifier: &'a DeliveryVerifier,
    inspected: signing::Unverified<'a>,
    key: VerifyingKey,
    fingerprint: Fingerprint,
}

impl<'a> UnverifiedDelivery<'a> {
    /// The `keyid` of the signature.
    pub fn key_id(&self) -> &str {
        self.inspected.key_id()
    }

    /// Checks the rest with the bytes of the body as received, and reads the events.
    ///
    /// Call [`DeliveryVerifier::taken`] once they are handled or stored.
    ///
    /// # Errors
    ///
    /// [`DeliveryError::Signature`], to be answered with 401.
    pub fn verify(self, body: &'a [u8]) -> Result<Delivery, DeliveryError> {
        let inspected = self.inspected.with_body(body);
        let verified = inspected.verify(&self.key);
        let verified = verified.map_err(DeliveryError::Signature)?;
        let verifier = self.verifier;
        verifier.untaken.insert(self.fingerprint, verifier.now());
        Ok(Delivery {
            events: event::events(body, verifier.max_events),
            verified,
            fingerprint: self.fingerprint,
        })
    }
}

#[cfg(test)]
mod tests {
    use upvest_auth_signing::{KeyAlgorithm, Signer, SigningKey};

    use super::*;
    use crate::StaticKeys;

    #[tokio::test]
    async fn a_head_says_by_which_key_it_claims_to_be_signed() {
        let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).unwrap();
        let keys = StaticKeys::from_iter([("ours".to_owned(), key.verifying_key())]);
        let mut request = http::Request::post("/hooks")
            .body(bytes::Bytes::from("{}"))
            .unwrap();
        let signer = Signer::new(key, "ours").version(SignatureVersion::V6);
        signer.sign(&mut request).unwrap();
        let verifier = DeliveryVerifier::new(keys);
        let unverified = verifier.inspect(&request).await.unwrap();
        assert_eq!(unverified.key_id(), "ours");
        assert!(unverified.verify(b"{}").is_ok());
    }
}
