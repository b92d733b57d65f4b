//! The client and how it is built.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tower::ServiceExt;
use tower::retry::Retry;
use upvest_models::Uuid;

use super::base_url::BaseUrl;
use super::metrics::Metrics;
use super::retry::{Jitter, Retries, full_jitter};
use super::service::{Service, ServiceLayer, shared};
use super::{Body, BoxError, Error, RetryPolicy, attempt, trace};

const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_RESPONSE_BYTES: usize = 67_108_864;

/// A client of the API. Cloning it is cheap, and clones share their connections.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    base_url: BaseUrl,
    timeout: Duration,
    attempt_timeout: Option<Duration>,
    retries: RetryPolicy,
    max_response_bytes: usize,
    idempotency_keys: Arc<dyn Fn() -> Uuid + Send + Sync>,
    service: Service,
    metrics: Metrics,
}

impl Client {
    /// Begins to build a client for the API at an address, such as `https://sandbox.upvest.co`.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            base_url: base_url.into(),
            insecure_hosts: Vec::new(),
            timeout: TIMEOUT,
            attempt_timeout: None,
            retries: RetryPolicy::new(),
            retry_jitter: Arc::new(full_jitter),
            max_response_bytes: MAX_RESPONSE_BYTES,
            idempotency_keys: Arc::new(Uuid::new_v4),
            #[cfg(feature = "otel")]
            meter: None,
            transport: None,
            layers: Vec::new(),
            attempt_layers: Vec::new(),
        }
    }

    pub(super) fn base_url(&self) -> &BaseUrl {
        &self.inner.base_url
    }

    pub(super) fn timeout(&self) -> Duration {
        self.inner.timeout
    }

    pub(super) fn attempt_timeout(&self) -> Option<Duration> {
        self.inner.attempt_timeout
    }

    pub(super) fn retries(&self) -> RetryPolicy {
        self.inner.retries
    }

    pub(super) fn max_response_bytes(&self) -> usize {
        self.inner.max_response_bytes
    }

    pub(super) fn idempotency_key(&self) -> String {
        (self.inner.idempotency_keys)().to_string()
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    /// The service through which calls are sent, for your own requests: all layers, including
    /// tokens and signatures, down to the transport. It returns any answer unchanged, whatever its
    /// status. Such a request is sent once, and without a time limit.
    ///
    /// An [`OperationInfo`](crate::OperationInfo) among the extensions of a request, a
    /// `&'static OperationInfo`, says which scopes its token needs. A request without one gets no token.
    pub fn service(&self) -> Service {
        self.inner.service.clone()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.inner.base_url.to_string())
            .field("timeout", &self.inner.timeout)
            .field("retries", &self.inner.retries)
            .finish_non_exhaustive()
    }
}

pub(crate) type BoxLayer = Box<dyn FnOnce(Service) -> Service>;

/// Builds a [`Client`].
#[must_use = "there is no client before `build`"]
pub struct ClientBuilder {
    pub(crate) base_url: String,
    insecure_hosts: Vec<String>,
    timeout: Duration,
    attempt_timeout: Option<Duration>,
    retries: RetryPolicy,
    retry_jitter: Jitter,
    max_response_bytes: usize,
    idempotency_keys: Arc<dyn Fn() -> Uuid + Send + Sync>,
    #[cfg(feature = "otel")]
    meter: Option<opentelemetry::metrics::Meter>,
    transport: Option<Service>,
    layers: Vec<BoxLayer>,
    pub(crate) attempt_layers: Vec<BoxLayer>,
}

impl ClientBuilder {
    /// Allows plain `http` for a host other than this machine, such as `sandbox` in a network of
    /// containers. Others on the network can then read tokens and everything else.
    pub fn allow_insecure_host(mut self, host: impl Into<String>) -> Self {
        self.insecure_hosts.push(host.into());
        self
    }

