use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::BoxFuture;
use http::header::{ALLOW, CONTENT_LENGTH, HeaderValue};
use http::request::Parts;
use http::{Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use tower::{BoxError, Service};
use tracing::{Instrument, info_span};
use upvest_webhooks::signing::Message;
use upvest_webhooks::{DeliveryVerifier, Event};

use crate::backend::Backend;
use crate::refusal::Refusal;
use crate::{Error, Inbox, TARGET, delivery};

/// Receives deliveries into an [`Inbox`]. It is a [`tower::Service`], and with the feature `axum`
/// also a router. [`Inbox::receiver`] makes it.
///
/// | what happens | answer | does it come again? |
/// |---|---|---|
/// | all events are stored, now or before; unknown and malformed ones like any other | 200 | no |
/// | the request was not signed by Upvest, was signed too long ago, or was changed since | 401 | yes |
/// | its method is not `POST` | 405 | yes |
/// | its body is longer than [`max_body`](Self::max_body) | 413 | yes |
/// | its body breaks off, or is not there in [time](Self::body_timeout) | 400 | yes |
/// | the database failed, or no keys are available | 503 | yes |
///
/// Upvest sends nothing else to a subscription until a delivery is answered with 200. Answers have
/// no body; the reasons are logged, as warnings of the target `upvest_inbox`.
///
/// If the sender closes the connection, the events are stored nevertheless.
pub struct Receiver<DB: Backend> {
    inbox: Inbox<DB>,
    verifier: Arc<DeliveryVerifier>,
    max_body: usize,
    body_timeout: Duration,
}

impl<DB: Backend> Inbox<DB> {
    /// Makes a receiver, which verifies deliveries and stores all their events before it
    /// acknowledges them.
    pub fn receiver(&self, verifier: DeliveryVerifier) -> Receiver<DB> {
        Receiver::new(self.clone(), verifier)
    }
}

impl<DB: Backend> Receiver<DB> {
    pub(crate) fn new(inbox: Inbox<DB>, verifier: DeliveryVerifier) -> Self {
        Self {
            inbox,
            verifier: Arc::new(verifier),
            max_body: 2 * 1024 * 1024,
            body_timeout: Duration::from_secs(10),
        }
    }

    /// How many bytes a body may have. 2 MiB unless set. A subscription can be set to deliver up to
    /// 1 MiB at a time, but a larger event is delivered nevertheless.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// How long a body may take to arrive. 10 seconds unless set.
    pub fn body_timeout(mut self, timeout: Duration) -> Self {
        self.body_timeout = timeout;
        self
    }

    /// Receives one request whose body was read already, for frameworks that do not use a
    /// [`tower::Service`]. Returns how many of its events were new.
    ///
    /// # Errors
    ///
    /// When the delivery must not be acknowledged: answer with [`Refusal::status`].
    pub async fn receive(&self, message: impl Into<Message<'_>>) -> Result<u64, Refusal> {
        let message = message.into();
        if message.body.len() > self.max_body {
            return Err(self.too_long());
        }
        let span = info_span!(
            target: TARGET,
            "upvest.inbox.delivery",
            otel.kind = "consumer",
            upvest.delivery.new = tracing::field::Empty,
            http.response.status_code = tracing::field::Empty,
        );
        let store = async |events: &[Event]| self.inbox.store(events).await;
        let outcome = delivery::take(&self.verifier, message, store)
            .instrument(span.clone())
            .await;
        match &outcome {
            Ok(new) => span.record("upvest.delivery.new", new),
            Err(refusal) => span.record("http.response.status_code", refusal.status().as_u16()),
        };
        outcome
    }

    async fn read<B>(&self, parts: &Parts, body: B) -> Result<bytes::Bytes, Refusal>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        // A body that is declared too long is not read.
        let declared = parts.headers.get(CONTENT_LENGTH);
        let declared = declared.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|length| length > self.max_body) {
            return Err(self.too_long());
        }
        let body = Limited::new(body, self.max_body).collect();
        match tokio::time::timeout(self.body_timeout, body).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => Err(self.too_long()),
            Ok(Err(error)) => Err(Refusal::Body(error)),
            Err(elapsed) => Err(Refusal::Body(elapsed.into())),
        }
    }

    fn too_long(&self) -> Refusal {
        let limit = self.max_body;
        Refusal::TooLong { limit }
    }

    /// Reads the body while the sender is connected, and does the rest even if it disconnects.
    async fn answer<B>(self, request: Request<B>) -> Response<Full<bytes::Bytes>>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let (parts, body) = request.into_parts();
        let outcome = match self.read(&parts, body).await {
            Ok(body) => {
                let receiving = tokio::spawn(async move {
                    let message = Message {
                        method: &parts.method,
                        uri: original_uri(&parts),
                        headers: &parts.headers,
                        body: &body,
                    };
                    self.receive(message).await
                });
                let failed = |error| Refusal::Store(Error::new("finish a delivery", error));
                receiving.await.map_err(failed).flatten()
            }
            Err(refusal) => Err(refusal),
        };
        let mut response = Response::new(Full::default());
        if let Err(refusal) = outcome {
            let (status, reason) = (refusal.status(), upvest_http::one_line(&refusal));
            tracing::warn!(target: TARGET, status = status.as_u16(), reason, "a delivery is refused");
            *response.status_mut() = status;
            if status == StatusCode::METHOD_NOT_ALLOWED {
                let post = HeaderValue::from_static("POST");
                response.headers_mut().insert(ALLOW, post);
            }
        }
        response
    }
}

impl<DB: Backend, B> Service<Request<B>> for Receiver<DB>
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<Full<bytes::Bytes>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let receiver = self.clone();
        Box::pin(async move { Ok(receiver.answer(request).await) })
    }
}

/// The URI before axum's nesting cut anything off.
#[cfg(feature = "axum")]
fn original_uri(parts: &Parts) -> &http::Uri {
    let original = parts.extensions.get::<axum::extract::OriginalUri>();
    original.map_or(&parts.uri, |original| &original.0)
}

#[cfg(not(feature = "axum"))]
fn original_uri(parts: &Parts) -> &http::Uri {
    &parts.uri
}

#[cfg(feature = "axum")]
impl<DB: Backend> Receiver<DB> {
    /// Makes a router for axum that receives deliveries at this path, to be merged with or nested
    /// into others.
    ///
    /// # Panics
    ///
    /// When axum cannot make a route of the path, which must begin with `/`.
    pub fn router<S: Clone + Send + Sync + 'static>(self, path: &str) -> axum::Router<S> {
        axum::Router::new().route_service(path, self)
    }
}

impl<DB: Backend> Clone for Receiver<DB> {
    fn clone(&self) -> Self {
        Self {
            inbox: self.inbox.clone(),
            verifier: Arc::clone(&self.verifier),
            max_body: self.max_body,
            body_timeout: self.body_timeout,
        }
    }
}

impl<DB: Backend> fmt::Debug for Receiver<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("inbox", &self.inbox)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}
