use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use futures_util::future::BoxFuture;
use serde::Deserialize;
use tower::BoxError;
use upvest_auth_signing::{Clock, KeyError, SystemClock, VerifyingKey};
use upvest_models::JsonWebKeySet;

/// What [`KeySource::key`] returns.
pub type KeyFuture<'a> = BoxFuture<'a, Result<Option<VerifyingKey>, KeySourceError>>;

/// Where the public keys come from that deliveries are signed with.
///
/// [`StaticKeys`] has them from the start, [`FetchedKeys`] asks for them.
pub trait KeySource: Send + Sync {
    /// The key known by this id, the `keyid` of a signature; `None` if there is no such key.
    ///
    /// Nothing is verified yet: anybody may have made the id up.
    ///
    /// # Errors
    ///
    /// When it cannot be told for the moment. The delivery is answered with 503 then, so that it
    /// comes again.
    fn key<'a>(&'a self, key_id: &'a str) -> KeyFuture<'a>;
}

impl<K: KeySource + ?Sized> KeySource for Arc<K> {
    fn key<'a>(&'a self, key_id: &'a str) -> KeyFuture<'a> {
        (**self).key(key_id)
    }
}

impl fmt::Debug for dyn KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySource")
    }
}

/// The keys cannot be had for the moment.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the keys that webhooks are signed with cannot be fetched")]
pub struct KeySourceError {
    source: Arc<dyn std::error::Error + Send + Sync>,
}

impl KeySourceError {
    /// The error with what it came from.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self {
            source: source.into().into(),
        }
    }
}

/// Keys that are known from the start.
///
/// ```
/// use upvest_webhooks::StaticKeys;
///
/// let keys = StaticKeys::from_json(
///     r#"{ "keys": [{
///         "kid": "9ed77463-c18e-4794-ab5c-17423f9b801a",
///         "kty": "EC",
///         "crv": "P-521",
///         "x": "AcYAf5Ou0UvtehpeRvyhnvvrUQvjI4B3VCxfSmxK4gqKJGxO_jTB-nTdrHbBfmZpwmwYR86DppMg43E579K5MQ54",
///         "y": "ALkrId77iD0Ye2vBS5bTkLqPH-bo8urTpTXiNc6Ub-VOFbXfJrR0tQ8COvVXXu58BTu8jWV-1mtbjfJpDl3ISbcK"
///     }] }"#,
/// )?;
/// assert_eq!(keys.len(), 1);
/// # Ok::<(), upvest_webhooks::JwksError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct StaticKeys(HashMap<String, VerifyingKey>);

impl StaticKeys {
    /// The keys of a JSON Web Key Set (RFC 7517): those on the curve P-521 that have a `kid`. Keys
    /// of other kinds are passed over, as RFC 7517 section 5 has it.
    ///
    /// # Errors
    ///
    /// When it is no key set, or when a P-521 key is not on the curve.
    pub fn from_json(jwks: &str) -> Result<Self, JwksError> {
        #[derive(Deserialize)]
        struct Set {
            keys: Vec<Key>,
        }
        #[derive(Deserialize)]
        struct Key {
            kid: Option<String>,
            kty: Option<String>,
            crv: Option<String>,
            x: Option<String>,
            y: Option<String>,
        }

        let set: Set =
            serde_json::from_str(jwks).map_err(|source| JwksError::Malformed { source })?;
        let members = set.keys.into_iter().filter_map(|key| {
            let is_meant = key.kty? == "EC" && key.crv? == "P-521";
            is_meant.then_some(Member {
                kid: key.kid?,
                x: key.x?,
                y: key.y?,
            })
        });
        members.map(Member::read).collect()
    }

