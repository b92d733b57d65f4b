//! Calls from end to end: token, signature, request, answer.

use std::error::Error as _;
use std::sync::{Arc, Mutex};

use tower::util::MapRequestLayer;
use upvest::models::{
    AccessTokenRequest, CreateWebhookRequest, Currency, JsonWebKeyCurve, Secret, Uuid,
};
use upvest::{
    AccessToken, Bytes, CallOptions, Client, Error, KeyAlgorithm, RetryPolicy, Scopes, SigningKey,
};
use upvest_sandbox::Sandbox;

use crate::support::builder;

async fn sandbox_and_client() -> (Sandbox, Client) {
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox).build().unwrap();
    (sandbox, client)
}

/// The error of asking for the balance that the sandbox has.
async fn failure(sandbox: &Sandbox, client: &Client) -> Error {
    client
        .retrieve_cash_balance_by_currency(sandbox.account_group_id(), "EUR")
        .send()
        .await
        .expect_err("the call was to fail")
}

#[tokio::test]
async fn a_balance_arrives_digit_for_digit() {
    let (sandbox, client) = sandbox_and_client().await;
    let mut expected = sandbox.balance(sandbox.account_group_id()).unwrap();
    expected.balance = upvest::models::decimal::parse("100.2500").unwrap();
    expected.currency = Currency::from("XAU");
    sandbox.set_balance(expected.clone());

    let balance = client
        .retrieve_cash_balance_by_currency(sandbox.account_group_id(), "XAU")
        .send()
        .await
        .unwrap();
    assert_eq!(*balance, expected);
    assert_eq!(balance.balance.to_string(), "100.2500");
    assert_eq!(balance.currency, Currency::Unknown("XAU".to_owned()));
    assert!(
        balance
            .request_id()
            .is_some_and(|id| id.parse::<Uuid>().is_ok())
    );
}

#[tokio::test]
async fn what_is_sent_of_an_address_with_dots_is_what_is_signed() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox)
        .base_url(format!("{}/x/.././", sandbox.base_url()))
        .build()
        .unwrap();
    let id = sandbox.account_group_id();
    let call = client.retrieve_cash_balance_by_currency(id, "EUR");
    assert_eq!(call.await.unwrap().currency, Currency::Eur);
    assert_eq!(sandbox.token_requests(), 1);
}

#[tokio::test]
async fn one_token_serves_many_calls_of_many_clones() {
    let (sandbox, client) = sandbox_and_client().await;
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let client = client.clone();
            let id = sandbox.account_group_id();
            tokio::spawn(async move {
                client
                    .retrieve_cash_balance_by_currency(id, "EUR")
                    .send()
                    .await
                    .map(drop)
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
    assert_eq!(sandbox.token_requests(), 1);
    assert_eq!(sandbox.requests(), 21);
}

#[tokio::test]
async fn a_revoked_token_is_replaced_and_the_call_made_again() {
    let (sandbox, client) = sandbox_and_client().await;
    for _ in 0..2 {
        let call = client.retrieve_cash_balance_by_currency(sandbox.account_group_id(), "EUR");
        let _ = call.send().await.unwrap();
        sandbox.revoke_tokens();
    }
    assert_eq!(sandbox.token_requests(), 2);
    assert_eq!(sandbox.requests(), 2 + 3, "the second call was made twice");
}

#[tokio::test]
async fn a_problem_comes_with_status_and_request_id() {
    let (_sandbox, client) = sandbox_and_client().await;
    let error = client
        .retrieve_cash_balance_by_currency(Uuid::nil(), "EUR")
        .send()
        .await
        .unwrap_err();
    assert_eq!(error.status().unwrap(), 404);
    let problem = error.problem().unwrap();
    assert_eq!(problem.type_, "https://docs.upvest.co/errors/not_found");
    assert_eq!(error.request_id(), problem.request_id.as_deref());
    assert!(error.request_id().is_some() && !error.is_authentication() && !error.is_transient());
}

#[tokio::test]
async fn a_wrong_secret_is_reported_by_the_call_that_needed_the_token() {
    let sandbox = Sandbox::start().await.unwrap();
    let client = builder(&sandbox)
        .credentials(sandbox.client_id(), "hush")
        .build()
        .unwrap();
    let error = failure(&sandbox, &client).await;
    assert!(error.is_authentication());
    assert_eq!(error.status().unwrap(), 401);
    assert_eq!(
        error.operation().unwrap().id,
        "retrieve_cash_balance_with_currency"
    );
    assert!(error.request_id().is_some() && error.problem().is_some());
    assert!(
        error
            .source()
            .unwrap()
            .to_string()
            .contains("token request")
    );
    assert!(!format!("{error} {error:?}").contains("hush"));
    assert_eq!(sandbox.requests(), 1, "no call is made without a token");
}

#[tokio::test]
async fn another_key_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).unwrap();
    let client = builder(&sandbox)
        .signing_key(key, sandbox.key_id())
        .build()
        .unwrap();
    let error = failure(&sandbox, &client).await;
    assert!(error.is_authentication());
    assert!(
        error.to_string().contains("Signature is incorrect"),
        "{error}"
    );
}

#[tokio::test]
async fn either_algorithm_signs() {
    for algorithm in [KeyAlgorithm::EcdsaP521Sha512, KeyAlgorithm::Ed25519] {
        let sandbox = Sandbox::builder()
            .key_algorithm(algorithm)
            .start()
            .await
            .unwrap();
        let client = builder(&sandbox).build().unwrap();
        let call = client.retrieve_cash_balance_by_currency(sandbox.account_group_id(), "EUR");
        let _ = call.send().await.unwrap();
    }
}

