//! The client and how it is built.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use upvest_models::Uuid;

use tower::retry::Retry;

use super::base_url::BaseUrl;
use super::retry::{Jitter, Retries, full_jitter};
use super::transport::{self, Service, ServiceLayer};
use super::{Error, RetryPolicy, attempt, trace};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const TIMEOUT: Duration = Duration::from_secs(30);
const MAX_RESPONSE_BYTES: usize = 64 * 1024 * 1024;
const USER_AGENT: &str = concat!("upvest-rust/", env!("CARGO_PKG_VERSION"));

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
}

impl Client {
    /// Begins to build a client for the API at an address, such as `https://sandbox.upvest.co`.
    pub fn builder(base_url: impl Into<String>) -> ClientBuilder {
        ClientBuilder {
            base_url: base_url.into(),
            connect_timeout: CONNECT_TIMEOUT,
            timeout: TIMEOUT,
            attempt_timeout: None,
            retries: RetryPolicy::new(),
            retry_jitter: Arc::new(full_jitter),
            max_response_bytes: MAX_RESPONSE_BYTES,
            user_agent: USER_AGENT.to_owned(),
            idempotency_keys: Arc::new(Uuid::new_v4),
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

    pub(super) fn service(&self) -> Service {
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

type BoxLayer = Box<dyn FnOnce(Service) -> Service>;

/// Builds a [`Client`].
#[must_use = "there is no client before `build`"]
pub struct ClientBuilder {
    base_url: String,
    connect_timeout: Duration,
    timeout: Duration,
    attempt_timeout: Option<Duration>,
    retries: RetryPolicy,
    retry_jitter: Jitter,
    max_response_bytes: usize,
    user_agent: String,
    idempotency_keys: Arc<dyn Fn() -> Uuid + Send + Sync>,
    transport: Option<Service>,
    layers: Vec<BoxLayer>,
    attempt_layers: Vec<BoxLayer>,
}

impl ClientBuilder {
    /// How long a connection may take to come about. 5 seconds unless set; of no effect on a
    /// [transport](Self::transport) of one's own.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long a whole call may take, from `send` to the last byte of the answer, tokens, retries
    /// and the waits between them included. 30 seconds unless set, here or for the call.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long one attempt at a call may take, up to the last byte of its response, tokens
    /// included. A third of the time of the whole call, unless set, here or for the call. Of a
    /// [`File`](crate::File) the limit is for its head, and then for each part to come.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = Some(timeout);
        self
    }

    /// How calls are retried, as [`RetryPolicy::new`] says unless set, here or for the call.
    pub fn retries(mut self, policy: RetryPolicy) -> Self {
        self.retries = policy;
        self
    }

    /// How long to wait before a retry, given the longest wait there may be: what is longer is taken
    /// as that. Random unless set, any wait as likely as any other.
    pub fn retry_jitter(
        mut self,
        pick: impl Fn(Duration) -> Duration + Send + Sync + 'static,
    ) -> Self {
        self.retry_jitter = Arc::new(pick);
        self
    }

    /// How large a response may be, in bytes of its body. 64 MiB (67,108,864 bytes) unless set. A
    /// larger one is an error with its status and headers, and is not read to the end.
    pub fn max_response_bytes(mut self, limit: usize) -> Self {
        self.max_response_bytes = limit;
        self
    }

    /// Who calls (`user-agent`). Of no effect on a [transport](Self::transport) of one's own.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// Where the idempotency keys of calls come from that are not given one. Random UUIDs of version
    /// 4 unless set; the API takes no later versions.
    pub fn idempotency_keys(mut self, keys: impl Fn() -> Uuid + Send + Sync + 'static) -> Self {
        self.idempotency_keys = Arc::new(keys);
        self
    }

    /// Adds a [tower] layer that sees each call once, however often it is attempted. Requests pass
    /// through these layers in the order in which they were added, then through those that see
    /// [each attempt](Self::attempt_layer).
    ///
    /// [tower]: https://docs.rs/tower
    pub fn layer(mut self, layer: impl ServiceLayer) -> Self {
        self.layers.push(Box::new(move |inner| layer.around(inner)));
        self
    }

    /// Adds a layer that sees each attempt at a call, below retries. Requests pass through these
    /// layers in the order in which they were added; tokens and signatures belong here, and what
    /// signs has to be the last.
    pub fn attempt_layer(mut self, layer: impl ServiceLayer) -> Self {
        self.attempt_layers
            .push(Box::new(move |inner| layer.around(inner)));
        self
    }

    /// Sends requests by this service instead of the built-in one: a client of one's own, or a
    /// stand-in for tests. It is up to it to speak TLS and to leave redirects alone.
    pub fn transport(mut self, transport: Service) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Builds the client. Nothing is sent yet.
    ///
    /// # Errors
    /// When the base URL is none, or not `https` and not of this machine; when TLS cannot be set
    /// up.
    pub fn build(self) -> Result<Client, Error> {
        let base_url = BaseUrl::parse(&self.base_url)?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => transport::reqwest(&base_url, self.connect_timeout, &self.user_agent)?,
        };
        let attempts = attempt::around(stack(self.attempt_layers, trace::around(transport)));
        let retries = Retry::new(Retries::new(self.retry_jitter), attempts);
        let service = stack(self.layers, transport::shared(retries));
        let inner = Inner {
            base_url,
            timeout: self.timeout,
            attempt_timeout: self.attempt_timeout,
            retries: self.retries,
            max_response_bytes: self.max_response_bytes,
            idempotency_keys: self.idempotency_keys,
            service,
        };
        Ok(Client {
            inner: Arc::new(inner),
        })
    }
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
            .field("connect_timeout", &self.connect_timeout)
            .field("timeout", &self.timeout)
            .field("retries", &self.retries)
            .field("max_response_bytes", &self.max_response_bytes)
            .field("user_agent", &self.user_agent)
            .field("layers", &self.layers.len())
            .field("attempt_layers", &self.attempt_layers.len())
            .finish_non_exhaustive()
    }
}
