//! Any bytes as the response to a token request and to the call that needed it.
//!
//! The first byte chooses the status, the second how long `retry-after` is; the rest is the body.

#![no_main]

use std::convert::Infallible;
use std::error::Error;
use std::future::{Future, pending, ready};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use libfuzzer_sys::fuzz_target;
use tower::{Layer, ServiceExt, service_fn};
use upvest_auth_signing::{ClientCredentials, Scopes, TokenError, TokenLayer};

const STATUSES: [u16; 8] = [200, 200, 200, 200, 201, 400, 401, 503];
const LIMIT: Duration = Duration::from_secs(1000);
const ATTEMPTS: usize = 3;

fuzz_target!(|input: &[u8]| {
    let [status, length, rest @ ..] = input else {
        return;
    };
    let status = STATUSES[usize::from(*status) % STATUSES.len()];
    let (retry_after, body) = rest.split_at(rest.len().min(usize::from(*length) % 32));
    let answer = answer(status, retry_after, body);

    let token_requests = Arc::new(AtomicUsize::new(0));
    let api = {
        let token_requests = Arc::clone(&token_requests);
        service_fn(move |request: Request<Bytes>| {
            if request.uri().path() == "/auth/token" {
                token_requests.fetch_add(1, Ordering::SeqCst);
            }
            ready(Ok::<_, Infallible>(answer.clone()))
        })
    };
    let now = || UNIX_EPOCH + Duration::from_secs(1_633_529_659);
    let credentials = ClientCredentials::new("client", "secret");
    let layer = TokenLayer::new(credentials, Uri::from_static("https://host/auth/token"))
        .clock(move || -> SystemTime { now() })
        .timer(|duration| async move {
            if duration == LIMIT {
                pending().await
            }
        })
        .jitter(|| 1.0)
        .timeout(LIMIT);
    let service = layer.layer(api);
    let scopes = Scopes::from("positions:read");

    for _ in 0..3 {
        match finish(service.authorization(&scopes)) {
            Ok(authorization) => {
                assert!(authorization.as_bytes().starts_with(b"Bearer "));
                assert!(authorization.is_sensitive());
            }
            Err(error) => check(&error, body),
        }
        let requests = token_requests.load(Ordering::SeqCst);
        assert!(requests <= ATTEMPTS, "{requests} token requests");
    }

    let mut request = Request::new(Bytes::new());
    request.extensions_mut().insert(scopes);
    if let Ok(response) = finish(service.oneshot(request)) {
        assert_eq!(response.status(), status);
    }
});

fn answer(status: u16, retry_after: &[u8], body: &[u8]) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::copy_from_slice(body)));
    *response.status_mut() = status.try_into().expect("a status");
    if let Ok(value) = HeaderValue::from_bytes(retry_after) {
        response.headers_mut().insert("retry-after", value);
    }
    response
}

/// The error is one line, is not empty, and does not show a token.
fn check(error: &TokenError, body: &[u8]) {
    let text = error.to_string();
    assert!(!text.contains(char::is_control), "{text:?}");
    assert!(text.contains("positions:read"), "{text}");
    let source = error.source().map(ToString::to_string);
    let shown = format!("{error:?}\n{text}\n{source:?}");
    if error.response().is_some_and(|response| response.status().is_success())
        && let Ok(body) = serde_json::from_slice::<serde_json::Value>(body)
        && let Some(token) = body["access_token"].as_str()
        && token.len() >= 8
        && body["token_type"].as_str().is_none_or(|kind| !kind.contains(token))
    {
        let fixed = "the token request for `positions:read` was answered without a usable token: \
                     200 OK, 201 Created, but `access_token`, `token_type` or `scope` is missing or not a string cannot be used: it is empty has characters that no header can carry \
                     the body is not JSON expected `bearer` was granted without: have the client \
                     given these scopes, or ask for fewer";
        assert!(!shown.contains(token) || fixed.contains(token), "{shown}");
    }
}

/// Nothing here has to wait.
fn finish<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("waits for nothing"),
    }
}
