//! A key in this process is signed with at once: neither waiting nor the layer allocates anything.
//!
//! A separate program, as it replaces the allocator.

#[allow(dead_code)] // The other tests use the rest.
#[path = "suite/support.rs"]
mod support;

use std::convert::Infallible;
use std::future::{Ready, ready};

use allocation_counter::measure;
use bytes::Bytes;
use futures_util::FutureExt;
use http::{Request, Response};
use http_body_util::Full;
use tower::{Layer, Service, service_fn};
use upvest_auth_signing::{RemoteSigner, SignLayer, Signer};

use support::{ed25519, p521};

type Answer = Ready<Result<Response<Full<Bytes>>, Infallible>>;

fn request() -> Request<Bytes> {
    Request::post("https://host/orders?dry=1")
        .header("content-type", "application/json")
        .body(Bytes::from_static(b"{}"))
        .expect("a request")
}

/// How often memory is allocated while a request is signed at once.
fn sign(signer: &Signer) -> u64 {
    let mut request = request();
    measure(|| signer.sign(&mut request).expect("signed")).count_total
}

/// As [`sign`], while the signature is waited for.
fn sign_async(signer: &Signer) -> u64 {
    let mut request = request();
    let signed = measure(|| {
        let signed = signer.sign_async(&mut request).now_or_never();
        signed.expect("done at once").expect("signed");
    });
    signed.count_total
}

/// As [`sign`], in a layer before a transport that allocates nothing.
fn layer(signer: &Signer) -> u64 {
    let transport = service_fn(|_: Request<Bytes>| -> Answer { ready(Ok(Response::default())) });
    let mut service = SignLayer::new(signer.clone()).layer(transport);
    let request = request();
    let answered = measure(|| {
        let answer = service.call(request).now_or_never();
        answer.expect("done at once").expect("answered");
    });
    answered.count_total
}

#[test]
fn a_local_key_needs_no_boxed_future() {
    for key in [p521(), ed25519()] {
        let signer = Signer::new(key.clone(), "key-id");
        // What is allocated once, such as the state of the random number generator.
        sign(&signer);
        let at_once = sign(&signer);
        assert_eq!(sign_async(&signer), at_once);
        assert_eq!(layer(&signer), at_once);
        // The counter sees the boxed future of a remote signer.
        let elsewhere = Signer::new(RemoteSigner::new(key), "key-id");
        assert!(sign_async(&elsewhere) > at_once);
        assert!(layer(&elsewhere) > at_once);
    }
}
