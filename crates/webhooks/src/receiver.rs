use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::header::{ALLOW, CONTENT_LENGTH, HeaderValue};
use http::request::Parts;
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use tower::{BoxError, Service};
use upvest_auth_signing::Message;

use crate::claims::Claims;
use crate::{Event, Handler, HandlerError, Inbox, MemoryInbox, Verifier, VerifyError};

/// Receives deliveries: a [`tower::Service`] that takes whole requests and answers them as Upvest
/// expects it.
///
/// | what happens | answer | does it come again? |
/// |---|---|---|
/// | every event was taken: handled, handled before, or refused for good by the handler | 200 | no |
/// | an event is of an unknown type, or malformed: it is handed out like any other | 200 | no |
/// | the request was not signed by Upvest, or too long ago, or was changed on the way | 401 | yes |
/// | it is no `POST` | 405 | yes |
/// | its body is longer than [`max_body`](Self::max_body) | 413 | yes |
/// | its body breaks off | 400 | yes |
/// | the handler failed in a way that passes, or the inbox did, or there are no keys | 503 | yes |
///
/// Upvest sends nothing else before a delivery is answered with 200. Answers have no body. Give an
/// [observer](Self::observe) to see the reasons.
///
/// Events are handed out one after the other, in the order of the delivery, and each is recorded in
/// the inbox before the next one follows. When one fails in a way that passes, those after it are not
/// handed out; the repetition hands out that one and the rest, and not those before it.
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
    verifier: Verifier,
    handler: Arc<H>,
    inbox: Arc<I>,
    max_body: usize,
    observer: Option<Arc<Observer>>,
    claims: Arc<Claims>,
}

type Observer = dyn Fn(Report<'_>) + Send + Sync;

/// What a receiver did that an operator may want to know. It shows as one line, with all reasons.
#[derive(Debug)]
#[non_exhaustive]
pub enum Report<'a> {
    /// A delivery was taken. It counts the events that were in it.
    Taken(usize),
    /// A request was answered with something else than 200.
    Refused(&'a Refusal),
    /// An event was not handed out, since it was handled before.
    Repeated(&'a Event),
    /// The handler refused an event for good.
    Failed(&'a Event, &'a HandlerError),
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Taken(count) => write!(f, "a delivery of {count} events was taken"),
            Self::Refused(refusal) => {
                let status = refusal.status();
                write!(f, "a request was answered with {status}: {refusal}")?;
                let mut source = refusal.source();
                while let Some(error) = source {
                    write!(f, ": {error}")?;
                    source = error.source();
                }
                Ok(())
            }
            Self::Repeated(event) => write!(f, "the event {} was handled before", event.key()),
            Self::Failed(event, error) => {
                write!(f, "the event {} is refused for good: {error}", event.key())
            }
        }
    }
}

/// Why a request was not answered with 200.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is no `POST`.
    #[error("the method is {0}; deliveries are POST")]
    Method(Method),
    /// Its body is too long.
    #[error("the body is longer than {limit} bytes")]
    TooLong {
        /// How long a body may be.
        limit: usize,
    },
    /// Its body broke off.
    #[error("the body cannot be read")]
    Body(#[source] BoxError),
    /// It is no delivery, or there are no keys to tell.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The handler failed in a way that passes.
    #[error("the event {key} cannot be handled for the moment")]
    Handler {
        /// The key of the event.
        key: upvest_models::Uuid,
        /// What the handler failed with.
        source: BoxError,
    },
    /// The inbox failed.
    #[error("the inbox cannot be asked")]
    Inbox(#[source] BoxError),
}

impl Refusal {
    /// The status that it is answered with.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(_) => StatusCode::BAD_REQUEST,
            Self::Verify(VerifyError::Signature(_)) => StatusCode::UNAUTHORIZED,
            Self::Verify(VerifyError::Keys(_)) | Self::Handler { .. } | Self::Inbox(_) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
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
            max_body: 2 * 1024 * 1024,
            observer: None,
            claims: Arc::default(),
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
            max_body: self.max_body,
            observer: self.observer,
            claims: self.claims,
        }
    }

    /// How many bytes a body may have: 2 MiB unless told otherwise. A subscription can be set to
    /// deliver up to 1 MiB at a time, but an event that is larger comes all the same.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// What is told of all that happens. Log it: an answer other than 200 stops all deliveries.
    pub fn observe(mut self, observer: impl Fn(Report<'_>) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    fn tell(&self, report: Report<'_>) {
        if let Some(observer) = &self.observer {
            observer(report);
        }
    }
}

