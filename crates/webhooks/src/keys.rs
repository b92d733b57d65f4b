use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tower::BoxError;
use upvest_auth_signing::VerifyingKey;

/// What [`KeySource::key`] returns.
pub type KeyFuture<'a> = BoxFuture<'a, Result<Option<VerifyingKey>, KeySourceError>>;

/// The source of the public keys by which deliveries are verified.
///
/// [`StaticKeys`](crate::StaticKeys) has them from the start, [`FetchedKeys`](crate::FetchedKeys)
/// fetches them.
pub trait KeySource: Send + Sync {
    /// Returns the key known by this id, the `keyid` of a signature; `None` if there is no such
    /// key.
    ///
    /// Nothing is verified yet: anybody may have made the id up.
    ///
    /// # Errors
    ///
    /// When the source cannot say for the moment. The delivery is answered with 503 then, so it is
    /// repeated.
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

/// Why the keys are not available for the moment.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the keys that webhooks are signed with cannot be fetched")]
pub struct KeySourceError {
    source: Arc<dyn std::error::Error + Send + Sync>,
}

impl KeySourceError {
    /// Makes the error from its source.
    pub fn new(source: impl Into<BoxError>) -> Self {
        Self {
            source: source.into().into(),
        }
    }
}
