use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tower::BoxError;
use upvest_models::Uuid;

use crate::attempts::Attempts;
use crate::in_progress::InProgress;
use crate::metrics::Metrics;
use crate::{DeliveryVerifier, Event, Handler, Inbox, MemoryInbox, Report};

/// Receives deliveries: a [`tower::Service`] that takes whole requests and answers them as Upvest
/// expects.
///
/// | what happens | answer | does it come again? |
/// |---|---|---|
/// | every event is done: handled, handled before, refused by the handler with a permanent error, or parked | 200 | no |
/// | an event is of an unknown type, or malformed: it is handed out like any other | 200 | no |
/// | the request was not signed by Upvest, was signed too long ago, or was changed since | 401 | yes |
/// | its method is not `POST` | 405 | yes |
/// | its body is longer than [`max_body`](Self::max_body) | 413 | yes |
/// | its body breaks off | 400 | yes |
/// | its body takes longer than [`body_timeout`](Self::body_timeout) | 408 | yes |
/// | it is for another host, or of another subscription, if [`hosts`](Self::hosts) or [`subscriptions`](Self::subscriptions) are set | 421, 403 | yes |
/// | the handler failed with an error that may pass, or the inbox failed, or no keys are available | 503 | yes |
///
/// Upvest sends nothing else to a subscription until a delivery is answered with 200. Answers have
/// no body. Set an [observer](Self::observe) to see the reasons.
///
/// Events are handed out one after the other, in the order of the delivery, and each is recorded in
/// the inbox before the next one follows. When an event fails with an error that may pass, the
/// events after it are not handed out. The repeated delivery hands out that event and the rest, and
/// not the events before it.
///
/// # What strangers cost
///
/// Method, declared length, host and the headers of the signature are checked first, and the body
/// is read only if they are valid and the key is known. So a request by somebody who does not know
/// the id of a key occupies the memory of its head only. A request with a known id occupies at most
/// [`max_body`](Self::max_body) bytes for at most [`body_timeout`](Self::body_timeout). The bound
/// on memory is that times the number of connections. The server must limit the number of
/// connections and the size of heads: the examples `axum` and `hyper` do.
///
/// # What has begun is finished
///
/// Once a delivery is verified, its events are handled in a separate task, on the tokio runtime
/// (which must have time enabled). The task goes on when the connection breaks. Each call of the
/// handler, of the inbox and of [`park`](Self::park) is given up after the
/// [`timeout`](Self::timeout), so that no memory is held forever.
///
/// ```
/// use upvest_webhooks::{DeliveryVerifier, Event, Receiver, StaticKeys};
///
/// # fn main() -> Result<(), upvest_webhooks::JwksError> {
/// let verifier = DeliveryVerifier::new(StaticKeys::from_json(r#"{ "keys": [] }"#)?);
/// let receiver = Receiver::new(verifier, |event: Event| async move {
///     println!("{:?} {:?}", event.event_type(), event.id());
///     Ok(())
/// })
/// .observe(|report| eprintln!("{report}"));
/// # Ok(())
/// # }
/// ```
pub struct Receiver<H, I = MemoryInbox> {
    pub(crate) verifier: DeliveryVerifier,
    pub(crate) handler: Arc<H>,
    pub(crate) inbox: Arc<I>,
    pub(crate) settings: Settings,
    pub(crate) in_progress: Arc<InProgress>,
    pub(crate) attempts: Arc<Attempts>,
}

#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) max_body: usize,
    pub(crate) body_timeout: Duration,
    pub(crate) timeout: Duration,
    pub(crate) max_attempts: u32,
    pub(crate) subscriptions: Option<Arc<HashSet<Uuid>>>,
    pub(crate) hosts: Option<Arc<[String]>>,
    pub(crate) park: Option<Arc<Park>>,
    observer: Option<Arc<Observer>>,
    pub(crate) metrics: Metrics,
}

