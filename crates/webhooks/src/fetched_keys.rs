use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;
use tokio::sync::watch;
use tower::BoxError;
use upvest_auth_signing::{Clock, SystemClock, VerifyingKey};
use upvest_models::JsonWebKeySet;

use crate::{KeyFuture, KeySource, KeySourceError, StaticKeys};

/// Keys that are fetched when they are needed, and kept.
///
/// | when they are fetched | who waits |
/// |---|---|
/// | for the first delivery | it, and those that come meanwhile |
/// | for a `keyid` that is not known, at most once a minute, whatever `keyid`s are made up | those with such a `keyid` |
/// | when they are a day old, so that a withdrawn key does not stay valid | nobody |
///
/// One request is in flight at a time, and serves all deliveries that wait. It runs on the tokio
/// runtime of the first of them, goes on when their connections close, and is given up after 30
/// seconds. When a request fails, the known keys stay valid. While no key is known, the next
/// request follows after 1 second, then 2, 4, and so on up to a minute.
///
/// ```
/// use upvest_webhooks::FetchedKeys;
///
/// # fn keys(client: upvest::Client) -> FetchedKeys {
/// // The operation takes a token with the scope `webhooks:read` or `webhooks:admin`.
/// FetchedKeys::new(move || {
///     let client = client.clone();
///     async move { Ok(client.retrieve_webhook_keys().send().await?.into_inner()) }
/// })
/// # }
/// ```
pub struct FetchedKeys {
    fetch: Fetch,
    clock: Arc<dyn Clock>,
    interval: Duration,
    max_age: Duration,
    timeout: Duration,
    known: Arc<Mutex<Known>>,
}

type Fetch = Box<dyn Fn() -> BoxFuture<'static, Result<JsonWebKeySet, BoxError>> + Send + Sync>;

/// What is known of the keys.
#[derive(Default)]
struct Known {
    keys: Arc<StaticKeys>,
    /// When keys were last fetched.
    fetched: Option<SystemTime>,
    /// When the last attempt was made.
    tried: Option<SystemTime>,
    /// How many attempts were made since a key was last known.
    tries_without_keys: u32,
    /// Why the latest attempt failed, or that it has not ended yet.
    error: Option<KeySourceError>,
    /// Closes when the latest attempt ends, with or without success.
    running: Option<watch::Receiver<()>>,
}

/// Why there are no keys when an attempt was interrupted: it panicked, or its runtime was shut
/// down.
#[derive(Debug, thiserror::Error)]
#[error("fetching them was interrupted")]
struct BrokenOff;

impl FetchedKeys {
    /// Makes a source of the keys that `fetch` returns.
    pub fn new<F, T>(fetch: F) -> Self
    where
        F: Fn() -> T + Send + Sync + 'static,
        T: Future<Output = Result<JsonWebKeySet, BoxError>> + Send + 'static,
    {
        Self {
            fetch: Box::new(move || Box::pin(fetch())),
            clock: Arc::new(SystemClock),
            interval: Duration::from_secs(60),
            max_age: Duration::from_secs(24 * 60 * 60),
            timeout: Duration::from_secs(30),
            known: Arc::default(),
        }
    }

    /// The clock by which age and interval are measured.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How long to wait after one attempt before the next. 60 seconds unless set, and less while no
    /// key is known.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The age at which keys are fetched again even if no key is missing. 24 hours unless set.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    /// The time after which an attempt is given up. 30 seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    async fn find(&self, key_id: &str) -> Result<Option<VerifyingKey>, KeySourceError> {
        let running = {
            let mut known = self.lock();
            let key = known.keys.get(key_id);
            if self.is_due(&known, key.is_some()) {
                self.start(&mut known);
            }
            match &known.running {
                Some(running) if key.is_none() => running.clone(),
                _ => return known.answer(key),
            }
        };
        // Nothing is ever sent: it fails when the attempt is done.
        let mut running = running;
        let _ = running.changed().await;
        let known = self.lock();
        known.answer(known.keys.get(key_id))
    }

    /// Whether to fetch keys now, where the key looked for is known or not.
    fn is_due(&self, known: &Known, is_known: bool) -> bool {
        let is_running = |running: &watch::Receiver<_>| running.has_changed().is_ok();
        if known.running.as_ref().is_some_and(is_running) {
            return false;
        }
        let now = self.clock.now();
        // A clock that was set back must not stop anything.
        let is_past = |since: Option<SystemTime>, time| {
            since.is_none_or(|since| now.duration_since(since).map_or(true, |age| age >= time))
        };
        is_past(known.tried, self.pause(known))
            && (!is_known || is_past(known.fetched, self.max_age))
    }

    /// How long to wait after the latest attempt.
    fn pause(&self, known: &Known) -> Duration {
        let Some(doublings) = known.tries_without_keys.checked_sub(1) else {
            return self.interval;
        };
        let seconds = 1u64.checked_shl(doublings).unwrap_or(u64::MAX);
        self.interval.min(Duration::from_secs(seconds))
    }

    /// Fetches keys for all who wait for them.
    fn start(&self, known: &mut Known) {
        let (done, running) = watch::channel(());
        known.running = Some(running);
        known.tried = Some(self.clock.now());
        known.error = Some(KeySourceError::new(BrokenOff));
        if known.keys.is_empty() {
            known.tries_without_keys = known.tries_without_keys.saturating_add(1);
        }
        let attempt = tokio::time::timeout(self.timeout, (self.fetch)());
        let (clock, known) = (Arc::clone(&self.clock), Arc::clone(&self.known));
        tokio::spawn(async move {
            let outcome = match attempt.await {
                Ok(outcome) => outcome,
                Err(elapsed) => Err(elapsed.into()),
            };
            lock(&known).take(outcome, clock.now());
            drop(done);
        });
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        lock(&self.known)
    }
}

fn lock(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Known {
    fn take(&mut self, outcome: Result<JsonWebKeySet, BoxError>, now: SystemTime) {
        match outcome {
            Ok(jwks) => {
                self.keys = Arc::new(StaticKeys::usable(&jwks));
                self.fetched = Some(now);
                self.error = None;
            }
            Err(error) => self.error = Some(KeySourceError::new(error)),
        }
        if !self.keys.is_empty() {
            self.tries_without_keys = 0;
        }
    }

    /// A key that is missing counts as unknown only if the latest attempt did not fail.
    fn answer(&self, key: Option<VerifyingKey>) -> Result<Option<VerifyingKey>, KeySourceError> {
        match (key, &self.error) {
            (None, Some(error)) => Err(error.clone()),
            (key, _) => Ok(key),
        }
    }
}

impl KeySource for FetchedKeys {
    fn key<'a>(&'a self, key_id: &'a str) -> KeyFuture<'a> {
        Box::pin(self.find(key_id))
    }
}

impl fmt::Debug for FetchedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FetchedKeys")
            .field("keys", &self.lock().keys)
            .field("interval", &self.interval)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}
