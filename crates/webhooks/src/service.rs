//! From a request to its answer.

use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{ALLOW, CONTENT_LENGTH, HOST, HeaderValue};
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri};
use http_body::Body;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use tower::{BoxError, Service};
use tracing::Instrument;
use upvest_auth_signing::Message;

use crate::telemetry::DeliverySpan;
use crate::{Delivery, Handler, Inbox, Receiver, Refusal, Report, UnverifiedDelivery};

impl<H: Handler + 'static, I: Inbox + 'static> Receiver<H, I> {
    /// Receives one request whose body was read already, for frameworks that do not use a
    /// [`tower::Service`], and returns the status to answer.
    ///
    /// The framework reads the body before anything is verified: limit it to
    /// [`max_body`](Self::max_body) bytes, and limit the time it may take.
    pub async fn receive(&self, message: impl Into<Message<'_>>) -> StatusCode {
        let message = message.into();
        let span = DeliverySpan::new(self.settings.metrics.clone());
        let accepted = self.accept(message).instrument(span.span()).await;
        self.answer(accepted, span).await
    }

    async fn accept(&self, message: Message<'_>) -> Result<Delivery, Refusal> {
        let unverified = self.admit(message).await?;
        self.verified(unverified, message.body)
    }

    /// Checks the head of a request, without its body.
    async fn admit<'a>(&'a self, message: Message<'a>) -> Result<UnverifiedDelivery<'a>, Refusal> {
        if message.method != Method::POST {
            return Err(Refusal::Method(message.method.clone()));
        }
        let limit = self.settings.max_body;
        let declared = message.headers.get(CONTENT_LENGTH);
        let declared = declared.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|length| length > limit) || message.body.len() > limit {
            return Err(Refusal::TooLong { limit });
        }
        self.expect_host(message)?;
        Ok(self.verifier.inspect(message).await?)
    }

    fn expect_host(&self, message: Message<'_>) -> Result<(), Refusal> {
        let Some(hosts) = &self.settings.hosts else {
            return Ok(());
        };
        let authority = authority(message.uri, message.headers);
        let is_ours = authority.as_ref().is_some_and(|authority| {
            let found = [authority.host(), authority.as_str()];
            let matches = |host: &String| found.iter().any(|one| one.eq_ignore_ascii_case(host));
            hosts.iter().any(matches)
        });
        if is_ours {
            return Ok(());
        }
        let found = authority.map(|authority| authority.to_string());
        Err(Refusal::Host { found })
    }

    async fn read<B>(&self, body: B) -> Result<Bytes, Refusal>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let (size, limit) = (self.settings.max_body, self.settings.body_timeout);
        let body = Limited::new(body, size).collect();
        match tokio::time::timeout(limit, body).await {
            Ok(Ok(body)) => Ok(body.to_bytes()),
            Ok(Err(error)) if error.is::<LengthLimitError>() => {
                Err(Refusal::TooLong { limit: size })
            }
            Ok(Err(error)) => Err(Refusal::Body(error)),
            Err(_) => Err(Refusal::TooSlow { limit }),
        }
    }

    /// The delivery, if the request is one and belongs to one of our own subscriptions.
    fn verified(
        &self,
        unverified: UnverifiedDelivery<'_>,
        body: &[u8],
    ) -> Result<Delivery, Refusal> {
        let delivery = unverified.verify(body)?;
        if let Some(subscriptions) = &self.settings.subscriptions {
            let ids = delivery
                .events
                .iter()
                .filter_map(|event| event.webhook_id());
            let mut foreign = ids.filter(|id| !subscriptions.contains(id));
            if let Some(found) = foreign.next() {
                return Err(Refusal::Subscription { found });
            }
        }
        Ok(delivery)
    }

    /// Passes on the events and answers. Work that has begun continues if the connection breaks.
    async fn answer(&self, accepted: Result<Delivery, Refusal>, span: DeliverySpan) -> StatusCode {
        let delivery = match accepted {
            Ok(delivery) => delivery,
            Err(refusal) => return self.conclude(Err(refusal), span),
        };
        let receiver = self.clone();
        let parent = span.span();
        let work = async move {
            let outcome = AssertUnwindSafe(receiver.hand_out(&delivery)).catch_unwind();
            let outcome = outcome.await.unwrap_or(Err(Refusal::Panicked));
            receiver.conclude(outcome, span)
        };
        match tokio::spawn(work.instrument(parent)).await {
            Ok(status) => status,
            Err(error) => {
                let refusal = match error.is_panic() {
                    true => Refusal::Panicked,
                    false => Refusal::BrokenOff,
                };
                self.tell(Report::Refused(&refusal));
                refusal.status()
            }
        }
    }

    fn conclude(&self, outcome: Result<usize, Refusal>, span: DeliverySpan) -> StatusCode {
        span.answered(&outcome);
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

    async fn serve<B>(&self, request: Request<B>) -> StatusCode
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let span = DeliverySpan::new(self.settings.metrics.clone());
        let (parts, body) = request.into_parts();
        let accepted = async {
            let message = Message {
                method: &parts.method,
                uri: original_uri(&parts),
                headers: &parts.headers,
                body: &[],
            };
            let unverified = self.admit(message).await?;
            let body = self.read(body).await?;
            self.verified(unverified, &body)
        };
        let accepted = accepted.instrument(span.span()).await;
        self.answer(accepted, span).await
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
            let mut response = Response::new(Full::default());
            *response.status_mut() = receiver.serve(request).await;
            if response.status() == StatusCode::METHOD_NOT_ALLOWED {
                let post = HeaderValue::from_static("POST");
                response.headers_mut().insert(ALLOW, post);
            }
            Ok(response)
        })
    }
}

/// The host that a request is for, and its port if it is given.
fn authority(uri: &Uri, headers: &HeaderMap) -> Option<Authority> {
    if let Some(authority) = uri.authority() {
        return Some(authority.clone());
    }
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => Authority::try_from(host.as_bytes()).ok(),
        _ => None,
    }
}

/// The URI before axum's nesting cut anything off.
#[cfg(feature = "axum")]
fn original_uri(parts: &Parts) -> &Uri {
    let original = parts.extensions.get::<axum::extract::OriginalUri>();
    original.map_or(&parts.uri, |original| &original.0)
}

#[cfg(not(feature = "axum"))]
fn original_uri(parts: &Parts) -> &Uri {
    &parts.uri
}