impl<H: Handler, I: Inbox> Receiver<H, I> {
    /// Receives one request whose body is at hand, for frameworks that have no use for a
    /// [`tower::Service`], and returns the status to answer.
    pub async fn receive(&self, message: impl Into<Message<'_>>) -> StatusCode {
        let message = message.into();
        let outcome = if message.body.len() > self.max_body {
            Err(self.too_long())
        } else {
            self.take(message).await
        };
        self.status(outcome)
    }

    async fn read<B>(&self, parts: &Parts, body: B) -> Result<Bytes, Refusal>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        // What is declared too long need not be read.
        let declared = parts.headers.get(CONTENT_LENGTH);
        let declared = declared.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|length| length > self.max_body) {
            return Err(self.too_long());
        }
        match Limited::new(body, self.max_body).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(self.too_long()),
            Err(error) => Err(Refusal::Body(error)),
        }
    }

    fn too_long(&self) -> Refusal {
        Refusal::TooLong {
            limit: self.max_body,
        }
    }

    async fn take(&self, message: Message<'_>) -> Result<usize, Refusal> {
        if message.method != Method::POST {
            return Err(Refusal::Method(message.method.clone()));
        }
        let delivery = self.verifier.verify(message).await?;
        for event in &delivery.events {
            self.hand_out(event).await?;
        }
        self.verifier.taken(&delivery);
        Ok(delivery.events.len())
    }

    async fn hand_out(&self, event: &Event) -> Result<(), Refusal> {
        let key = event.key();
        let _claim = self.claims.claim(key).await;
        let inbox_failed = |error: I::Error| Refusal::Inbox(error.into());
        if self.inbox.seen(key).await.map_err(inbox_failed)? {
            self.tell(Report::Repeated(event));
            return Ok(());
        }
        match self.handler.handle(event.clone()).await {
            Ok(()) => {}
            Err(error) if error.is_retryable() => {
                let source = error.into_inner();
                return Err(Refusal::Handler { key, source });
            }
            Err(error) => self.tell(Report::Failed(event, &error)),
        }
        self.inbox.record(key).await.map_err(inbox_failed)
    }

    fn status(&self, outcome: Result<usize, Refusal>) -> StatusCode {
        match outcome {
            Ok(count) => {
                self.tell(Report::Taken(count));
                StatusCode::OK
            }
            Err(refusal) => {
                self.tell(Report::Refused(&refusal));
                refusal.status()
            }
        }
    }
}

impl<H, I, B> Service<Request<B>> for Receiver<H, I>
where
    H: Handler + 'static,
    I: Inbox + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let receiver = self.clone();
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let outcome = match receiver.read(&parts, body).await {
                Ok(body) => {
                    let message = Message {
                        method: &parts.method,
                        uri: original_uri(&parts),
                        headers: &parts.headers,
                        body: &body,
                    };
                    receiver.take(message).await
                }
                Err(refusal) => Err(refusal),
            };
            let mut response = Response::new(Full::default());
            *response.status_mut() = receiver.status(outcome);
            if response.status() == StatusCode::METHOD_NOT_ALLOWED {
                let post = HeaderValue::from_static("POST");
                response.headers_mut().insert(ALLOW, post);
            }
            Ok(response)
        })
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
impl<H: Handler + 'static, I: Inbox + 'static> Receiver<H, I> {
    /// A router for axum that receives deliveries at this path, to be merged or nested into others.
    /// Any state will do.
    ///
    /// # Panics
    ///
    /// When the path is none that axum knows a route for: it has to begin with `/`.
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
            max_body: self.max_body,
            observer: self.observer.clone(),
            claims: Arc::clone(&self.claims),
        }
    }
}

impl<H, I> fmt::Debug for Receiver<H, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("verifier", &self.verifier)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}
