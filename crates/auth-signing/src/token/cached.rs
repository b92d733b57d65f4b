//! A token while it is in the cache.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use super::AccessToken;

/// The lifetime of a token whose response does not give one.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

/// How long a token is used at least after it was received, however short its lifetime is, so that
/// there cannot be a token request for every call.
const MIN_LIFETIME: Duration = Duration::from_secs(1);

/// How long a token is used at most, however long its lifetime is: the longest lifetime that the
/// API's description mentions.
const MAX_LIFETIME: Duration = Duration::from_secs(86_400);

/// How many copies of a token there are, so that as many threads can take it without contention.
const STRIPES: usize = 16;

/// An access token and how long it is used.
pub(super) struct Token {
    /// One value several times. A clone counts its references in separate memory, as threads
    /// that count in the same place wait for each other longer than for anything else here.
    stripes: Box<[HeaderValue]>,
    received_at: SystemTime,
    /// From when on a new one should be fetched.
    refresh_at: SystemTime,
    /// From when on it must not be used.
    expires_at: SystemTime,
}

impl Token {
    /// The token that was asked for and arrived at these times. It is to be replaced ahead of
    /// its end by `refresh_ahead`, or half its lifetime if that is shorter; `jitter` from 0 to 1
    /// takes up to half of that away.
    pub(super) fn new(
        token: &AccessToken,
        requested_at: SystemTime,
        received_at: SystemTime,
        refresh_ahead: Duration,
        jitter: f64,
    ) -> Self {
        // The earlier of both, in case the clock was set back in between.
        let from = requested_at.min(received_at);
        let under_way = received_at.duration_since(from).unwrap_or_default();
        let lifetime = token
            .lifetime
            .unwrap_or(DEFAULT_LIFETIME)
            .min(MAX_LIFETIME)
            .max(under_way + MIN_LIFETIME);
        let expires_at = from + lifetime;
        let ahead = refresh_ahead.min(lifetime / 2).mul_f64(1.0 - jitter / 2.0);
        Self {
            stripes: (0..STRIPES).map(|_| stripe(&token.authorization)).collect(),
            received_at,
            refresh_at: expires_at - ahead,
            expires_at,
        }
    }

    /// The `authorization` value.
    pub(super) fn authorization(&self) -> HeaderValue {
        self.stripes[STRIPE.with(|stripe| *stripe)].clone()
    }

    /// Whether this is the token in an `authorization` value.
    pub(super) fn is(&self, authorization: &HeaderValue) -> bool {
        self.stripes.first() == Some(authorization)
    }

    pub(super) fn expires_at(&self) -> SystemTime {
        self.expires_at
    }

    pub(super) fn is_valid(&self, now: SystemTime) -> bool {
        now < self.expires_at
    }

    /// Whether to fetch a new one: it is about to expire, or the clock was set back, so that
    /// nobody knows when it does.
    pub(super) fn is_due(&self, now: SystemTime) -> bool {
        now >= self.refresh_at || now < self.received_at
    }

    /// How long it is used.
    pub(super) fn lifetime(&self) -> Duration {
        self.expires_at
            .duration_since(self.received_at)
            .unwrap_or_default()
    }
}

/// The bytes behind a header value, and the count of its references beside them, on separate
/// cache lines.
#[repr(align(128))]
struct Stripe(Zeroizing<Vec<u8>>);

impl AsRef<[u8]> for Stripe {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// The same value in other memory, wiped with the last clone of it.
fn stripe(authorization: &HeaderValue) -> HeaderValue {
    let bytes = Stripe(Zeroizing::new(authorization.as_bytes().to_vec()));
    let mut stripe = HeaderValue::from_maybe_shared(Bytes::from_owner(bytes))
        .unwrap_or_else(|_| unreachable!("these are the bytes of a header value"));
    stripe.set_sensitive(true);
    stripe
}

thread_local! {
    /// The stripe that this thread takes.
    static STRIPE: usize = {
        static THREADS: AtomicUsize = AtomicUsize::new(0);
        THREADS.fetch_add(1, Ordering::Relaxed) % STRIPES
    };
}
