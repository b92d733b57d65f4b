use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tower::BoxError;
use upvest_models::Uuid;

use crate::attempts::Attempts;
use crate::claims::Claims;
use crate::metrics::Metrics;
use crate::{Event, Handler, Inbox, MemoryInbox, Report, Verifier};

/// Receives deliveries: a [`tower::Service`] that takes whole requests and answers them as Upvest
/// expects it.
///
/// | what happens | answer | does it come again? |
/// |---|---|---|
/// | every event was taken: handled, handled before, refused for good by the handler, or parked | 200 | no |
/// | an event is of an unknown type, or malformed: it is handed out like any other | 200 | no |
/// | the request was not signed by Upvest, or too long ago, or was changed on the way | 401 | yes |
/// | it is no `POST` | 405 | yes |
/// | its body is longer than [`max_body`](Self::max_body) | 413 | yes |
/// | its body breaks off | 400 | yes |
/// | its body takes longer than [`body_timeout`](Self::body_timeout) | 408 | yes |
/// | it is for another host, or of another subscription, if [`hosts`](Self::hosts) or [`subscriptions`](Self::subscriptions) are told | 421, 403 | yes |
/// | the handler failed in a way that passes, or the inbox did, or there are no keys | 503 | yes |
///
/// Upvest sends nothing else before a delivery is answered with 200. Answers have no body. Give an
/// [observer](Self::observe) to see the reasons.
///
/// Events are handed out one after the other, in the order of the delivery, and each is recorded in
/// the inbox before the next one follows. When one fails in a way that passes, those after it are not
/// handed out; the repetition hands out that one and the rest, and not those before it.
///
/// # What strangers cost
///
/// Method, declared length, host and the head of the signature come first, and the body is read only if
/// they are fine and the key is known. So a request by somebody who does not know the id of a key holds
/// its head alone; with an id that is known, a body of at most [`max_body`](Self::max_body) for at most
/// [`body_timeout`](Self::body_timeout). The bound on memory is that times the number of connections, which
/// is for the server to limit, as is the size of heads: the examples `axum` and `hyper` do.
///
/// # What has begun is finished
///
/// Once a delivery is verified, its events are handled in a task of their own, on the tokio runtime (whose
/// time has to be enabled). When the connection breaks off, that goes on. Each call of the handler, of the
/// inbox and of [`park`](Self::park) is given up after the [`timeout`](Self::timeout), so that nothing is
/// held for ever.
///
/// ```
/// use upvest_webhooks::{Event, Receiver, StaticKeys, Verifier};
///
/// # fn main() -> Result<(), upvest_webhooks::JwksError> {
/// let verifier = Verifier::new(StaticKeys::from_json(r#"{ "keys": [] }"#)?);
/// let receiver = Receiver::new(verifier, |event: Event| async move {
///     println!("{:?} {:?}", event.event_type(), event.id());
///     Ok(())
/// })
/// .observe(|report| eprintln!("{report}"));
/// # Ok(())
/// # }
/// ```
pub struct Receiver<H, I = MemoryInbox> {
    pub(crate) verifier: Verifier,
    pub(crate) handler: Arc<H>,
    pub(crate) inbox: Arc<I>,
    pub(crate) settings: Settings,
    pub(crate) claims: Arc<Claims>,
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
            metrics: Metrics::default(),
        }
    }
}

impl<H: Handler> Receiver<H> {
    /// A receiver that hands events to `handler`, with a [`MemoryInbox`].
    pub fn new(verifier: Verifier, handler: H) -> Self {
        Self {
            verifier,
            handler: Arc::new(handler),
            inbox: Arc::default(),
            settings: Settings::default(),
            claims: Arc::default(),
            attempts: Arc::default(),
        }
    }
}

impl<H, I> Receiver<H, I> {
    /// The inbox that tells which events were handled before.
    pub fn inbox<J: Inbox>(self, inbox: J) -> Receiver<H, J> {
        Receiver {
            verifier: self.verifier,
            handler: self.handler,
            inbox: Arc::new(inbox),
            settings: self.settings,
            claims: self.claims,
            attempts: self.attempts,
        }
    }

    /// How many bytes a body may have: 2 MiB unless told otherwise. A subscription can be set to
    /// deliver up to 1 MiB at a time, but an event that is larger comes all the same.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.settings.max_body = bytes;
        self
    }

    /// How long a body may take to come: 10 seconds unless told otherwise.
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.settings.body_timeout = timeout;
        self
    }

    /// How long the handler may take for an event, and the inbox and [`park`](Self::park) for each call:
    /// 30 seconds unless told otherwise. A handler that takes longer is dropped, and its event comes
    /// again.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.settings.timeout = timeout;
        self
    }

    /// After how many attempts an event whose handler fails with an error of no class is
    /// [parked](Self::park), and from which one on the observer is told that deliveries are
    /// [blocked](Report::Blocked): 10 unless told otherwise, which takes some minutes.
    ///
    /// Attempts are counted in the memory of the process; a restart begins anew.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.settings.max_attempts = attempts;
        self
    }

    /// Where events go that cannot be handled, with the reason in one line: a place that lasts, such as
    /// a table of dead letters. An event that is there counts as handled, and is acknowledged. If it
    /// cannot be put there, it comes again.
    ///
    /// It takes events whose handler fails with a [permanent](crate::HandlerError::permanent) error, and
    /// those of which it has failed [so many times](Self::max_attempts) with an error of no class, by
    /// `?`. Without such a place, the latter go on coming, and nothing else of their subscription comes.
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

    /// Our own subscriptions, by the ids that `create_webhook` returned. A delivery with an event of
    /// another one is answered with 403.
    ///
    /// Upvest signs the deliveries of all its clients with the same keys. Without this, another client
    /// of Upvest's can subscribe with our address, and its events pass for ours. An event that names no
    /// subscription, which only a malformed one can do, is taken.
    pub fn subscriptions<S: Into<Uuid>>(mut self, ids: impl IntoIterator<Item = S>) -> Self {
        let ids = ids.into_iter().map(Into::into).collect();
        self.settings.subscriptions = Some(Arc::new(ids));
        self
    }

    /// The hosts that subscriptions of ours name, such as `hooks.example.com`, with the port or without.
    /// A request for another one is answered with 421.
    ///
    /// A signature covers the path and may not cover the host, so that a delivery for another host with
    /// the same path is as good here. Whoever passes it on can also change an uncovered `host`: where
    /// Upvest covers it, have [`Verifier::required`] insist on `@authority`.
    pub fn hosts<S: Into<String>>(mut self, hosts: impl IntoIterator<Item = S>) -> Self {
        self.settings.hosts = Some(hosts.into_iter().map(Into::into).collect());
        self
    }

    /// Calls this with a [`Report`] of everything that happens. Log it: an answer other than 200 stops
    /// all deliveries.
    pub fn observe(mut self, observer: impl Fn(Report<'_>) + Send + Sync + 'static) -> Self {
        self.settings.observer = Some(Arc::new(observer));
        self
    }

    /// The meter that makes the instruments: unless told otherwise, that of the global provider when the
    /// receiver is made.
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
    /// A router for axum that receives deliveries at this path, to be merged or nested into others.
    /// Any state will do.
    ///
    /// # Panics
    ///
    /// When axum cannot make a route of the path: it has to begin with `/`.
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
            claims: Arc::clone(&self.claims),
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