    /// How long a whole call may take, from `send` to the last byte of the answer, including
    /// tokens, retries and the waits between them. 30 seconds unless set, here or for the call.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long one attempt at a call may take, from its start to the last byte of its response,
    /// including tokens. A third of the time of the whole call unless set, here or for the call.
    /// For a [`File`](crate::File), the limit applies to its head, and then to each part.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// How calls are retried. As [`RetryPolicy::new`] says unless set, here or for the call.
    pub fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = policy;
        self
    }

    /// The function that chooses how long to wait before a retry, given the longest wait allowed: a
    /// longer result is cut to that. Unless set, the wait is random and evenly distributed from
    /// zero to the longest.
    pub fn retry_jitter(
        mut self,
        pick: impl Fn(Duration) -> Duration + Send + Sync + 'static,
    ) -> Self {
        self.retry_jitter = Arc::new(pick);
        self
    }

    /// How large a response may be, in bytes of its body. 64 MiB (67,108,864 bytes) unless set. A
    /// larger response is an error with its status and headers, and is not read to the end.
    pub fn max_response_bytes(mut self, limit: usize) -> Self {
        self.max_response_bytes = limit;
        self
    }

    /// The function that makes idempotency keys for calls without one. Random UUIDs of version 4
    /// unless set; the API accepts no later versions.
    pub fn idempotency_keys(mut self, keys: impl Fn() -> Uuid + Send + Sync + 'static) -> Self {
        self.idempotency_keys = Arc::new(keys);
        self
    }

    /// Adds a [tower] layer that sees each call once, however often it is attempted. Requests pass
    /// through these layers in the order in which they were added, then through those that see
    /// [each attempt](Self::attempt_layer).
    ///
    /// ```
    /// use http::{HeaderValue, Request, Response};
    /// use tower::util::MapRequestLayer;
    /// use upvest_client::{Body, BoxError, Bytes, Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), upvest_client::Error> {
    /// let transport = tower::service_fn(|request: Request<Bytes>| async move {
    ///     assert_eq!(request.headers()["x-team"], "treasury");
    ///     Ok::<_, BoxError>(Response::new(Body::from(r#"{"keys": []}"#)))
    /// });
    /// let client = Client::builder("https://api.example")
    ///     .layer(MapRequestLayer::new(|mut request: Request<Bytes>| {
    ///         let headers = request.headers_mut();
    ///         headers.insert("x-team", HeaderValue::from_static("treasury"));
    ///         request
    ///     }))
    ///     .transport(transport)
    ///     .build()?;
    /// assert!(client.retrieve_webhook_keys().await?.keys.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [tower]: https://docs.rs/tower
    pub fn layer(mut self, layer: impl ServiceLayer) -> Self {
        self.layers.push(Box::new(move |inner| layer.around(inner)));
        self
    }

    /// Adds a layer that sees each attempt at a call, below retries. Requests pass through these
    /// layers in the order in which they were added. Tokens and signatures belong here, and the
    /// layer that signs must be the last.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
    /// use std::time::Duration;
    ///
    /// use http::{Request, Response, StatusCode};
    /// use tower::util::MapRequestLayer;
    /// use upvest_client::{Body, BoxError, Bytes, Client};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), upvest_client::Error> {
    /// let attempts = Arc::new(AtomicUsize::new(0));
    /// let counter = Arc::clone(&attempts);
    /// let transport = tower::service_fn(|_: Request<Bytes>| async {
    ///     let mut response = Response::new(Body::from(""));
    ///     *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    ///     Ok::<_, BoxError>(response)
    /// });
    /// let client = Client::builder("https://api.example")
    ///     .attempt_layer(MapRequestLayer::new(move |request: Request<Bytes>| {
    ///         counter.fetch_add(1, Relaxed);
    ///         request
    ///     }))
    ///     .retry_jitter(|_| Duration::ZERO)
    ///     .transport(transport)
    ///     .build()?;
    /// assert!(client.retrieve_webhook_keys().await.is_err());
    /// assert_eq!(attempts.load(Relaxed), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn attempt_layer(mut self, layer: impl ServiceLayer) -> Self {
        self.attempt_layers
            .push(Box::new(move |inner| layer.around(inner)));
        self
    }

    /// Sends requests through this service instead of its own transport: a
    /// [transport](crate::Transport) that several clients share, your own HTTP client, or a
    /// stand-in for tests. The service is responsible for TLS, and must not follow redirects.
    ///
    /// It may answer with any body of bytes, so that services of other HTTP libraries fit as they
    /// are. Its errors say how a connection failed, by the kind of an [`io::Error`], the error
    /// itself or one of its sources: nothing was sent if that is `ConnectionRefused`.
    ///
    /// [`io::Error`]: std::io::Error
    pub fn transport<S, B>(mut self, transport: S) -> Self
    where
        S: tower::Service<
                http::Request<Bytes>,
                Response = http::Response<B>,
                Error: Into<BoxError>,
                Future: Send,
            > + Clone
            + Send
            + Sync
            + 'static,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        let transport = transport
            .map_response(|response: http::Response<B>| response.map(Body::wrap))
            .map_err(Into::into);
        self.transport = Some(shared(transport));
        self
    }

    /// The meter for calls, attempts and refused retries: see [the crate](crate#metrics). Unless
    /// set, it is the meter `upvest_client` of the provider that is global when the client is
    /// built.
    #[cfg(feature = "otel")]
    pub fn meter(mut self, meter: &opentelemetry::metrics::Meter) -> Self {
        self.meter = Some(meter.clone());
        self
    }

    #[cfg(feature = "otel")]
    fn metrics(&self) -> Metrics {
        match &self.meter {
            Some(meter) => Metrics::new(meter),
            None => Metrics::new(&opentelemetry::global::meter(trace::TARGET)),
        }
    }

    #[cfg(not(feature = "otel"))]
    fn metrics(&self) -> Metrics {
        Metrics
    }

    pub(crate) fn address(&self) -> Result<BaseUrl, Error> {
        BaseUrl::parse(&self.base_url, &self.insecure_hosts)
    }

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// When the base URL does not parse or is not allowed, and when TLS cannot be set up.
    pub fn build(self) -> Result<Client, Error> {
        let base_url = self.address()?;
        let metrics = self.metrics();
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(&base_url)?,
        };
        let attempts = attempt::around(stack(
            self.attempt_layers,
            trace::around(transport, metrics.clone()),
        ));
        let retries = Retry::new(Retries::new(self.retry_jitter, metrics.clone()), attempts);
        let service = stack(self.layers, shared(retries));
        let inner = Inner {
            base_url,
            timeout: self.timeout,
            attempt_timeout: self.attempt_timeout,
            retries: self.retries,
            max_response_bytes: self.max_response_bytes,
            idempotency_keys: self.idempotency_keys,
            service,
            metrics,
        };
        Ok(Client {
            inner: Arc::new(inner),
        })
    }
}

