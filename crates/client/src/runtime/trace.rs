//! The spans of calls, by [`tracing`].
//!
//! Their fields are what the description says (operation, path template, scopes) and what the server
//! says of itself (status, request id): never an argument, a header or a body.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use tokio::time::Instant;
use tower::util::{BoxCloneSyncService, ServiceExt};
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

use super::attempt::Progress;
use super::metrics::{Exchange, Metrics};
use super::service::Service;
use super::{Body, BoxError, Error, OperationInfo, connection, response};

/// The target of spans and events.
pub(super) const TARGET: &str = "upvest_client";

/// The span of a call.
pub(super) fn call(operation: &OperationInfo, uri: &Uri) -> Span {
    info_span!(
        target: TARGET,
        "upvest.call",
        otel.name = operation.id,
        otel.kind = "internal",
        otel.status_code = Empty,
        upvest.operation = operation.id,
        upvest.scopes = operation.scopes.join(" "),
        upvest.attempts = Empty,
        upvest.request_id = Empty,
        http.request.method = operation.method.as_str(),
        http.response.status_code = Empty,
        url.template = operation.path,
        server.address = address(uri),
        server.port = port(uri),
        error.type = Empty,
    )
}

/// The `error.type` of a call that was dropped before its end.
pub(super) const CANCELLED: &str = "cancelled";

/// Something in progress. If it is dropped before its end, it is still recorded that it did not
/// succeed.
pub(super) struct Unfinished<F: FnOnce()>(Option<F>);

impl<F: FnOnce()> Unfinished<F> {
    /// Calls `note` when it is dropped before [`finish`](Self::finish).
    pub(super) fn new(note: F) -> Self {
        Self(Some(note))
    }

    /// Ends it without a note: the caller records its end.
    pub(super) fn finish(mut self) {
        self.0 = None;
    }
}

impl<F: FnOnce()> Drop for Unfinished<F> {
    fn drop(&mut self) {
        if let Some(note) = self.0.take() {
            note();
        }
    }
}

/// Records in the span of a call that it was dropped before its end.
pub(super) fn cancel_call(span: &Span, attempts: u32) {
    span.record("upvest.attempts", i64::from(attempts));
    fail(span, CANCELLED);
}

/// Records in the span of a call how it ended.
pub(super) fn end_call<T>(span: &Span, result: &Result<super::Response<T>, Error>) {
    let (attempts, status, request_id) = match result {
        Ok(response) => (
            response.attempts(),
            Some(response.status()),
            response.request_id(),
        ),
        Err(error) => (error.attempts(), error.status(), error.request_id()),
    };
    span.record("upvest.attempts", i64::from(attempts));
    end(span, status, request_id);
    if let Err(error) = result {
        fail(span, error.class());
    }
}

/// The layer around the transport: a span for every request that is sent, those for tokens and those
/// that a layer sends again included.
pub(super) fn around(transport: Service, metrics: Metrics) -> Service {
    let shared = Arc::new((transport, metrics));
    BoxCloneSyncService::new(tower::service_fn(move |request: Request<Bytes>| {
        let shared = Arc::clone(&shared);
        let span = exchange(&request);
        let sent = send(shared, request, span.clone());
        sent.instrument(span)
    }))
}

async fn send(
    shared: Arc<(Service, Metrics)>,
    request: Request<Bytes>,
    span: Span,
) -> Result<http::Response<Body>, BoxError> {
    let (transport, metrics) = &*shared;
    let (operation, method) = (OperationInfo::of(&request), request.method().clone());
    let uri = request.uri().clone();
    let progress = Progress::of(&request).cloned();
    let begun = Instant::now();
    let note = |status: Option<StatusCode>, class: Option<&str>| {
        if let Some(class) = class {
            fail(&span, class);
        }
        metrics.request(&Exchange {
            operation,
            method: method.as_str(),
            address: address(&uri),
            port: port(&uri),
            status,
            error: class,
            duration: begun.elapsed(),
        });
    };
    // Time limits drop it, as callers do.
    let unfinished = Unfinished::new(|| {
        let is_late = progress.is_some_and(|progress| progress.is_late());
        note(
            None,
            Some(if is_late {
                connection::TIMEOUT
            } else {
                CANCELLED
            }),
        );
    });
    let result = transport.clone().oneshot(request).await;
    unfinished.finish();
    match &result {
        Ok(response) => {
            let status = response.status();
            let id = response::request_id(response.headers());
            end(&span, Some(status), id);
            let failed = status.is_client_error() || status.is_server_error();
            note(Some(status), failed.then_some(status.as_str()));
        }
        Err(error) => note(None, Some(connection::class(&**error))),
    }
    result
}

/// The span of one exchange of request and response head.
fn exchange(request: &Request<Bytes>) -> Span {
    let span = info_span!(
        target: TARGET,
        "upvest.request",
        otel.name = Empty,
        otel.kind = "client",
        otel.status_code = Empty,
        upvest.operation = Empty,
        upvest.attempt = Empty,
        upvest.request_id = Empty,
        http.request.method = request.method().as_str(),
        http.request.resend_count = Empty,
        http.response.status_code = Empty,
        url.template = Empty,
        url.full = Empty,
        server.address = address(request.uri()),
        server.port = port(request.uri()),
        error.type = Empty,
    );
    match OperationInfo::of(request) {
        Some(operation) => {
            let name = format_args!("{} {}", request.method(), operation.path);
            span.record("otel.name", tracing::field::display(name));
            span.record("upvest.operation", operation.id);
            span.record("url.template", operation.path);
            if let Some(url) = scrubbed(request.uri(), operation) {
                span.record("url.full", url);
            }
        }
        None => drop(span.record("otel.name", request.method().as_str())),
    }
    if let Some(progress) = Progress::of(request) {
        span.record("upvest.attempt", i64::from(progress.attempts()));
        let before = progress.count_sent();
        if before > 0 {
            span.record("http.request.resend_count", i64::from(before));
        }
    }
    span
}

/// The address without arguments: the template in place of the path, and no query. `None` if the path
/// is no longer that of the operation.
fn scrubbed(uri: &Uri, operation: &OperationInfo) -> Option<String> {
    let segments = operation.path.split('/').count() - 1;
    let base = uri.path().rsplitn(segments + 1, '/').last()?;
    Some(format!(
        "{}://{}{base}{}",
        uri.scheme()?,
        uri.authority()?,
        operation.path
    ))
}

fn end(span: &Span, status: Option<StatusCode>, request_id: Option<&str>) {
    if let Some(status) = status {
        span.record("http.response.status_code", i64::from(status.as_u16()));
    }
    if let Some(id) = request_id {
        span.record("upvest.request_id", id);
    }
}

fn fail(span: &Span, class: &str) {
    span.record("error.type", class);
    span.record("otel.status_code", "ERROR");
}

/// The host, without the brackets of an IPv6 address.
fn address(uri: &Uri) -> &str {
    let host = uri.host().unwrap_or_default();
    host.trim_start_matches('[').trim_end_matches(']')
}

fn port(uri: &Uri) -> i64 {
    let default = if uri.scheme_str() == Some("http") {
        80
    } else {
        443
    };
    uri.port_u16().unwrap_or(default).into()
}
