use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{HeaderValue, InvalidHeaderValue};
use http::{Request, Response, Uri};
use http_body::Body;
use tower::{BoxError, Layer, Service};

use super::tokens::{Origin, Tokens};
use super::{
    ClientCredentials, Executor, Jitter, RandomJitter, Timer, TokenError, TokenSource,
    TokioExecutor, TokioTimer,
};
use crate::metrics::Metrics;
use crate::{Clock, Scopes, SystemClock};

/// Puts the header `upvest-client-id` on every request, and an access token on every request that
/// asks for one.
///
/// A request asks for a token by a set of [`Scopes`] in its extensions. Without such a set, or with
/// an empty one, it goes on without a token. The layer takes tokens from a [`TokenSource`], or
/// requests them by client credentials through the service below it, so that the layer that signs
/// calls signs token requests too. It keeps one token for each set of scopes. All services made by
/// a layer and its clones share these tokens.
///
/// * However many callers wait, one token request is in flight for each set of scopes. They share
///   its result, failure included. The [`executor`](Self::executor) runs it to its end within its
///   own time limits, even if all callers go away.
/// * A token is replaced before it expires: earlier by the time set with
///   [`refresh_ahead`](Self::refresh_ahead) or by half its lifetime, whichever is shorter, less a
///   random part of up to half of that. The first caller from then on starts a single attempt.
///   Nobody waits for it: the old token serves while it is valid. A failed attempt is logged, and
///   the next one is made 5 seconds later at the earliest.
/// * When there is no valid token, a token request that got no response, or 429, 502, 503 or 504,
///   is made up to twice more, after a short random wait in addition to what `retry-after` asks
///   for. If those fail too, all callers get the same error without another request for one second,
///   or for as long as `retry-after` asks, up to a minute.
/// * When a call is answered with 401, its token is dropped, and the call is sent once more with a
///   new one. If that is answered with 401 too, the caller gets the 401. Within one second after a
///   token was dropped, no other token of these scopes is dropped. A 401 with problem details that
///   blame the signature is passed on as it is, and the token is kept.
/// * A [`RequestBudget`](crate::RequestBudget) in the extensions of a call limits the requests that
///   it causes beyond the first ones.
/// * Tokens are kept for 256 sets of scopes. To make room for another set, the token that expires
///   first is dropped.
/// * A missing lifetime (`expires_in`) counts as 60 seconds. Any token is used for at least one
///   second and at most one day, whatever its lifetime.
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, Response};
/// use http_body_util::Full;
/// use tower::{Layer, ServiceExt, service_fn};
/// use upvest_auth_signing::{ClientCredentials, Scopes, TokenLayer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tower::BoxError> {
/// // The API: it answers the request for a token, and a call that has one.
/// let transport = service_fn(|request: Request<Bytes>| async move {
///     let answer = match request.uri().path() {
///         "/auth/token" => r#"{"access_token": "t", "expires_in": 1800, "token_type": "bearer", "scope": "webhooks:read"}"#,
///         _ => {
///             assert_eq!(request.headers()["authorization"], "Bearer t");
///             "{}"
///         }
///     };
///     Ok::<_, tower::BoxError>(Response::new(Full::<Bytes>::from(answer)))
/// });
/// let credentials = ClientCredentials::new("413715f2-5401-4b97-8055-034a6b879f8c", "client secret");
/// let url = "https://sandbox.upvest.co/auth/token".parse()?;
/// let service = TokenLayer::new(credentials, url).layer(transport);
///
/// let request = Request::get("https://sandbox.upvest.co/webhooks")
///     .extension(Scopes::from("webhooks:read"))
///     .body(Bytes::new())?;
/// service.oneshot(request).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct TokenLayer {
    tokens: Tokens,
}

impl TokenLayer {
    /// Makes a layer that requests tokens with these credentials from `token_url`: the path
    /// `/auth/token` on the server to which the calls go.
    pub fn new(credentials: ClientCredentials, token_url: Uri) -> Self {
        let client_id = HeaderValue::from_str(credentials.client_id());
        Self::from_origin(client_id, Origin::Credentials(credentials, token_url))
    }

    /// Makes a layer that takes tokens from this source, and makes no token requests itself. It
    /// still puts the client id (a UUID) on every request.
    pub fn from_source(client_id: impl AsRef<str>, source: impl TokenSource + 'static) -> Self {
        let client_id = HeaderValue::from_str(client_id.as_ref());
        Self::from_origin(client_id, Origin::Source(Arc::new(source)))
    }

