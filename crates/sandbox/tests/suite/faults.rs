//! Faults by script: what goes wrong, with which requests, how often, and whether the operation
//! acts.

mod connections;
mod tokens;

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use upvest_models::CashBalance;
use upvest_sandbox::Fault;

use crate::support::{BALANCE, Fixture, exchange, header, refused, signature_refused, success};

async fn signed_balance_request(fixture: &Fixture) -> Request<Bytes> {
    let mut request = fixture.balance_request().await;
    fixture.sign(&mut request);
    request
}

async fn balance(fixture: &Fixture) -> Response<Bytes> {
    fixture.send(signed_balance_request(fixture).await).await
}

/// Checks that this request was not looked at so far: its nonce is new.
async fn untouched(fixture: &Fixture, request: Request<Bytes>) {
    success::<CashBalance>(fixture.send(request).await);
}

/// Checks that this request was obeyed: it cannot be sent again.
async fn obeyed(fixture: &Fixture, request: Request<Bytes>) {
    signature_refused(&fixture.send(request).await, "the nonce");
}

#[tokio::test]
async fn statuses_come_with_the_problem_details_of_the_api() {
    let fixture = Fixture::start().await;
    for (status, slug) in [
        (400, "bad_request"),
        (401, "unauthorised"),
        (403, "forbidden"),
        (409, "conflict"),
        (429, "too_many_requests"),
        (500, "internal_server_error"),
        (502, "bad_gateway"),
        (503, "service_unavailable"),
        (504, "gateway_timeout"),
    ] {
        let request = signed_balance_request(&fixture).await;
        fixture.sandbox.fail(Fault::status(status));
        refused(&fixture.send(request.clone()).await, status, slug, "");
        untouched(&fixture, request).await;
    }
}

#[tokio::test]
async fn a_401_is_about_the_token_or_about_the_signature() {
    let fixture = Fixture::start().await;
    let request = signed_balance_request(&fixture).await;
    fixture.sandbox.fail(Fault::status(401));
    let token = fixture.send(request.clone()).await;
    let detail = "The access token is unknown or was revoked";
    refused(&token, 401, "unauthorised", detail);

    fixture.sandbox.fail(Fault::incorrect_signature());
    let signature = fixture.send(request.clone()).await;
    refused(&signature, 401, "unauthorised", "Signature is incorrect");
    untouched(&fixture, request).await;
}

#[test]
fn a_status_is_that_of_an_error() {
    for status in [0, 200, 399, 600, 1000] {
        for make in [Fault::status, Fault::html] {
            let panic = std::panic::catch_unwind(|| make(status)).unwrap_err();
            let message = panic.downcast_ref::<String>().unwrap();
            let expected = format!("{status} is not the status of an error, 400 to 599");
            assert_eq!(*message, expected);
        }
    }
}

#[tokio::test]
async fn an_answer_can_say_when_to_come_again() {
    let fixture = Fixture::start().await;
    let request = signed_balance_request(&fixture).await;
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(1_633_529_661);
    for (fault, expected) in [
        (Fault::status(429), None),
        (Fault::status(429).retry_after_seconds(2), Some("2")),
        (
            Fault::status(503).retry_after_date(date),
            Some("Wed, 06 Oct 2021 14:14:21 GMT"),
        ),
        (
            Fault::status(503).header(RETRY_AFTER, HeaderValue::from_static("soon")),
            Some("soon"),
        ),
    ] {
        fixture.sandbox.fail(fault);
        let response = fixture.send(request.clone()).await;
        assert_eq!(header(&response, "retry-after"), expected);
    }
}

#[tokio::test]
async fn a_header_takes_the_place_of_another() {
    let fixture = Fixture::start().await;
    let fault = Fault::html(503).header(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    fixture.sandbox.fail(fault);
    let response = exchange(fixture.request("GET", BALANCE)).await;
    let types: Vec<_> = response.headers().get_all(CONTENT_TYPE).iter().collect();
    assert_eq!(types, ["text/plain"]);
}

#[tokio::test]
async fn a_proxy_answers_with_a_page() {
    let fixture = Fixture::start().await;
    let request = signed_balance_request(&fixture).await;
    fixture.sandbox.fail(Fault::html(503));
    let response = exchange(request.clone()).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(header(&response, "content-type"), Some("text/html"));
    assert_eq!(header(&response, "upvest-request-id"), None);
    assert!(response.body().starts_with(b"<html>"));
    assert!(response.body().ends_with(b"</html>\n"));
    untouched(&fixture, request).await;
}

#[tokio::test]
async fn each_request_gets_the_first_fault_that_is_for_it() {
    let fixture = Fixture::start().await;
    let request = signed_balance_request(&fixture).await;
    let sandbox = &fixture.sandbox;
    sandbox.fail(Fault::status(500).on_path("/auth/token").times(2));
    sandbox.fail(Fault::status(429).times(0));
    sandbox.fail(Fault::status(502).on_operation("get_jwks"));
    sandbox.fail(Fault::status(503).on_calls().times(2));
    sandbox.fail(Fault::status(504));
    sandbox.fail(Fault::status(403).on_path("/nowhere"));

    let status = async |request| fixture.send(request).await.status().as_u16();
    assert_eq!(status(request.clone()).await, 503);
    assert_eq!(
        status(fixture.request("GET", "/auth/verify_keys")).await,
        502
    );
    assert_eq!(
        status(fixture.request("GET", "/auth/verify_keys")).await,
        503
    );
    assert_eq!(status(fixture.request("POST", "/auth/token")).await, 500);
    assert_eq!(status(request.clone()).await, 504);
    assert_eq!(status(fixture.request("GET", "/nowhere")).await, 403);
    assert_eq!(status(fixture.request("GET", "/nowhere")).await, 404);
    assert_eq!(status(fixture.request("POST", "/auth/token")).await, 500);
    assert_eq!(status(fixture.request("POST", "/auth/token")).await, 401);
    assert_eq!(status(request).await, 200);
}

#[tokio::test]
async fn faults_stay_until_they_are_cleared() {
    let fixture = Fixture::start().await;
    let request = signed_balance_request(&fixture).await;
    fixture.sandbox.fail(Fault::status(503).always());
    fixture.sandbox.fail(Fault::status(500));
    for _ in 0..10 {
        let response = fixture.send(request.clone()).await;
        refused(&response, 503, "service_unavailable", "");
    }
    fixture.sandbox.clear_faults();
    untouched(&fixture, request).await;
}

#[test]
#[should_panic(expected = "the sandbox serves no operation \"retrieve_cash_balanze\"")]
fn an_operation_is_spelt_right() {
    let _ = Fault::status(503).on_operation("retrieve_cash_balanze");
}
