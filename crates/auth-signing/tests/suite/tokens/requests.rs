//! What is sent, and for which scopes.

use std::convert::Infallible;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::Full;
use tower::{Layer, ServiceExt};
use upvest_auth_signing::Scopes;

use super::api::{Api, CLIENT_ID, SECRET, answered, layer, request, service};
use crate::support::ManualClock;

#[tokio::test]
async fn the_token_request() {
    let api = Api::default();
    let service = service(&api, &ManualClock::new());
    service
        .oneshot(request("users:read accounts:admin users:read"))
        .await
        .expect("answered");

    let request = api.state(|state| state.token_requests.remove(0));
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://host/auth/token");
    let headers: HeaderMap = [
        ("accept", "application/json"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("upvest-client-id", CLIENT_ID),
    ]
    .into_iter()
    .map(|(name, value)| {
        (
            name.parse().expect("a name"),
            value.parse().expect("a value"),
        )
    })
    .collect();
    assert_eq!(request.headers(), &headers, "and no authorization");
    let form: Vec<_> = form_urlencoded::parse(request.body())
        .into_owned()
        .collect();
    let expected = [
        ("client_id", CLIENT_ID),
        ("client_secret", SECRET),
        ("grant_type", "client_credentials"),
        ("scope", "accounts:admin users:read"),
    ];
    assert_eq!(
        form,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[tokio::test]
async fn requests_without_scopes_get_no_token() {
    let api = Api::default();
    let service = service(&api, &ManualClock::new());
    service
        .clone()
        .oneshot(request(""))
        .await
        .expect("answered");
    service
        .oneshot(Request::new(Bytes::new()))
        .await
        .expect("answered");
    assert_eq!(api.calls(), ["none", "none"]);
    assert_eq!(api.token_requests(), 0);
}

#[tokio::test]
async fn the_client_id_and_a_sensitive_token_are_on_the_call() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let inner = tower::service_fn(move |request: Request<Bytes>| {
        let body = Bytes::from_static(br#"{"access_token":"opaque","expires_in":60}"#);
        sender.send(request).expect("received");
        async move { Ok::<_, Infallible>(Response::new(Full::new(body))) }
    });
    let service = layer(&ManualClock::new()).layer(inner);
    service
        .oneshot(request("positions:read"))
        .await
        .expect("answered");

    receiver.recv().await.expect("the token request");
    let call = receiver.recv().await.expect("the call");
    assert_eq!(call.headers()["upvest-client-id"], CLIENT_ID);
    assert_eq!(call.headers()["authorization"], "Bearer opaque");
    assert!(call.headers()["authorization"].is_sensitive());
    assert_eq!(call.body(), "body");
}

#[tokio::test]
async fn one_token_for_each_set_of_scopes() {
    let api = Api::default();
    let clock = ManualClock::new();
    let layer = layer(&clock);
    for scopes in ["a b", "b a", "a", "a b a"] {
        // Services of one layer share their tokens.
        let service = layer.layer(api.clone());
        service.oneshot(request(scopes)).await.expect("answered");
    }
    assert_eq!(api.token_requests(), 2);
    assert_eq!(
        api.calls(),
        [
            "Bearer token-1",
            "Bearer token-1",
            "Bearer token-2",
            "Bearer token-1"
        ]
    );
}

#[tokio::test]
async fn the_token_of_calls_can_be_had_for_others() {
    let api = Api::default();
    let service = service(&api, &ManualClock::new());
    let scopes = Scopes::from("positions:read");
    let first = service.authorization(&scopes).await.expect("a token");
    answered(&service).await;
    let second = service.authorization(&scopes).await.expect("a token");
    for authorization in [first, second] {
        assert_eq!(authorization, "Bearer token-1");
        assert!(authorization.is_sensitive());
    }
    assert_eq!(api.calls(), ["Bearer token-1"]);
    assert_eq!(api.token_requests(), 1);
}

#[tokio::test]
async fn a_limit_below_does_not_lock_up() {
    let api = Api::default();
    let limited = tower::limit::ConcurrencyLimit::new(api.clone(), 1);
    let service = layer(&ManualClock::new()).layer(limited);
    let calls = (0..10).map(|_| service.clone().oneshot(request("positions:read")));
    for result in futures_util::future::join_all(calls).await {
        assert_eq!(result.expect("answered").status(), 200);
    }
    assert_eq!(api.token_requests(), 1);
}

#[test]
fn scopes_are_a_set() {
    let scopes: Scopes = ["users:read", "accounts:read users:read", " "]
        .into_iter()
        .collect();
    assert_eq!(scopes, Scopes::from("accounts:read  users:read"));
    assert_eq!(scopes.as_str(), "accounts:read users:read");
    assert_eq!(
        scopes.iter().collect::<Vec<_>>(),
        ["accounts:read", "users:read"]
    );
    assert!(scopes.contains("users:read") && !scopes.contains("users"));
    assert!(!scopes.is_empty());
    assert!(Scopes::default().is_empty() && Scopes::from(" \t").is_empty());
    assert_eq!(Scopes::new::<&str>([]), Scopes::default());
    assert_eq!(format!("{scopes:?}"), r#"{"accounts:read", "users:read"}"#);
}
