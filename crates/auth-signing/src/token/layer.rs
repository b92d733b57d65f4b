use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{AUTHORIZATION, HeaderValue};
use http::{Request, Response, StatusCode, Uri};
use http_body::Body;
use tower::{BoxError, Layer, Service, ServiceExt};

use super::cache::TokenCache;
use super::request::{Token, build, fetch};
use super::{ClientCredentials, TokenError};
use crate::header::UPVEST_CLIENT_ID;
use crate::{Clock, Scopes, SystemClock};

/// Puts `upvest-client-id` on every request, and an access token on those that ask for one.
///
/// A request asks for a token by a set of [`Scopes`] in its extensions; without one, or with an
/// empty one, it goes on without a token. The layer requests tokens by client credentials
/// through the service below it, so that whatever signs calls signs token requests too, and
/// keeps one token for each set of scopes. All services made by a layer and its clones share
/// these tokens.
///
/// * However many callers wait, one token request is in flight for each set of scopes. They
///   share its result, failure included. A caller that goes away does not disturb the others.
/// * A token is replaced ahead of its end, by the time set with
///   [`refresh_ahead`](Self::refresh_ahead) or half its lifetime, whichever is shorter. While
///   it is valid, a failure to replace it is no failure of any call; the next attempt comes 5
///   seconds later at the earliest.
/// * When a call is answered with 401, its token is dropped, and the call is sent once more
///   with a new one. If that is answered with 401 too, so be it.
/// * A lifetime (`expires_in`) that is missing is taken as 60 seconds. Any token serves for at
///   least one second and at most for a day, whatever its lifetime is said to be.
#[derive(Clone)]
pub struct TokenLayer {
    tokens: Tokens,
}

/// Where tokens come from and where they are kept.
#[derive(Clone)]
struct Tokens {
    credentials: ClientCredentials,
    client_id: Result<HeaderValue, TokenError>,
    token_url: Uri,
    clock: Arc<dyn Clock>,
    refresh_ahead: Duration,
    cache: Arc<TokenCache>,
}

impl TokenLayer {
    /// A layer that requests tokens with these credentials from `token_url`, which is
    /// `/auth/token` on the server that the calls go to. Tokens are replaced 60 seconds ahead.
    pub fn new(credentials: ClientCredentials, token_url: Uri) -> Self {
        let client_id =
            HeaderValue::from_str(credentials.client_id()).map_err(TokenError::client_id);
        Self {
            tokens: Tokens {
                credentials,
                client_id,
                token_url,
                clock: Arc::new(SystemClock),
                refresh_ahead: Duration::from_secs(60),
                cache: Arc::default(),
            },
        }
    }

    /// The clock that lifetimes are measured with.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.tokens.clock = Arc::new(clock);
        self
    }

    /// How long before its end a token is replaced, at most. Half the lifetime is the limit.
    pub fn refresh_ahead(mut self, refresh_ahead: Duration) -> Self {
        self.tokens.refresh_ahead = refresh_ahead;
        self
    }
}

impl fmt::Debug for TokenLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenLayer")
            .field("credentials", &self.tokens.credentials)
            .field("token_url", &self.tokens.token_url)
            .field("refresh_ahead", &self.tokens.refresh_ahead)
            .finish_non_exhaustive()
    }
}

impl<S> Layer<S> for TokenLayer {
    type Service = TokenService<S>;

    fn layer(&self, inner: S) -> TokenService<S> {
        TokenService {
            tokens: Arc::new(self.tokens.clone()),
            inner,
        }
    }
}

/// The service that [`TokenLayer`] makes.
///
/// Its error is what the service below fails with, or a [`TokenError`] (to be had by
/// `downcast_ref`) when there is no token; the call is not sent then. It is always ready: each
/// of the requests it makes of a call waits for the service below in its turn, as holding on to
/// one place there while waiting for another could lock up.
#[derive(Clone)]
pub struct TokenService<S> {
    tokens: Arc<Tokens>,
    inner: S,
}

impl<S: fmt::Debug> fmt::Debug for TokenService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenService")
            .field("credentials", &self.tokens.credentials)
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<S, B> Service<Request<Bytes>> for TokenService<S>
where
    S: Service<Request<Bytes>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static,
    B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response<B>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Response<B>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let tokens = Arc::clone(&self.tokens);
        let inner = self.inner.clone();
        async move { tokens.call(inner, request).await }.boxed()
    }
}

impl Tokens {
    async fn call<S, B>(
        &self,
        inner: S,
        mut request: Request<Bytes>,
    ) -> Result<Response<B>, BoxError>
    where
        S: Service<Request<Bytes>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
            + Clone
            + Send
            + 'static,
        B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let client_id = self.client_id.clone()?;
        request.headers_mut().insert(UPVEST_CLIENT_ID, client_id);
        let scopes = request.extensions().get::<Scopes>().cloned();
        let Some(scopes) = scopes.filter(|scopes| !scopes.is_empty()) else {
            return inner.oneshot(request).await.map_err(Into::into);
        };

        let token = self.token(inner.clone(), &scopes).await?;
        let mut again = request.clone();
        authorize(&mut request, &token);
        let response = inner.clone().oneshot(request).await.map_err(Into::into)?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }

        drop(response);
        self.cache.discard(&scopes, &token);
        let token = self.token(inner.clone(), &scopes).await?;
        authorize(&mut again, &token);
        inner.oneshot(again).await.map_err(Into::into)
    }

    async fn token<S, B>(&self, inner: S, scopes: &Scopes) -> Result<Arc<Token>, TokenError>
    where
        S: Service<Request<Bytes>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
            + Clone
            + Send
            + 'static,
        B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        let client_id = self.client_id.clone()?;
        self.cache
            .get(scopes, &self.clock, || {
                let request = build(&self.credentials, client_id, &self.token_url, scopes);
                let clock = Arc::clone(&self.clock);
                let refresh_ahead = self.refresh_ahead;
                async move { fetch(inner, request, &*clock, refresh_ahead).await }
            })
            .await
    }
}

fn authorize(request: &mut Request<Bytes>, token: &Token) {
    request
        .headers_mut()
        .insert(AUTHORIZATION, token.authorization.clone());
}
