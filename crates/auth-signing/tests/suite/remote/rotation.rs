//! One key takes the place of another, and no request is lost.

use std::collections::HashMap;
use std::future::ready;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use tower::{Layer, Service, ServiceExt, service_fn};
use upvest_auth_signing::{
    KeyAlgorithm, RemoteSigner, RequestBudget, SignLayer, Signer, SigningKey, Switch, Verifier,
};

use super::signers::Hsm;
use crate::support::{ManualClock, START, ed25519, p521};

const PROBLEM: &str = r#"{"status":401,"detail":"Signature is incorrect"}"#;

/// An API that takes some keys.
#[derive(Clone, Default)]
struct Api {
    takes: Arc<Mutex<Vec<&'static str>>>,
    /// The key ids so far.
    seen: Arc<Mutex<Vec<String>>>,
    problem: Option<&'static str>,
}

impl Api {
    fn takes(&self, keys: &[&'static str]) {
        *self.takes.lock().expect("not poisoned") = keys.to_vec();
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().expect("not poisoned"))
    }

    fn answer(&self, request: &Request<Bytes>, clock: &ManualClock) -> Response<Full<Bytes>> {
        let keys = HashMap::from([
            ("old".to_owned(), p521().verifying_key()),
            ("new".to_owned(), ed25519().verifying_key()),
        ]);
        let verifier = Verifier::new(keys).clock(clock.clone());
        let key = verifier.verify(request).expect("signed").key_id.clone();
        let is_taken = self.takes.lock().expect("not poisoned").contains(&&*key);
        self.seen.lock().expect("not poisoned").push(key);
        let problem = self.problem.unwrap_or(PROBLEM);
        let mut response = Response::new(Full::from(if is_taken { "ok" } else { problem }));
        if !is_taken {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
        }
        response
    }
}

fn service(
    api: &Api,
    clock: &ManualClock,
    switch: Switch,
) -> impl Service<
    Request<Bytes>,
    Response = Response<Full<Bytes>>,
    Error = tower::BoxError,
    Future: Send,
> + Clone {
    let new = RemoteSigner::new(Hsm::new(ed25519(), []));
    let signer = Signer::new(p521(), "old")
        .clock(clock.clone())
        .next_key(new, "new", switch);
    let (api, clock) = (api.clone(), clock.clone());
    SignLayer::new(signer).layer(service_fn(move |request: Request<Bytes>| {
        ready(Ok::<_, std::convert::Infallible>(
            api.answer(&request, &clock),
        ))
    }))
}

fn request() -> Request<Bytes> {
    let request = Request::post("https://host/orders").header("content-type", "application/json");
    request.body(Bytes::from_static(b"{}")).expect("a request")
}

async fn call(
    service: &(
         impl Service<Request<Bytes>, Response = Response<Full<Bytes>>, Error = tower::BoxError> + Clone
     ),
) -> StatusCode {
    let response = service.clone().oneshot(request()).await.expect("answered");
    response.status()
}

#[tokio::test]
async fn at_a_moment() {
    let (api, clock) = (Api::default(), ManualClock::new());
    api.takes(&["old", "new"]);
    let moment = UNIX_EPOCH + Duration::from_secs(START + 60);
    let service = service(&api, &clock, Switch::At(moment));
    for (at, key) in [(0, "old"), (59, "old"), (60, "new"), (61, "new")] {
        clock.set(START + at);
        assert_eq!(call(&service).await, StatusCode::OK);
        assert_eq!(api.seen(), [key], "at {at}");
    }
}

#[tokio::test]
async fn at_the_first_401_that_says_so() {
    let (api, clock) = (Api::default(), ManualClock::new());
    api.takes(&["old"]);
    let service = service(&api, &clock, Switch::WhenRefused);
    assert_eq!(call(&service).await, StatusCode::OK);
    api.takes(&["new"]);
    for _ in 0..2 {
        assert_eq!(call(&service).await, StatusCode::OK);
    }
    assert_eq!(api.seen(), ["old", "old", "new", "new"]);
}

#[tokio::test]
async fn earlier_than_planned_and_back() {
    let (api, clock) = (Api::default(), ManualClock::new());
    let moment = UNIX_EPOCH + Duration::from_secs(START + 60);
    let service = service(&api, &clock, Switch::At(moment));
    // The API knows the new key later than planned, and forgets the old one.
    for (at, takes, seen) in [
        (60, "old", &["new", "old"][..]),
        (61, "old", &["old"]),
        (62, "new", &["old", "new"]),
        (63, "new", &["new"]),
    ] {
        clock.set(START + at);
        api.takes(&[takes]);
        assert_eq!(call(&service).await, StatusCode::OK, "at {at}");
        assert_eq!(api.seen(), seen, "at {at}");
    }
}

#[tokio::test]
async fn when_both_are_refused_one_is_tried_for_a_second() {
    let (api, clock) = (Api::default(), ManualClock::new());
    let service = service(&api, &clock, Switch::WhenRefused);
    for (at, seen) in [
        (0, &["old", "new"][..]),
        (1, &["old"]),
        (999, &["old"]),
        (1000, &["old", "new"]),
    ] {
        clock.set(START);
        clock.advance(Duration::from_millis(at));
        let response = service.clone().oneshot(request()).await.expect("answered");
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        let body = response.into_body().collect().await.expect("readable");
        assert_eq!(body.to_bytes(), PROBLEM, "whole");
        assert_eq!(api.seen(), seen, "at {at}");
    }
}

#[tokio::test]
async fn other_401s_and_the_budget_leave_the_key_alone() {
    let api = Api {
        problem: Some(r#"{"detail":"The access token has expired"}"#),
        ..Api::default()
    };
    let clock = ManualClock::new();
    assert_eq!(
        call(&service(&api, &clock, Switch::WhenRefused)).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(api.seen(), ["old"]);

    let api = Api::default();
    let mut request = request();
    request.extensions_mut().insert(RequestBudget::at_most(0));
    let service = service(&api, &clock, Switch::WhenRefused);
    let response = service.oneshot(request).await.expect("answered");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(api.seen(), ["old"]);
}

#[test]
fn the_key_id_says_which_key_signs() {
    let clock = ManualClock::new();
    let new = SigningKey::generate(KeyAlgorithm::Ed25519).expect("a key");
    let moment = UNIX_EPOCH + Duration::from_secs(START + 60);
    let signer =
        Signer::new(p521(), "old")
            .clock(clock.clone())
            .next_key(new, "new", Switch::At(moment));
    assert_eq!(signer.key_id(), "old");
    let mut request = request();
    signer.sign(&mut request).expect("signed at once");
    clock.set(START + 60);
    assert_eq!(signer.key_id(), "new");
}
