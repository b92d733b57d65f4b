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

/// Puts `upvest-client-id` on every request, and an access token on those that ask for one.
///
/// A request asks for a token by a set of [`Scopes`] in its extensions; without one, or with an
/// empty one, it goes on without a token. The layer requests tokens by client credentials
/// through the service below it, so that whatever signs calls signs token requests too, or takes
/// them from a [`TokenSource`]. It keeps one token for each set of scopes. All services made by a
/// layer and its clones share these tokens.
///
/// * However many callers wait, one token request is in flight for each set of scopes. They
///   share its result, failure included. It goes on when they go away, run by the
///   [`executor`](Self::executor) and within its own time limits.
/// * A token is replaced ahead of its end, by the time set with
///   [`refresh_ahead`](Self::refresh_ahead) or half its lifetime, whichever is shorter, less a
///   random part of up to half. The first caller from then on starts a single attempt, and waits for
///   it no more than the others do: the old token serves while it is valid. When the attempt fails,
///   which is logged, the next one comes 5 seconds later at the earliest.
/// * When there is no valid token, a token request that got no response, or 429, 502, 503 or 504,
///   is made up to twice more, after a short random wait and what `retry-after` asks for. Should
///   that fail too, all callers get the same error without another request for a second, or for
///   as long as `retry-after` asks, up to a minute.
/// * When a call is answered with 401, its token is dropped, and the call is sent once more
///   with a new one. If that is answered with 401 too, the caller gets the 401. Within a second
///   after a token was dropped, no further one of these scopes is. A 401 with problem details that
///   blame the signature is passed on as it is, and the token is kept.
/// * What a call may cost beyond the first requests can be limited by a
///   [`RequestBudget`](crate::RequestBudget) in its extensions.
/// * Tokens are kept for 256 sets of scopes. For one more, that which expires first is dropped.
/// * A lifetime (`expires_in`) that is missing is taken as 60 seconds. Any token serves for at
///   least one second and at most for a day, whatever its lifetime is said to be.
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
    /// A layer that requests tokens with these credentials from `token_url`, which is
    /// `/auth/token` on the server that the calls go to.
    pub fn new(credentials: ClientCredentials, token_url: Uri) -> Self {
        let client_id = HeaderValue::from_str(credentials.client_id());
        Self::from_origin(client_id, Origin::Credentials(credentials, token_url))
    }

    /// A layer that takes tokens from a source of one's own, and makes no token requests itself.
    /// The client id (a UUID) is put on every request all the same.
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

    /// What limits and waits are timed with. [`TokioTimer`] unless set.
    pub fn timer(mut self, timer: impl Timer + 'static) -> Self {
        self.tokens.timer = Arc::new(timer);
        self
    }

    /// What runs token requests to their end. [`TokioExecutor`] unless set.
    pub fn executor(mut self, executor: impl Executor + 'static) -> Self {
        self.tokens.executor = Arc::new(executor);
        self
    }

    /// Where the randomness of waits comes from. [`RandomJitter`] unless set.
    pub fn jitter(mut self, jitter: impl Jitter + 'static) -> Self {
        self.tokens.jitter = Arc::new(jitter);
        self
    }

    /// How long before its end a token is replaced, at most. Half the lifetime is the limit. 60
    /// seconds unless set.
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

    /// The meter that makes the instruments: unless set, `upvest_auth_signing` of the global provider, as
    /// it is when the layer is made.
    #[cfg(feature = "otel")]
    pub fn meter(mut self, meter: &opentelemetry::metrics::Meter) -> Self {
        self.tokens.metrics = Metrics::of(meter);
        self
    }

    /// How often a token is requested at most before a call without a valid one fails. 3 times
    /// unless set; 0 is taken as 1.
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
/// Its error is what the service below fails with, or a [`TokenError`] (to be had by
/// `downcast_ref`) when there is no token; the call is not sent then. It is always ready: each
/// of the requests it makes of a call waits for the service below in its turn, as holding on to
/// one place there while waiting for another could lock up.
///
/// The body type of responses has to be one that can be made of [`Bytes`], as that of reqwest
/// can: of a 401 the body is read here, and may have to be handed on.
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
    /// The value of `authorization` for these scopes, from the cache or newly fetched, for
    /// requests that do not come by here. It is marked as sensitive.
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
