//! The sign layer over a scripted service, and the two layers together.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};
use upvest_auth_signing::{
    ClientCredentials, Scopes, SignError, SignLayer, Signer, TokenLayer, Verifier,
};

use crate::support::{ManualClock, counting_nonces, ed25519, p521};

type Seen = Arc<Mutex<Vec<Request<Bytes>>>>;

fn recording(
    seen: &Seen,
) -> impl Service<Request<Bytes>, Response = Response<Full<Bytes>>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ 'static {
    let seen = Arc::clone(seen);
    service_fn(move |request: Request<Bytes>| {
        let is_token = request.uri().path() == "/auth/token";
        seen.lock().expect("not poisoned").push(request);
        let body: &[u8] = if is_token {
            br#"{"access_token":"token-1","expires_in":3600}"#
        } else {
            b"{}"
        };
        async move { Ok(Response::new(Full::from(body))) }
    })
}

#[tokio::test]
async fn what_cannot_be_signed_is_not_sent() {
    let seen = Seen::default();
    let service = SignLayer::new(Signer::new(ed25519(), "key-id"));
    let service = ServiceBuilder::new()
        .layer(service)
        .service(recording(&seen));
    let request = Request::get("https://host/")
        .header("accept", "caf\u{e9}")
        .body(Bytes::new())
        .expect("a request");

    let error = service.oneshot(request).await.expect_err("refused");

    assert!(error.downcast_ref::<SignError>().is_some(), "{error}");
    assert!(seen.lock().expect("not poisoned").is_empty());
}

#[tokio::test]
async fn errors_of_the_inner_service_stay_what_they_are() {
    #[derive(Debug, thiserror::Error)]
    #[error("the cable is cut")]
    struct CutCable;

    let service = ServiceBuilder::new()
        .layer(SignLayer::new(Signer::new(ed25519(), "key-id")))
        .service(service_fn(|_: Request<Bytes>| async {
            Err::<Response<Full<Bytes>>, _>(CutCable)
        }));
    let error = service
        .oneshot(Request::new(Bytes::new()))
        .await
        .expect_err("cut");
    assert!(error.is::<CutCable>());
}

#[test]
fn the_inner_service_says_when_it_is_ready() {
    #[derive(Clone)]
    struct Busy;

    impl Service<Request<Bytes>> for Busy {
        type Response = Response<Full<Bytes>>;
        type Error = Infallible;
        type Future = Ready<Result<Response<Full<Bytes>>, Infallible>>;

        fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
            Poll::Pending
        }

        fn call(&mut self, _: Request<Bytes>) -> Self::Future {
            ready(Ok(Response::new(Full::default())))
        }
    }

    let mut service = SignLayer::new(Signer::new(ed25519(), "key-id")).layer(Busy);
    let mut context = Context::from_waker(Waker::noop());
    assert!(service.poll_ready(&mut context).is_pending());
}

#[tokio::test]
async fn every_attempt_is_signed_afresh() {
    let seen = Seen::default();
    let signer = Signer::new(ed25519(), "key-id").nonces(counting_nonces());
    let mut service = ServiceBuilder::new()
        .layer(SignLayer::new(signer))
        .service(recording(&seen));
    for _ in 0..2 {
        let ready = service.ready().await.expect("ready");
        ready.call(Request::new(Bytes::new())).await.expect("sent");
    }
    let inputs: Vec<String> = seen
        .lock()
        .expect("not poisoned")
        .iter()
        .map(|request| header(request.headers(), "signature-input"))
        .collect();
    assert!(inputs[0].ends_with(r#"nonce="nonce-1""#));
    assert!(inputs[1].ends_with(r#"nonce="nonce-2""#));
}

#[tokio::test]
async fn calls_and_token_requests_pass_strict_verification() {
    for key in [p521(), ed25519()] {
        let clock = ManualClock::new();
        let seen = Seen::default();
        let public = key.verifying_key();
        let service = ServiceBuilder::new()
            .layer(
                TokenLayer::new(
                    ClientCredentials::new("client-id", "s&cr=t +%"),
                    Uri::from_static("https://host/auth/token"),
                )
                .clock(clock.clone()),
            )
            .layer(SignLayer::new(
                Signer::new(key, "key-id").clock(clock.clone()),
            ))
            .service(recording(&seen));
        let mut request = Request::post("https://host/orders?dry=1")
            .header("content-type", "application/json")
            .header("idempotency-key", "7e9ea4ad-cb2c-4c5e-9ad9-ad4bd2a5c2b8")
            .body(Bytes::from_static(b"{}"))
            .expect("a request");
        request
            .extensions_mut()
            .insert(Scopes::from("orders:admin"));

        let response = service.oneshot(request).await.expect("answered");

        assert_eq!(response.status(), StatusCode::OK);
        let verifier = Verifier::new(move |id: &str| (id == "key-id").then(|| public.clone()))
            .clock(clock)
            .require(["upvest-client-id"]);
        let seen = seen.lock().expect("not poisoned");
        let [token, call] = &seen[..] else {
            panic!("{} requests", seen.len());
        };
        let verified = verifier.verify(token).expect("the token request is signed");
        assert!(!verified.covers("authorization"));
        assert!(verified.covers("content-digest"));
        verifier
            .verify_requiring(call, &["authorization", "idempotency-key"])
            .expect("the call is signed");
    }
}

fn header(headers: &HeaderMap, name: &str) -> String {
    headers[name].to_str().expect("ASCII").to_owned()
}
