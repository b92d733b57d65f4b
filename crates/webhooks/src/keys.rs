use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use tower::BoxError;
use upvest_auth_signing::VerifyingKey;

/// What [`KeySource::key`] returns.
pub type KeyFuture<'a> = BoxFuture<'a, Result<Option<VerifyingKey>, KeySourceError>>;

/// Where the public keys come from that deliveries are signed with.
///
/// [`StaticKeys`](crate::StaticKeys) has them from the start, [`FetchedKeys`](crate::FetchedKeys) asks for them.
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
