//! The exchange with the API: a request that is signed, and its answer.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, EXPECT, HOST, HeaderName,
    ORIGIN, REFERER, TE, TRAILER, TRANSFER_ENCODING, UPGRADE, USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use tokio::time::timeout;
use tower::ServiceExt as _;
use upvest::OperationInfo;

use super::relay::Relay;
use crate::failure::with_sources;

/// The largest body that is passed on, in bytes: 16 MiB.
const LARGEST: usize = 16 * 1024 * 1024;

/// How long the API has to begin its answer.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Headers of one connection (RFC 9110, section 7.6.1), and headers that the client sets.
const DROPPED: [HeaderName; 17] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-authorization"),
    HeaderName::from_static("proxy-connection"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    HOST,
    EXPECT,
    CONTENT_LENGTH,
    ACCEPT_ENCODING,
    USER_AGENT,
    ORIGIN,
    REFERER,
    HeaderName::from_static("signature"),
    HeaderName::from_static("signature-input"),
];

/// The status of an answer of the proxy itself, and why it is not one of the API.
pub(super) type Refusal = (StatusCode, String);

/// Sends a request to the API, signed, and returns its answer as it comes.
///
/// # Errors
///
/// When the API cannot be reached or does not begin to answer in time.
pub(super) async fn send(
    relay: &Relay,
    request: Request<Bytes>,
) -> Result<Response<Body>, Refusal> {
    let sent = timeout(TIMEOUT, relay.service.clone().oneshot(request)).await;
    let response = sent
        .map_err(|_| {
            let message = "the API did not answer in time".to_owned();
            (StatusCode::GATEWAY_TIMEOUT, message)
        })?
        .map_err(|error| (StatusCode::BAD_GATEWAY, with_sources(&*error)))?;
    let (mut head, body) = response.into_parts();
    for name in &DROPPED[..8] {
        head.headers.remove(name);
    }
    Ok(Response::from_parts(head, Body::new(body)))
}

/// The request that is signed: the same method, target, body and headers.
///
/// # Errors
///
/// When the body is too large or breaks off, or the target is not an address.
pub(super) async fn outgoing(
    relay: &Relay,
    request: Request<Body>,
    found: Option<&'static OperationInfo>,
) -> Result<Request<Bytes>, Refusal> {
    let (head, body) = request.into_parts();
    let body = Limited::new(body, LARGEST).collect().await;
    let body = body.map_err(|error| (StatusCode::PAYLOAD_TOO_LARGE, with_sources(&*error)))?;
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    let uri = format!("{}{target}", relay.target);
    let mut request = Request::builder().method(head.method).uri(uri);
    if let Some(info) = found.filter(|_| !head.headers.contains_key("authorization")) {
        request = request.extension(info);
    }
    let mut request = request
        .body(body.to_bytes())
        .map_err(|error| (StatusCode::BAD_REQUEST, error.to_string()))?;
    *request.headers_mut() = headers(head.headers, request.body().is_empty());
    Ok(request)
}

fn headers(mut headers: HeaderMap, is_empty: bool) -> HeaderMap {
    for name in &DROPPED {
        headers.remove(name);
    }
    if is_empty {
        headers.remove(CONTENT_TYPE);
    }
    headers
        .entry(ACCEPT)
        .or_insert(HeaderValue::from_static("application/json"));
    headers
        .entry("upvest-api-version")
        .or_insert(HeaderValue::from_static("1"));
    headers
}

/// An answer of the proxy itself, as problem details (RFC 9457).
pub(super) fn problem(status: StatusCode, detail: &str) -> Response<Body> {
    let body = serde_json::json!({
        "type": "about:blank",
        "title": "The proxy did not pass the request on",
        "status": status.as_u16(),
        "detail": detail,
    });
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("application/problem+json");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
