use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::HeaderValue;
use tower::BoxError;
use zeroize::Zeroizing;

use super::TokenError;
use crate::Scopes;

/// An access token as it was issued. Wiped from memory when dropped, and never shown by `Debug`.
pub struct AccessToken {
    /// `Bearer ...`, marked as sensitive.
    pub(super) authorization: HeaderValue,
    pub(super) lifetime: Option<Duration>,
}

impl AccessToken {
    /// Makes a bearer token (RFC 6750) from its text without `Bearer`. It has no lifetime until
    /// [`expires_in`](Self::expires_in) sets one.
    ///
    /// # Errors
    /// When the text is empty, or has characters that a header cannot carry.
    pub fn bearer(token: impl AsRef<str>) -> Result<Self, TokenError> {
        Self::read(token.as_ref()).map_err(TokenError::invalid)
    }

    /// How long the token is valid from now on. [`TokenLayer`](crate::TokenLayer) says how it
    /// treats very short and very long lifetimes, and a token without a lifetime.
    pub fn expires_in(mut self, lifetime: Duration) -> Self {
        self.lifetime = Some(lifetime);
        self
    }

    pub(super) fn read(token: &str) -> Result<Self, &'static str> {
        if token.is_empty() {
            return Err("it is empty");
        }
        let bearer = Zeroizing::new(["Bearer ", token].concat().into_bytes());
        let mut authorization = HeaderValue::from_maybe_shared(Bytes::from_owner(bearer))
            .map_err(|_| "it has characters that no header can carry")?;
        authorization.set_sensitive(true);
        Ok(Self {
            authorization,
            lifetime: None,
        })
    }
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken")
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// Provides access tokens that are not requested from the API here, but come from another source, such
/// as a vault or a sidecar.
///
/// A source fetches and does not cache: [`TokenLayer`](crate::TokenLayer) asks it once for all
/// callers, again only when a new token is due, and gives up on it after its time limit. It does
/// not ask again after an error, as only the source knows whether that would help.
///
/// A closure `Fn(Scopes) -> impl Future<Output = Result<AccessToken, BoxError>>` is a source:
///
/// ```
/// use std::time::Duration;
///
/// use upvest_auth_signing::{AccessToken, Scopes, TokenLayer};
///
/// # async fn ask_sidecar(_: &str) -> Result<String, std::io::Error> { Ok("token".to_owned()) }
/// let layer = TokenLayer::from_source(
///     "5ec16164-6173-461d-b90d-116d68f55b40",
///     |scopes: Scopes| async move {
///         let token = ask_sidecar(scopes.as_str()).await?;
///         Ok(AccessToken::bearer(token)?.expires_in(Duration::from_secs(1800)))
///     },
/// );
/// # let _ = layer;
/// ```
pub trait TokenSource: Send + Sync {
    /// Fetches a new token that has these scopes.
    ///
    /// # Errors
    /// When the token cannot be fetched, for any reason. Callers find the error as the source of
    /// their [`TokenError`].
    fn token(&self, scopes: Scopes) -> BoxFuture<'static, Result<AccessToken, BoxError>>;
}

impl<F, Fetch> TokenSource for F
where
    F: Fn(Scopes) -> Fetch + Send + Sync,
    Fetch: Future<Output = Result<AccessToken, BoxError>> + Send + 'static,
{
    fn token(&self, scopes: Scopes) -> BoxFuture<'static, Result<AccessToken, BoxError>> {
        self(scopes).boxed()
    }
}