#[tokio::test]
async fn the_keys_of_webhooks_are_to_be_had() {
    let (_sandbox, client) = sandbox_and_client().await;
    let keys = client.retrieve_webhook_keys().send().await.unwrap();
    assert_eq!(keys.keys[0].crv, Some(JsonWebKeyCurve::P521));
}

#[tokio::test]
async fn a_token_can_be_issued_by_hand() {
    let (sandbox, client) = sandbox_and_client().await;
    let request = AccessTokenRequest::new(
        sandbox.client_id().parse::<Uuid>().unwrap(),
        Secret::from(sandbox.client_secret()),
        "client_credentials",
        "positions:read",
    );
    let token = client.issue_token(request).send().await.unwrap();
    assert_eq!(token.scope, "positions:read");
    assert_eq!(sandbox.requests(), 1, "that call takes no token itself");
}

#[tokio::test]
async fn what_breaks_limits_of_the_description_is_reported_field_by_field_and_not_sent() {
    let (sandbox, client) = sandbox_and_client().await;
    let url = format!("https://example.com/{}", "x".repeat(1000));
    let request = CreateWebhookRequest::new("Orders & positions", url);
    let error = client.create_webhook(request).await.unwrap_err();
    assert!(error.is_invalid_request());
    insta::assert_snapshot!(error, @r#"create_webhook: `body.title` is "Orders & positions", which does not fit the pattern ^[a-zA-Z0-9 ()\[\]{}.-]{1,32}$; `body.url` has 1020 characters: 1000 are the most"#);
    let error = client.list_webhooks().limit(1001).await.unwrap_err();
    insta::assert_snapshot!(error, @"list_webhooks: `limit` is 1001: 1000 is the most");
    assert_eq!(sandbox.requests(), 0);
    let sent = client.list_webhooks().limit(1001).beyond_limits().await;
    assert_eq!(sent.unwrap_err().status().unwrap(), 400);
}

#[tokio::test]
async fn tokens_may_come_from_another_source() {
    let (sandbox, client) = sandbox_and_client().await;
    let request = AccessTokenRequest::new(
        sandbox.client_id().parse::<Uuid>().unwrap(),
        Secret::from(sandbox.client_secret()),
        "client_credentials",
        "positions:read",
    );
    let issued = client.issue_token(request).send().await.unwrap();
    let token = issued.access_token.expose().to_owned();
    let client = upvest::builder()
        .base_url(sandbox.base_url())
        .token_source(sandbox.client_id(), move |scopes: Scopes| {
            let token = token.clone();
            async move {
                assert_eq!(scopes.as_str(), "positions:read");
                Ok(AccessToken::bearer(token)?)
            }
        })
        .signing_key(sandbox.signing_key().clone(), sandbox.key_id())
        .build()
        .unwrap();
    let call = client.list_cash_balances(sandbox.account_group_id());
    let _ = call.send().await.unwrap();
    assert_eq!(sandbox.token_requests(), 1, "that was by hand");
}

#[tokio::test]
async fn a_token_has_the_scope_of_the_operation_unless_set_otherwise() {
    let sandbox = Sandbox::builder()
        .scopes("positions:read orders:read")
        .start()
        .await
        .unwrap();
    let client = builder(&sandbox)
        .scopes(|_| Scopes::from("orders:read"))
        .build()
        .unwrap();
    let error = failure(&sandbox, &client).await;
    assert_eq!(error.status().unwrap(), 403);

    let client = builder(&sandbox).build().unwrap();
    let call = client.retrieve_cash_balance_by_currency(sandbox.account_group_id(), "EUR");
    let _ = call.send().await.unwrap();
    let error = client.retrieve_webhook_keys().send().await.unwrap_err();
    assert!(
        error.is_authentication(),
        "the client was not granted webhooks:read: {error}"
    );
}

#[tokio::test]
async fn layers_see_calls_before_and_requests_after_signing() {
    let sandbox = Sandbox::start().await.unwrap();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = |place: &'static str| {
        let seen = Arc::clone(&seen);
        MapRequestLayer::new(move |request: http::Request<Bytes>| {
            let is_signed = request.headers().contains_key("signature");
            let path = request
                .uri()
                .path()
                .rsplit('/')
                .next()
                .unwrap_or_default()
                .to_owned();
            seen.lock().unwrap().push((place, path, is_signed));
            request
        })
    };
    let client = builder(&sandbox)
        .layer(record("outside"))
        .transport_layer(record("inside"))
        .build()
        .unwrap();
    let call = client.retrieve_cash_balance_by_currency(sandbox.account_group_id(), "EUR");
    let _ = call.send().await.unwrap();
    let expected = [
        ("outside", "EUR".to_owned(), false),
        ("inside", "token".to_owned(), true),
        ("inside", "EUR".to_owned(), true),
    ];
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn what_is_changed_after_signing_is_refused() {
    let sandbox = Sandbox::start().await.unwrap();
    let change = MapRequestLayer::new(|mut request: http::Request<Bytes>| {
        request
            .headers_mut()
            .insert("accept", http::HeaderValue::from_static("*/*"));
        request
    });
    let client = builder(&sandbox).transport_layer(change).build().unwrap();
    assert!(failure(&sandbox, &client).await.is_authentication());
}

#[tokio::test]
async fn a_server_that_is_gone_is_not_a_connection() {
    let (sandbox, client) = sandbox_and_client().await;
    let id = sandbox.account_group_id();
    sandbox.stop().await;
    let error = client
        .retrieve_cash_balance_by_currency(id, "EUR")
        .retries(RetryPolicy::none())
        .send()
        .await
        .unwrap_err();
    assert!(
        error.is_connect() && error.is_transient() && error.status().is_none(),
        "{error:?}"
    );
}