type Observer = dyn Fn(Report<'_>) + Send + Sync;
type Park = dyn Fn(Event, String) -> BoxFuture<'static, Result<(), BoxError>> + Send + Sync;

impl Default for Settings {
    fn default() -> Self {
        Self {
            max_body: 2 * 1024 * 1024,
            body_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            max_attempts: 10,
            subscriptions: None,
            hosts: None,
            park: None,
            observer: None,
            metrics: Metrics::global(),
        }
    }
}

impl<H: Handler> Receiver<H> {
    /// Makes a receiver that hands events to `handler`, with a [`MemoryInbox`].
    pub fn new(verifier: DeliveryVerifier, handler: H) -> Self {
        Self {
            verifier,
            handler: Arc::new(handler),
            inbox: Arc::default(),
            settings: Settings::default(),
            in_progress: Arc::default(),
            attempts: Arc::default(),
        }
    }
}

impl<H, I> Receiver<H, I> {
    /// Uses this inbox to know which events were handled before.
    pub fn inbox<J: Inbox>(self, inbox: J) -> Receiver<H, J> {
        Receiver {
            verifier: self.verifier,
            handler: self.handler,
            inbox: Arc::new(inbox),
            settings: self.settings,
            in_progress: self.in_progress,
            attempts: self.attempts,
        }
    }

    /// How many bytes a body may have. 2 MiB unless set. A subscription can be set to deliver up to
    /// 1 MiB at a time, but a larger event is delivered nevertheless.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.settings.max_body = bytes;
        self
    }

    /// How long a body may take to arrive. 10 seconds unless set.
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.settings.body_timeout = timeout;
        self
    }

    /// How long the handler may take for an event, and the inbox and [`park`](Self::park) for each
    /// call. 30 seconds unless set. A handler that takes longer is dropped, and its event is
    /// delivered again.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// The number of attempts after which an event whose handler fails with an unclassified error
    /// is [parked](Self::park), and from which on the observer is called with
    /// [`Report::Blocked`]. 10 unless set, which takes some minutes.
    ///
    /// Attempts are counted in the memory of the process; a restart begins again at 1.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.settings.max_attempts = attempts;
        self
    }

    /// Sets where to store dead letters: events that cannot be handled, with the reason in one line.
    /// An event that was stored there is *parked*: it counts as handled, and is acknowledged. The
    /// storage must be durable. If it fails, the event is delivered again.
    ///
    /// An event is parked when its handler fails with a [permanent](crate::HandlerError::permanent)
    /// error, or has failed [`max_attempts`](Self::max_attempts) times with an unclassified error
    /// (by `?`). Without `park`, an event of the second kind is delivered again and again, and
    /// nothing else of its subscription is delivered.
    ///
    /// ```
    /// # use upvest_webhooks::{Handler, Receiver};
    /// # #[derive(Clone)] struct Table;
    /// # impl Table { async fn insert(&self, _: &str, _: &str) -> std::io::Result<()> { Ok(()) } }
    /// # fn example<H: Handler>(receiver: Receiver<H>, dead_letters: Table) -> Receiver<H> {
    /// receiver.park(move |event, reason| {
    ///     let dead_letters = dead_letters.clone();
    ///     async move { Ok(dead_letters.insert(event.raw(), &reason).await?) }
    /// })
    /// # }
    /// ```
    pub fn park<F, T>(mut self, park: F) -> Self
    where
        F: Fn(Event, String) -> T + Send + Sync + 'static,
        T: Future<Output = Result<(), BoxError>> + Send + 'static,
    {
        let park = move |event, reason| -> BoxFuture<'static, _> { Box::pin(park(event, reason)) };
        self.settings.park = Some(Arc::new(park));
        self
    }

    /// The ids of our own subscriptions, as `create_webhook` returned them. A delivery with an
    /// event of another subscription is answered with 403.
    ///
    /// Upvest signs the deliveries of all its clients with the same keys. Without this check,
    /// another client of Upvest can subscribe with our address, and its events pass for ours. An
    /// event that names no subscription is accepted; only a malformed event can lack it.
    pub fn subscriptions<S: Into<Uuid>>(mut self, ids: impl IntoIterator<Item = S>) -> Self {
        let ids = ids.into_iter().map(Into::into).collect();
        self.settings.subscriptions = Some(Arc::new(ids));
        self
    }

    /// The hosts in the addresses of our own subscriptions, such as `hooks.example.com`, with or
    /// without the port. A request for another host is answered with 421.
    ///
    /// A signature covers the path, but may not cover the host. So a delivery for another host with
    /// the same path is valid here too, and whoever forwards it can change a `host` that is not
    /// covered. If Upvest covers the host, require `@authority` by [`DeliveryVerifier::required`].
    pub fn hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.settings.hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// Calls this function with a [`Report`] of everything that happens. Log it: an answer other
    /// than 200 stops all deliveries.
    pub fn observe(mut self, observer: impl Fn(Report<'_>) + Send + Sync + 'static) -> Self {
        self.settings.observer = Some(Arc::new(observer));
        self
    }

    /// The meter that makes the instruments. Unless set, it is that of the provider that is global
    /// when the receiver is made.
    #[cfg(feature = "otel")]
    pub fn meter(mut self, meter: &opentelemetry::metrics::Meter) -> Self {
        self.settings.metrics = Metrics::new(meter);
        self
    }

    pub(crate) fn tell(&self, report: Report<'_>) {
        if let Some(observer) = &self.settings.observer {
            observer(report);
        }
    }
}

#[cfg(feature = "axum")]
impl<H: Handler + 'static, I: Inbox + 'static> Receiver<H, I> {
    /// Makes a router for axum that receives deliveries at this path, to be merged with or nested
    /// into others. It works with any state.
    ///
    /// # Panics
    ///
    /// When axum cannot make a route of the path, which must begin with `/`.
    pub fn router<S: Clone + Send + Sync + 'static>(self, path: &str) -> axum::Router<S> {
        axum::Router::new().route_service(path, self)
    }
}

impl<H, I> Clone for Receiver<H, I> {
    fn clone(&self) -> Self {
        Self {
            verifier: self.verifier.clone(),
            handler: Arc::clone(&self.handler),
            inbox: Arc::clone(&self.inbox),
            settings: self.settings.clone(),
            in_progress: Arc::clone(&self.in_progress),
            attempts: Arc::clone(&self.attempts),
        }
    }
}

impl<H, I> fmt::Debug for Receiver<H, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("verifier", &self.verifier)
            .field("max_body", &self.settings.max_body)
            .field("timeout", &self.settings.timeout)
            .finish_non_exhaustive()
    }
}
