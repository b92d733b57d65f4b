//! What the other headers must be like, and which failure counts if there are several.

use http::HeaderValue;
use upvest_models::{AccessToken, CashBalance};

use crate::support::{Fixture, refused, set, success};

#[tokio::test]
async fn the_client_must_be_known() {
    let fixture = Fixture::start().await;
    let upper_case = fixture.sandbox.client_id().to_uppercase();
    for id in ["2d6c4a34-6ef0-4d0c-9d1e-6ad3cf1c7a6e", "", &upper_case] {
        let mut request = fixture.balance_request().await;
        set(&mut request, "upvest-client-id", id);
        let response = fixture.sign_and_send(request).await;
        let detail = "No client is known by this upvest-client-id";
        refused(&response, 401, "unauthorised", detail);

        let mut request = fixture.form_request(fixture.form("positions:read"));
        set(&mut request, "upvest-client-id", id);
        let response = fixture.sign_and_send(request).await;
        refused(&response, 401, "unauthorised", detail);
    }
}

#[tokio::test]
async fn headers_are_given_once() {
    let fixture = Fixture::start().await;
    for (name, status, slug, detail) in [
        ("upvest-client-id", 401, "unauthorised", "No client"),
        ("authorization", 401, "unauthorised", "The authorization"),
        ("accept", 406, "not_acceptable", "The accept"),
        (
            "upvest-api-version",
            400,
            "bad_request",
            "upvest-api-version",
        ),
    ] {
        let mut request = fixture.balance_request().await;
        set(&mut request, "upvest-api-version", "1");
        let components = [
            "@method",
            "@path",
            "accept",
            "authorization",
            "upvest-client-id",
        ];
        let again: HeaderValue = request.headers()[name].clone();
        request.headers_mut().append(name, again);
        fixture.sign_covering(&mut request, &components);
        refused(&fixture.send(request).await, status, slug, detail);
    }
}

#[tokio::test]
async fn json_must_be_acceptable() {
    let fixture = Fixture::start().await;
    for accept in [
        "application/pdf",
        "application/problem+json",
        "application/json, application/problem+json",
        "text/*",
        "",
    ] {
        let detail = "The accept header is neither application/json nor */*";
        let mut request = fixture.balance_request().await;
        set(&mut request, "accept", accept);
        let response = fixture.sign_and_send(request).await;
        refused(&response, 406, "not_acceptable", detail);

        let mut request = fixture.form_request(fixture.form("positions:read"));
        set(&mut request, "accept", accept);
        let response = fixture.sign_and_send(request).await;
        refused(&response, 406, "not_acceptable", detail);
    }

    let mut request = fixture.balance_request().await;
    set(&mut request, "accept", "*/*");
    success::<CashBalance>(fixture.sign_and_send(request).await);
}

#[tokio::test]
async fn version_1_is_the_only_one() {
    let fixture = Fixture::start().await;
    for version in ["2", "1.0", "\"1\"", ""] {
        let detail = "upvest-api-version is not 1";
        let mut request = fixture.balance_request().await;
        set(&mut request, "upvest-api-version", version);
        let response = fixture.sign_and_send(request).await;
        refused(&response, 400, "bad_request", detail);

        let mut request = fixture.form_request(fixture.form("positions:read"));
        set(&mut request, "upvest-api-version", version);
        let response = fixture.sign_and_send(request).await;
        refused(&response, 400, "bad_request", detail);
    }

    let mut request = fixture.balance_request().await;
    set(&mut request, "upvest-api-version", "1");
    success::<CashBalance>(fixture.sign_and_send(request).await);
    let mut request = fixture.form_request(fixture.form("positions:read"));
    set(&mut request, "upvest-api-version", "1");
    success::<AccessToken>(fixture.sign_and_send(request).await);
}

/// Mends one thing after the other in a request in which everything is wrong.
#[tokio::test]
async fn the_first_failure_is_the_answer() {
    let fixture = Fixture::start().await;
    let group = "/account_groups/c1f9b2a3-0000-4000-8000-000000000000/payments/cash_balance";
    let mut request = fixture.request("POST", "/nowhere");
    for name in ["upvest-client-id", "accept", "upvest-api-version"] {
        set(&mut request, name, "wrong");
    }
    set(&mut request, "authorization", "Bearer wrong");
    refused(&fixture.send(request.clone()).await, 404, "not_found", "");

    let uri = format!("{}{group}", fixture.sandbox.base_url());
    *request.uri_mut() = uri.parse().unwrap();
    let response = fixture.send(request.clone()).await;
    refused(&response, 405, "method_not_allowed", "");

    *request.method_mut() = http::Method::GET;
    let response = fixture.send(request.clone()).await;
    refused(&response, 401, "unauthorised", "Signature is incorrect");

    let response = fixture.sign_and_send(request.clone()).await;
    refused(&response, 401, "unauthorised", "No client is known");

    set(
        &mut request,
        "upvest-client-id",
        fixture.sandbox.client_id(),
    );
    let response = fixture.sign_and_send(request.clone()).await;
    refused(&response, 401, "unauthorised", "The access token");

    let token = fixture.token("webhooks:read").await;
    set(&mut request, "authorization", &format!("Bearer {token}"));
    let response = fixture.sign_and_send(request.clone()).await;
    refused(&response, 403, "forbidden", "");

    let token = fixture.token("positions:read").await;
    set(&mut request, "authorization", &format!("Bearer {token}"));
    let response = fixture.sign_and_send(request.clone()).await;
    refused(&response, 406, "not_acceptable", "");

    set(&mut request, "accept", "application/json");
    let response = fixture.sign_and_send(request.clone()).await;
    refused(&response, 400, "bad_request", "upvest-api-version");

    set(&mut request, "upvest-api-version", "1");
    let response = fixture.sign_and_send(request).await;
    refused(
        &response,
        404,
        "not_found",
        "There is no such account group",
    );
}