    /// The keys of the answer of the operation `get_jwks`, as [`from_json`](Self::from_json) has
    /// them.
    ///
    /// # Errors
    ///
    /// When a P-521 key is not on the curve.
    pub fn from_jwks(jwks: &JsonWebKeySet) -> Result<Self, JwksError> {
        members(jwks).map(Member::read).collect()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A P-521 key of a set.
struct Member {
    kid: String,
    x: String,
    y: String,
}

impl Member {
    fn read(self) -> Result<(String, VerifyingKey), JwksError> {
        match VerifyingKey::from_p521_coordinates(&self.x, &self.y) {
            Ok(key) => Ok((self.kid, key)),
            Err(source) => Err(JwksError::Key {
                kid: self.kid,
                source,
            }),
        }
    }
}

fn members(jwks: &JsonWebKeySet) -> impl Iterator<Item = Member> {
    jwks.keys.iter().filter_map(|key| {
        let is_meant = key.kty.as_ref()?.as_str() == "EC" && key.crv.as_ref()?.as_str() == "P-521";
        is_meant.then_some(Member {
            kid: key.kid?.to_string(),
            x: key.x.clone()?,
            y: key.y.clone()?,
        })
    })
}

/// Keys by their ids.
impl FromIterator<(String, VerifyingKey)> for StaticKeys {
    fn from_iter<I: IntoIterator<Item = (String, VerifyingKey)>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

impl KeySource for StaticKeys {
    fn key<'a>(&'a self, key_id: &'a str) -> KeyFuture<'a> {
        let key = self.0.get(key_id).cloned();
        Box::pin(std::future::ready(Ok(key)))
    }
}

/// Why a key set cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwksError {
    /// It is no JSON Web Key Set.
    #[error("this is no JSON Web Key Set: expected an object with an array `keys`")]
    Malformed {
        /// What the parser stumbled over.
        source: serde_json::Error,
    },
    /// A key is none.
    #[error("the key `{kid}` is no P-521 key")]
    Key {
        /// The id of the key.
        kid: String,
        /// What is wrong with it.
        source: KeyError,
    },
}

/// Keys that are fetched when they are needed, and kept.
///
/// They are fetched for the first delivery, for a `keyid` that is not among them, and once a day, so
/// that a key that is withdrawn does not stay for ever. One request is in flight at a time, whoever
/// waits for it; and unless the keys are a day old, there is at most one a minute, whatever `keyid`s
/// anybody makes up. When fetching fails, the keys that are known stay.
///
/// ```
/// use upvest_webhooks::FetchedKeys;
///
/// # fn keys(client: upvest::Client) -> FetchedKeys {
/// // The operation takes a token with the scope `webhooks:read` or `webhooks:admin`.
/// FetchedKeys::new(move || {
///     let client = client.clone();
///     async move { Ok(client.get_jwks().send().await?.into_inner()) }
/// })
/// # }
/// ```
pub struct FetchedKeys {
    fetch: Fetch,
    clock: Arc<dyn Clock>,
    interval: Duration,
    max_age: Duration,
    known: Mutex<Arc<Known>>,
    /// Held while keys are fetched.
    fetching: tokio::sync::Mutex<()>,
}

type Fetch = Box<dyn Fn() -> BoxFuture<'static, Result<JsonWebKeySet, BoxError>> + Send + Sync>;

/// The outcome of the latest attempt.
#[derive(Default)]
struct Known {
    keys: StaticKeys,
    /// When keys were last fetched, and when that was last tried.
    fetched: Option<SystemTime>,
    tried: Option<SystemTime>,
    /// Why it failed, if it did.
    error: Option<KeySourceError>,
}

impl FetchedKeys {
    /// Keys that `fetch` returns. It should give up after some time: deliveries whose key is not
    /// known wait for it.
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
            known: Mutex::default(),
            fetching: tokio::sync::Mutex::new(()),
        }
    }

    /// The clock that age and interval are measured by.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How long to wait after one attempt before the next: 60 seconds unless told otherwise.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// The age at which keys are fetched anew even though nothing is missing: 24 hours unless told
    /// otherwise.
    pub fn max_age(mut self, max_age: Duration) -> Self {
        self.max_age = max_age;
        self
    }

    async fn find(&self, key_id: &str) -> Result<Option<VerifyingKey>, KeySourceError> {
        let known = self.known();
        let key = known.keys.0.get(key_id).cloned();
        if !self.is_due(&known, key.is_some()) {
            return known.answer(key);
        }
        let _guard = match self.fetching.try_lock() {
            Ok(guard) => guard,
            // Whose key is known need not wait for others.
            Err(_) if key.is_some() => return Ok(key),
            Err(_) => self.fetching.lock().await,
        };
        // Somebody else may have fetched them meanwhile.
        let known = self.known();
        let key = known.keys.0.get(key_id).cloned();
        if !self.is_due(&known, key.is_some()) {
            return known.answer(key);
        }
        let outcome = (self.fetch)().await;
        let now = self.clock.now();
        let known = Arc::new(match outcome {
            Ok(jwks) => Known {
                // One that is none must not cost the others.
                keys: members(&jwks).flat_map(Member::read).collect(),
                fetched: Some(now),
                tried: Some(now),
                error: None,
            },
            Err(error) => Known {
                keys: known.keys.clone(),
                fetched: known.fetched,
                tried: Some(now),
                error: Some(KeySourceError::new(error)),
            },
        });
        *self.lock() = Arc::clone(&known);
        known.answer(known.keys.0.get(key_id).cloned())
    }

    /// Whether it is time to fetch keys, where the key looked for is known or not.
    fn is_due(&self, known: &Known, is_known: bool) -> bool {
        let now = self.clock.now();
        // A clock that was set back must not stop anything.
        let is_past = |since: Option<SystemTime>, time| {
            since.is_none_or(|since| now.duration_since(since).map_or(true, |age| age >= time))
        };
        is_past(known.tried, self.interval) && (!is_known || is_past(known.fetched, self.max_age))
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Arc<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// That a key is not known means something only if the latest attempt did not fail.
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
            .field("keys", &self.known().keys)
            .field("interval", &self.interval)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}
