//! Any request for the receiver: first as it is, then with a body signed as Upvest would sign it.

#![no_main]

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use http_body::{Body, Frame};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;
use tower::Service;
use upvest_webhooks::signing::{KeyAlgorithm, SignatureVersion, Signer, SigningKey};
use upvest_webhooks::{Event, Handler, HandlerError, Receiver, StaticKeys, DeliveryVerifier};

/// How many bytes a body may have here.
const MAX_BODY: usize = 512;

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(KeyAlgorithm::Ed25519).expect("there is randomness"));

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    runtime.enable_time().build().expect("a runtime")
});

/// How many events were handed out.
static HANDLED: AtomicUsize = AtomicUsize::new(0);

#[derive(Clone)]
struct Count;

impl Handler for Count {
    async fn handle(&self, _: Event) -> Result<(), HandlerError> {
        HANDLED.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

/// A body in parts, which may break off, and whether anybody has asked for it.
struct Parts {
    rest: VecDeque<Bytes>,
    breaks_off: bool,
    is_read: Arc<AtomicBool>,
}

impl Body for Parts {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        self.is_read.store(true, Ordering::SeqCst);
        Poll::Ready(match self.rest.pop_front() {
            Some(data) => Some(Ok(Frame::data(data))),
            None if std::mem::take(&mut self.breaks_off) => {
                Some(Err(io::ErrorKind::ConnectionReset.into()))
            }
            None => None,
        })
    }
}

/// The status that a request is answered with, and whether its body was read.
fn answer(request: &Request<Bytes>, cuts: &[u8], breaks_off: bool) -> (StatusCode, bool) {
    let verifier = DeliveryVerifier::new(StaticKeys::from_iter([(
        "key".to_owned(),
        KEY.verifying_key(),
    )]));
    let mut receiver = Receiver::new(verifier, Count)
        .max_body(MAX_BODY)
        .hosts(["hooks.example"])
        .observe(|report| {
            let line = report.to_string();
            assert!(!line.contains(char::is_control), "{line:?}");
            assert!(line.chars().count() < 4096, "{line}");
        });
    let is_read = Arc::new(AtomicBool::new(false));
    let body = Parts {
        rest: cut(request.body().clone(), cuts),
        breaks_off,
        is_read: Arc::clone(&is_read),
    };
    let (head, _) = request.clone().into_parts();
    let response = RUNTIME.block_on(receiver.call(Request::from_parts(head, body)));
    (
        response.expect("infallible").status(),
        is_read.load(Ordering::SeqCst),
    )
}

/// A body in parts of these lengths.
fn cut(mut body: Bytes, lengths: &[u8]) -> VecDeque<Bytes> {
    let mut parts = VecDeque::new();
    for length in lengths {
        parts.push_back(body.split_to(body.len().min(usize::from(*length))));
    }
    parts.push_back(body);
    parts
}

type Input<'a> = (
    &'a str,
    &'a str,
    Vec<(&'a str, &'a [u8])>,
    &'a [u8],
    &'a [u8],
    u8,
);

fuzz_target!(|input: Input<'_>| {
    let (method, path, headers, body, cuts, how) = input;
    let body = Bytes::copy_from_slice(body);
    let mut request = Request::post("/").body(body).expect("a request");
    if let Ok(uri) = format!("/{path}").parse() {
        *request.uri_mut() = uri;
    }
    for (name, value) in headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value))
        {
            request.headers_mut().append(name, value);
        }
    }
    let host = HeaderValue::from_static("hooks.example");
    if how & 1 == 0 {
        request.headers_mut().insert("host", host);
    }
    if let (true, Ok(method)) = (how & 2 == 2, Method::from_bytes(method.as_bytes())) {
        *request.method_mut() = method;
    }
    let before = HANDLED.load(Ordering::SeqCst);
    let (status, is_read) = answer(&request, cuts, false);
    assert!(
        matches!(status.as_u16(), 401 | 405 | 413 | 421),
        "unsigned, but {status}"
    );
    let names_key = request.headers().get("signature-input");
    let names_key =
        names_key.is_some_and(|value| value.as_bytes().windows(3).any(|it| it == b"key"));
    assert!(
        !is_read || names_key,
        "the body was read for a head without a known key"
    );
    assert_eq!(
        HANDLED.load(Ordering::SeqCst),
        before,
        "an unsigned event was handed out"
    );

    let signer = Signer::new(KEY.clone(), "key").version(SignatureVersion::V6);
    request.headers_mut().remove("upvest-signature-version");
    if signer.sign(&mut request).is_err() {
        return;
    }
    let breaks_off = how & 4 == 4;
    let (status, _) = answer(&request, cuts, breaks_off);
    let is_handled = HANDLED.load(Ordering::SeqCst) > before;
    assert!(
        !is_handled || status == StatusCode::OK,
        "handled, but {status}"
    );
    assert!(status != StatusCode::OK || !breaks_off, "it broke off");
});
