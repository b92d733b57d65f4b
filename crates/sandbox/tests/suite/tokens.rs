//! How tokens are issued, and how long they are accepted.

use std::time::Duration;

use upvest_models::{AccessToken, CashBalance, Uuid};

use crate::support::{BALANCE, Fixture, refused, set, success};

#[tokio::test]
async fn a_token_is_issued() {
    let fixture = Fixture::start().await;
    let token: AccessToken = success(fixture.request_token("webhooks:read positions:read").await);
    assert_eq!(token.expires_in, 1799);
    assert_eq!(token.token_type, "bearer");
    assert_eq!(token.scope, "positions:read webhooks:read");

    let mut request = fixture.request("GET", BALANCE);
    let bearer = format!("Bearer {}", token.access_token.expose());
    set(&mut request, "authorization", &bearer);
    success::<CashBalance>(fixture.sign_and_send(request).await);

    assert_ne!(
        token.access_token.expose(),
        fixture.token("webhooks:read positions:read").await
    );
}

#[tokio::test]
async fn a_token_must_be_there() {
    let fixture = Fixture::start().await;
    let request = fixture.request("GET", BALANCE);
    let response = fixture.sign_and_send(request).await;
    refused(
        &response,
        401,
        "unauthorised",
        "The access token is missing",
    );
}

#[tokio::test]
async fn a_token_must_be_a_bearer_token() {
    let fixture = Fixture::start().await;
    let token = fixture.token("positions:read").await;
    for (value, detail) in [
        (format!("bearer {token}"), "The authorization header"),
        (format!("Basic {token}"), "The authorization header"),
        (token.clone(), "The authorization header"),
        ("Bearer".to_owned(), "The authorization header"),
        (format!("Bearer  {token}"), "The access token is unknown"),
        (format!("Bearer {token}x"), "The access token is unknown"),
        ("Bearer unknown".to_owned(), "The access token is unknown"),
    ] {
        let mut request = fixture.request("GET", BALANCE);
        set(&mut request, "authorization", &value);
        let response = fixture.sign_and_send(request).await;
        refused(&response, 401, "unauthorised", detail);
    }
}

#[tokio::test]
async fn a_token_expires() {
    let lifetime = Duration::from_millis(20_900);
    let fixture = Fixture::start_with(|builder| builder.token_lifetime(lifetime)).await;
    let token: AccessToken = success(fixture.request_token("positions:read").await);
    assert_eq!(token.expires_in, 20);
    let mut request = fixture.request("GET", BALANCE);
    let bearer = format!("Bearer {}", token.access_token.expose());
    set(&mut request, "authorization", &bearer);

    fixture.clock.advance(Duration::from_secs(19));
    success::<CashBalance>(fixture.sign_and_send(request.clone()).await);
    fixture.clock.advance(Duration::from_secs(1));
    let response = fixture.sign_and_send(request).await;
    refused(
        &response,
        401,
        "unauthorised",
        "The access token has expired",
    );
}

#[tokio::test]
async fn a_token_can_be_revoked() {
    let fixture = Fixture::start().await;
    let request = fixture.balance_request().await;
    success::<CashBalance>(fixture.sign_and_send(request.clone()).await);

    fixture.sandbox.revoke_tokens();
    let response = fixture.sign_and_send(request).await;
    let detail = "The access token is unknown or was revoked";
    refused(&response, 401, "unauthorised", detail);

    let request = fixture.balance_request().await;
    success::<CashBalance>(fixture.sign_and_send(request).await);
}

#[tokio::test]
async fn the_credentials_must_be_right() {
    let fixture = Fixture::start().await;
    let (id, secret) = (fixture.sandbox.client_id(), fixture.sandbox.client_secret());
    let form = fixture.form("positions:read");
    for wrong in [
        form.replace(secret, "wrong"),
        form.replace(secret, &secret[1..]),
        form.replace(secret, &format!("{secret}x")),
        form.replace(secret, ""),
        form.replace(id, "2d6c4a34-6ef0-4d0c-9d1e-6ad3cf1c7a6e"),
        form.replace(id, ""),
    ] {
        let response = fixture.sign_and_send(fixture.form_request(wrong)).await;
        let detail = "The client id or the client secret is wrong";
        refused(&response, 401, "unauthorised", detail);
    }
}

#[tokio::test]
async fn credentials_can_be_chosen() {
    let id = Uuid::from_u128(7);
    let fixture =
        Fixture::start_with(|builder| builder.credentials(id, "correct-horse-battery")).await;
    assert_eq!(fixture.sandbox.client_id(), id.to_string());
    assert_eq!(fixture.sandbox.client_secret(), "correct-horse-battery");
    fixture.token("positions:read").await;
}

#[tokio::test]
async fn a_form_must_be_complete() {
    let fixture = Fixture::start().await;
    let form = fixture.form("positions:read");
    let long = "x".repeat(1001);
    let secret = fixture.sandbox.client_secret();
    let mut cases = vec![
        (String::new(), "The content type"),
        ("{}".to_owned(), "The form is malformed"),
        (form.replace("client_credentials", "password"), "grant_type"),
        (form.replace("client_credentials", ""), "grant_type"),
        (form.replace("positions%3Aread", ""), "scope is empty"),
        (form.replace("positions%3Aread", "+"), "scope is empty"),
        (form.replace("positions%3Aread", &long), "scope has more"),
        (form.replace(secret, &long), "client_secret has more"),
        (format!("{form}&audience=api"), "The form is malformed"),
        (
            format!("{form}&scope=users%3Aread"),
            "The form is malformed",
        ),
    ];
    let fields: Vec<&str> = form.split('&').collect();
    for missing in 0..fields.len() {
        let mut rest = fields.clone();
        rest.remove(missing);
        cases.push((rest.join("&"), "The form is malformed: missing field"));
    }
    for (form, detail) in cases {
        let mut request = fixture.form_request(form);
        if request.body().is_empty() {
            request.headers_mut().remove("content-type");
        }
        let response = fixture.sign_and_send(request).await;
        refused(&response, 400, "bad_request", detail);
    }
}

#[tokio::test]
async fn a_form_must_say_that_it_is_one() {
    let fixture = Fixture::start().await;
    let mut request = fixture.form_request(fixture.form("positions:read"));
    set(&mut request, "content-type", "application/json");
    let response = fixture.sign_and_send(request).await;
    refused(&response, 400, "bad_request", "The content type");
}

#[tokio::test]
async fn a_client_gets_no_scope_that_it_lacks() {
    let fixture = Fixture::start_with(|builder| builder.scopes("webhooks:read users:read")).await;
    for scope in ["positions:read", "users:read positions:read", "no_such"] {
        let response = fixture.request_token(scope).await;
        let detail = "The client does not have the scope";
        refused(&response, 401, "unauthorised", detail);
    }
    fixture.token("users:read webhooks:read").await;
}

#[tokio::test]
async fn requests_are_counted() {
    let fixture = Fixture::start().await;
    let counts = || (fixture.sandbox.requests(), fixture.sandbox.token_requests());
    assert_eq!(counts(), (0, 0));

    fixture.token("positions:read").await;
    assert_eq!(counts(), (1, 1));
    // Refused, but counted.
    fixture.send(fixture.request("POST", "/auth/token")).await;
    assert_eq!(counts(), (2, 2));
    fixture.send(fixture.request("GET", "/auth/token")).await;
    fixture.send(fixture.request("GET", "/nowhere")).await;
    fixture.send(fixture.request("GET", BALANCE)).await;
    assert_eq!(counts(), (5, 2));
}
