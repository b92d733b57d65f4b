//! The bottom of the stack: reqwest.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;

use super::{Body, BoxError, Error};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const IDLE_TIMEOUT: Duration = Duration::from_secs(60);
const PING_INTERVAL: Duration = Duration::from_secs(15);
const PING_TIMEOUT: Duration = Duration::from_secs(5);
const USER_AGENT: &str = concat!("upvest-rust/", env!("CARGO_PKG_VERSION"));

/// Connections to the API: HTTP/1.1 and HTTP/2 over rustls. Redirects are not followed, and no
/// request is sent twice.
///
/// Every client has its own transport unless it is given one. Clones share their connections, so
/// one transport can serve many clients, such as one client for each tenant:
///
/// ```no_run
/// # fn example(ca: &[u8]) -> Result<(), upvest_client::Error> {
/// use upvest_client::{Client, Transport};
///
/// let transport = Transport::builder()
///     .proxy("http://proxy.example:3128")
///     .root_certificates(ca)
///     .build()?;
/// let one = Client::builder("https://sandbox.upvest.co").transport(transport.clone()).build()?;
/// let other = Client::builder("https://api.upvest.co").transport(transport).build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Transport(reqwest::Client);

impl Transport {
    /// Begins to build a transport.
    pub fn builder() -> TransportBuilder {
        TransportBuilder {
            proxy: Proxy::System,
            root_certificates: Vec::new(),
            system_roots: true,
            identity: None,
            connect_timeout: CONNECT_TIMEOUT,
            idle_timeout: IDLE_TIMEOUT,
            max_idle: None,
            pings: Some((PING_INTERVAL, PING_TIMEOUT)),
            http2_only: false,
            https_only: false,
            user_agent: USER_AGENT.to_owned(),
        }
    }
}

impl tower::Service<http::Request<Bytes>> for Transport {
    type Response = http::Response<Body>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<http::Response<Body>, BoxError>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Bytes>) -> Self::Future {
        let client = self.0.clone();
        Box::pin(async move {
            let response = client.execute(request.try_into()?).await?;
            Ok(http::Response::from(response).map(Body::wrap))
        })
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport").finish_non_exhaustive()
    }
}

/// Which proxy to go through.
enum Proxy {
    /// What the environment variables say (`HTTPS_PROXY`, `NO_PROXY`, ...).
    System,
    Off,
    /// This one. Not printed: it may hold a password.
    At(String),
}

/// Builds a [`Transport`].
#[must_use = "there is no transport before `build`"]
pub struct TransportBuilder {
    proxy: Proxy,
    root_certificates: Vec<Vec<u8>>,
    system_roots: bool,
    identity: Option<Vec<u8>>,
    connect_timeout: Duration,
    idle_timeout: Duration,
    max_idle: Option<usize>,
    pings: Option<(Duration, Duration)>,
    http2_only: bool,
    https_only: bool,
    user_agent: String,
}

impl TransportBuilder {
    /// Connects through this proxy: `http://host:port`, with `user:password@` before the host if
    /// the proxy asks for that. Unless set, `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` decide.
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Proxy::At(url.into());
        self
    }

    /// Connects without a proxy, even if environment variables name one.
    pub fn no_proxy(mut self) -> Self {
        self.proxy = Proxy::Off;
        self
    }

    /// Also trusts these certificates, one or more in PEM.
    pub fn root_certificates(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.root_certificates.push(pem.as_ref().to_vec());
        self
    }

    /// Trusts only the given [root certificates](Self::root_certificates), and not those of the
    /// system.
    pub fn without_system_roots(mut self) -> Self {
        self.system_roots = false;
        self
    }

    /// Shows this certificate to servers that ask for one (mutual TLS): the private key and the
    /// chain of certificates, in PEM.
    pub fn client_identity(mut self, pem: impl AsRef<[u8]>) -> Self {
        self.identity = Some(pem.as_ref().to_vec());
        self
    }

    /// How long it may take to make a connection. 5 seconds unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// How long an idle connection is kept. 60 seconds unless set.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.idle_timeout = timeout;
        self
    }

    /// How many idle connections to one server are kept. All of them unless set.
    pub fn max_idle_connections(mut self, count: usize) -> Self {
        self.max_idle = Some(count);
        self
    }

    /// How often an HTTP/2 connection is pinged, in use or not, and how long the answer may take before
    /// the connection is closed: every 15 seconds, and 5 seconds, unless set. Without pings, a
    /// connection that stays open but does not answer any more makes call after call fail.
    pub fn http2_pings(mut self, interval: Duration, timeout: Duration) -> Self {
        self.pings = Some((interval, timeout));
        self
    }

    /// Sends no pings on HTTP/2 connections.
    pub fn no_http2_pings(mut self) -> Self {
        self.pings = None;
        self
    }

    /// Uses HTTP/2 from the first byte, also for `http` addresses.
    pub fn http2_only(mut self) -> Self {
        self.http2_only = true;
        self
    }

    /// The header `user-agent`. It is not signed.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    pub(super) fn https_only(mut self, https_only: bool) -> Self {
        self.https_only = https_only;
        self
    }

    /// Builds the transport. No connection is made yet.
    ///
    /// # Errors
    /// When the proxy is not a URL, when a certificate or the identity cannot be read, or when TLS
    /// cannot be set up.
    pub fn build(self) -> Result<Transport, Error> {
        let wrong = |what: &str| {
            let what = what.to_owned();
            move |error: reqwest::Error| Error::configuration(what).with_source(error.without_url())
        };
        let mut builder = reqwest::Client::builder()
            .connect_timeout(self.connect_timeout)
            .pool_idle_timeout(self.idle_timeout)
            .https_only(self.https_only)
            .redirect(reqwest::redirect::Policy::none())
            // A request that is sent again would carry a nonce that was used.
            .retry(reqwest::retry::never())
            .user_agent(self.user_agent);
        builder = match self.proxy {
            Proxy::System => builder,
            Proxy::Off => builder.no_proxy(),
            Proxy::At(url) => {
                let proxy =
                    reqwest::Proxy::all(url).map_err(wrong("the proxy address is not a URL"))?;
                builder.proxy(proxy)
            }
        };
        let mut roots = Vec::new();
        for pem in &self.root_certificates {
            let read = reqwest::Certificate::from_pem_bundle(pem);
            roots.extend(read.map_err(wrong("the root certificates cannot be read"))?);
        }
        builder = match self.system_roots {
            true => builder.tls_certs_merge(roots),
            false => builder.tls_certs_only(roots),
        };
        if let Some(pem) = &self.identity {
            let identity = reqwest::Identity::from_pem(pem);
            builder = builder.identity(identity.map_err(wrong("the identity cannot be read"))?);
        }
        if let Some(count) = self.max_idle {
            builder = builder.pool_max_idle_per_host(count);
        }
        if let Some((interval, timeout)) = self.pings {
            builder = builder
                .http2_keep_alive_interval(interval)
                .http2_keep_alive_timeout(timeout)
                .http2_keep_alive_while_idle(true);
        }
        if self.http2_only {
            builder = builder.http2_prior_knowledge();
        }
        let client = builder
            .build()
            .map_err(wrong("the HTTP client cannot be built"))?;
        Ok(Transport(client))
    }
}

impl fmt::Debug for TransportBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransportBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("http2_pings", &self.pings)
            .field("user_agent", &self.user_agent)
            .finish_non_exhaustive()
    }
}