    fn from_origin(client_id: Result<HeaderValue, InvalidHeaderValue>, origin: Origin) -> Self {
        Self {
            tokens: Tokens {
                origin,
                client_id: client_id.map_err(TokenError::client_id),
                clock: Arc::new(SystemClock),
                timer: Arc::new(TokioTimer),
                executor: Arc::new(TokioExecutor),
                jitter: Arc::new(RandomJitter),
                refresh_ahead: Duration::from_secs(60),
                timeout: Duration::from_secs(5),
                attempts: 3,
                cache: Arc::default(),
                metrics: Metrics::global(),
            },
        }
    }

    /// The clock that lifetimes are measured with.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.tokens.clock = Arc::new(clock);
        self
    }

    /// The timer for time limits and waits. [`TokioTimer`] unless set.
    pub fn timer(mut self, timer: impl Timer + 'static) -> Self {
        self.tokens.timer = Arc::new(timer);
        self
    }

    /// What runs token requests to their end. [`TokioExecutor`] unless set.
    pub fn executor(mut self, executor: impl Executor + 'static) -> Self {
        self.tokens.executor = Arc::new(executor);
        self
    }

    /// The source of randomness for waits. [`RandomJitter`] unless set.
    pub fn jitter(mut self, jitter: impl Jitter + 'static) -> Self {
        self.tokens.jitter = Arc::new(jitter);
        self
    }

    /// How long before it expires a token is replaced, at most: no more than half its lifetime
    /// counts. 60 seconds unless set.
    pub fn refresh_ahead(mut self, refresh_ahead: Duration) -> Self {
        self.tokens.refresh_ahead = refresh_ahead;
        self
    }

    /// How long one token request may take, from sending it to the last byte of the response. 5
    /// seconds unless set.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.tokens.timeout = timeout;
        self
    }

    /// The meter that makes the instruments. Unless set, it is the meter `upvest_auth_signing` of
    /// the provider that is global when the layer is made.
    #[cfg(feature = "otel")]
    pub fn meter(mut self, meter: &opentelemetry::metrics::Meter) -> Self {
        self.tokens.metrics = Metrics::of(meter);
        self
    }

    /// How often a token is requested at most before a call without a valid token fails. 3 times
    /// unless set; 0 counts as 1.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.tokens.attempts = attempts;
        self
    }
}

impl fmt::Debug for TokenLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("TokenLayer");
        self.tokens
            .origin
            .debug(&mut debug)
            .field("refresh_ahead", &self.tokens.refresh_ahead)
            .field("timeout", &self.tokens.timeout)
            .field("attempts", &self.tokens.attempts)
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
/// Its error is the error of the service below, or a [`TokenError`] (use `downcast_ref`) when there
/// is no token; the call is not sent then. The service is always ready: each request that a call
/// causes waits for the service below by itself, since reserving one place there while waiting for
/// another could deadlock.
///
/// The body type of responses must be one that can be made of [`Bytes`], such as that of reqwest:
/// the body of a 401 is read here and may be handed on.
#[derive(Clone)]
pub struct TokenService<S> {
    tokens: Arc<Tokens>,
    inner: S,
}

impl<S: fmt::Debug> fmt::Debug for TokenService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("TokenService");
        self.tokens
            .origin
            .debug(&mut debug)
            .field("inner", &self.inner)
            .finish_non_exhaustive()
    }
}

impl<S> TokenService<S> {
    /// Returns the value of `authorization` for these scopes, from the cache or newly fetched, for
    /// requests that do not pass through this service. The value is marked as sensitive.
    ///
    /// # Errors
    /// When there is no token: see [`TokenError`].
    pub fn authorization<B>(
        &self,
        scopes: &Scopes,
    ) -> impl Future<Output = Result<HeaderValue, TokenError>> + Send + 'static
    where
        S: Service<Request<Bytes>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
            + Clone
            + Send
            + 'static,
        B: Body<Data: Send, Error: Into<BoxError>> + Send + 'static,
    {
        self.tokens.authorization(&self.inner, scopes, None)
    }
}

impl<S, B> Service<Request<Bytes>> for TokenService<S>
where
    S: Service<Request<Bytes>, Response = Response<B>, Error: Into<BoxError>, Future: Send>
        + Clone
        + Send
        + 'static,
    B: Body<Data: Send, Error: Into<BoxError>> + From<Bytes> + Send + 'static,
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