/// A transport that speaks to this address and to nobody else.
#[cfg(feature = "transport")]
fn default_transport(base_url: &BaseUrl) -> Result<Service, Error> {
    let builder = super::Transport::builder().https_only(base_url.is_https());
    let builder = match base_url.is_loopback() {
        true => builder.no_proxy(),
        false => builder,
    };
    builder.build().map(shared)
}

#[cfg(not(feature = "transport"))]
fn default_transport(_: &BaseUrl) -> Result<Service, Error> {
    Err(Error::configuration(
        "the client has no transport: set one, or enable the feature `transport`".to_owned(),
    ))
}

/// Puts layers around a service, the first one outermost.
fn stack(layers: Vec<BoxLayer>, service: Service) -> Service {
    layers
        .into_iter()
        .rev()
        .fold(service, |inner, layer| layer(inner))
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder")
            .field("base_url", &self.base_url)
            .field("timeout", &self.timeout)
            .field("retries", &self.retries)
            .field("max_response_bytes", &self.max_response_bytes)
            .field("layers", &self.layers.len())
            .field("attempt_layers", &self.attempt_layers.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_builder_shows_its_settings() {
        let builder = Client::builder("https://api.example").timeout(Duration::from_secs(7));
        let shown = format!("{builder:?}");
        for part in ["https://api.example", "timeout: 7s", "attempt_layers: 0"] {
            assert!(shown.contains(part), "{part} in {shown}");
        }
    }
}
