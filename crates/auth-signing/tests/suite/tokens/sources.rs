//! Tokens from other sources.

use std::future::ready;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all, pending, poll_immediate};
use http::Request;
use tower::{BoxError, Layer, ServiceExt, service_fn};
use upvest_auth_signing::{AccessToken, Scopes, TokenError, TokenLayer, TokenService, TokenSource};

use super::api::{
    Answer, Api, Background, LIMIT, Waits, answered, failure, request, seconds, set_millis,
};
use crate::support::{ManualClock, chain};

/// Hands out `vault-1 for SCOPES` and so on.
#[derive(Clone, Default)]
struct Vault {
    tokens: Arc<AtomicUsize>,
}

impl Vault {
    fn asked(&self) -> usize {
        self.tokens.load(Ordering::SeqCst)
    }
}

impl TokenSource for Vault {
    fn token(&self, scopes: Scopes) -> BoxFuture<'static, Result<AccessToken, BoxError>> {
        let number = self.tokens.fetch_add(1, Ordering::SeqCst) + 1;
        Box::pin(async move {
            let token = AccessToken::bearer(format!("vault-{number} for {scopes}"))?;
            Ok(token.expires_in(seconds(100)))
        })
    }
}

fn service(
    source: impl TokenSource + 'static,
    api: &Api,
    clock: &ManualClock,
) -> TokenService<Api> {
    TokenLayer::from_source("client-1", source)
        .clock(clock.clone())
        .timer(Waits::default())
        .executor(Background::default())
        .timeout(LIMIT)
        .jitter(|| 0.0)
        .layer(api.clone())
}

#[tokio::test]
async fn a_source_is_asked_when_a_token_is_due() {
    let (vault, api, clock) = (Vault::default(), Api::default(), ManualClock::new());
    let service = service(vault.clone(), &api, &clock);
    for (at, token) in [(0, 1), (49_999, 1), (50_000, 1), (50_000, 2)] {
        set_millis(&clock, at);
        answered(&service).await;
        let expected = format!("Bearer vault-{token} for positions:read");
        assert_eq!(api.last_call(), Some(expected), "at {at}");
    }
    assert_eq!(api.token_requests(), 0);
}

#[tokio::test]
async fn a_source_is_asked_once_for_all() {
    let (vault, api) = (Vault::default(), Api::default());
    let service = service(vault.clone(), &api, &ManualClock::new());
    join_all((0..100).map(|_| answered(&service))).await;
    assert_eq!(vault.asked(), 1);
}

#[tokio::test]
async fn a_source_is_asked_again_after_a_401() {
    let (vault, api) = (Vault::default(), Api::default());
    let service = service(vault.clone(), &api, &ManualClock::new());
    answered(&service).await;
    api.revoke("vault-1 for positions:read");
    answered(&service).await;
    assert_eq!(vault.asked(), 2);
    assert_eq!(
        api.last_call().as_deref(),
        Some("Bearer vault-2 for positions:read")
    );
}

#[tokio::test]
async fn the_client_id_is_on_the_call() {
    let inner = service_fn(|request: Request<Bytes>| async move {
        assert_eq!(request.headers()["upvest-client-id"], "client-1");
        assert_eq!(request.headers()["authorization"], "Bearer t");
        Ok::<_, BoxError>(http::Response::new(Answer::default()))
    });
    let source = |_: Scopes| ready(AccessToken::bearer("t").map_err(BoxError::from));
    let layer = TokenLayer::from_source("client-1", source);
    assert_eq!(
        format!("{layer:?}"),
        "TokenLayer { refresh_ahead: 60s, timeout: 5s, attempts: 3, .. }"
    );
    let service = layer.timer(|_| pending()).layer(inner);
    service.oneshot(request("a")).await.expect("answered");
}

#[tokio::test]
async fn a_token_of_unknown_lifetime_serves_for_a_minute() {
    let asked = Arc::new(AtomicUsize::new(0));
    let source = {
        let asked = Arc::clone(&asked);
        move |_: Scopes| {
            asked.fetch_add(1, Ordering::SeqCst);
            ready(AccessToken::bearer("t").map_err(BoxError::from))
        }
    };
    let clock = ManualClock::new();
    let service = service(source, &Api::default(), &clock);
    for (at, expected) in [(0, 1), (29_999, 1), (30_000, 2)] {
        set_millis(&clock, at);
        answered(&service).await;
        assert_eq!(asked.load(Ordering::SeqCst), expected, "at {at}");
    }
}

#[tokio::test]
async fn failures_of_a_source() {
    let asked = Arc::new(AtomicUsize::new(0));
    let source = {
        let asked = Arc::clone(&asked);
        move |_: Scopes| {
            asked.fetch_add(1, Ordering::SeqCst);
            ready(Err(BoxError::from("the vault is sealed")))
        }
    };
    let error = failure(&service(source, &Api::default(), &ManualClock::new())).await;
    insta::assert_snapshot!(chain(&error), @r"
    the token source has no token for `positions:read`
      caused by: the vault is sealed
    ");
    assert!(!error.is_transient());
    assert_eq!(asked.load(Ordering::SeqCst), 1, "it knows itself");

    let source = |_: Scopes| ready(AccessToken::bearer("a\nb").map_err(BoxError::from));
    let error = failure(&service(source, &Api::default(), &ManualClock::new())).await;
    insta::assert_snapshot!(chain(&error), @"the access token cannot be used: it has characters that no header can carry");
}

#[tokio::test]
async fn a_source_without_end_is_given_up() {
    let source = |_: Scopes| pending::<Result<AccessToken, BoxError>>();
    let layer = TokenLayer::from_source("client-1", source).timer(|_| ready(()));
    let service = layer.layer(Api::default());
    let error = failure(&service).await;
    insta::assert_snapshot!(error, @"the token request for `positions:read` took longer than 5s (3 attempts)");

    let layer = TokenLayer::from_source("client-1", source).timer(|_| pending());
    let service = layer.layer(Api::default());
    let waiting = pin!(failure(&service));
    assert!(poll_immediate(waiting).await.is_none());
}

#[tokio::test]
async fn a_client_id_that_is_not_a_header_value_is_refused() {
    let vault = Vault::default();
    let layer = TokenLayer::from_source("caf\u{e9}\n", vault.clone());
    let service = layer.layer(Api::default());
    let error = service
        .oneshot(request("a"))
        .await
        .expect_err("no client id");
    assert!(error.is::<TokenError>());
    assert_eq!(vault.asked(), 0);
}
