//! Faults by script: what goes wrong, with which requests, how often, and whether the operation
//! acts.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use upvest_models::{AccessToken, CashBalance};
use upvest_sandbox::{Fault, Gate};

use crate::support::{
    BALANCE, Fixture, attempt, exchange, header, open, parse, refused, set, signature_refused,
    success,
};

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
async fn a_body_breaks_off_in_the_middle() {
    let fixture = Fixture::start().await;
    let whole = balance(&fixture).await.into_body();
    let request = signed_balance_request(&fixture).await;
    fixture.sandbox.fail(Fault::truncated());
    let (received, end) = attempt(request.clone()).await;
    end.expect("the connection is closed, not reset");
    let response = parse(&received);
    assert_eq!(response.status(), StatusCode::OK);
    let announced = header(&response, "content-length");
    assert_eq!(announced, Some(whole.len().to_string().as_str()));
    assert_eq!(*response.body(), whole[..whole.len() / 2]);
    obeyed(&fixture, request).await;
}

#[tokio::test]
async fn a_body_arrives_byte_by_byte() {
    let fixture = Fixture::start().await;
    let whole = balance(&fixture).await.into_body();
    let request = signed_balance_request(&fixture).await;
    let gate = Gate::new();
    fixture.sandbox.fail(Fault::trickling(&gate));
    let mut stream = open(request).await;
    gate.arrived(1).await;
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    assert!(head.starts_with(b"HTTP/1.1 200 OK\r\n"));

    for byte in &whole[..3] {
        assert_eq!(
            stream.try_read(&mut [0]).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        gate.pass(1);
        assert_eq!(stream.read_u8().await.unwrap(), *byte);
    }
    gate.open();
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, whole[3..]);
}

#[tokio::test]
async fn a_request_waits_at_a_gate_before_or_after_it_is_obeyed() {
    let fixture = Arc::new(Fixture::start().await);
    for acts in [false, true] {
        let request = signed_balance_request(&fixture).await;
        let gate = Gate::new();
        let fault = Fault::held(&gate);
        fixture.sandbox.fail(match acts {
            false => fault,
            true => fault.after_acting(),
        });
        let call = tokio::spawn(exchange(request));
        gate.arrived(1).await;
        // Who is served later finds the token gone.
        fixture.sandbox.revoke_tokens();
        assert!(!call.is_finished());
        gate.pass(1);
        let response = call.await.unwrap();
        match acts {
            false => refused(&response, 401, "unauthorised", "The access token"),
            true => drop(success::<CashBalance>(response)),
        }
    }
}

#[tokio::test]
async fn a_gate_that_nobody_can_open_is_open() {
    let fixture = Fixture::start().await;
    let request = signed_balance_request(&fixture).await;
    let gate = Gate::default();
    fixture.sandbox.fail(Fault::held(&gate));
    let call = tokio::spawn(exchange(request));
    gate.arrived(1).await;
    drop(gate);
    success::<CashBalance>(call.await.unwrap());
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_request_is_obeyed() {
    let fixture = Fixture::start().await;
    for (fault, end) in [
        (Fault::reset(), Some(ErrorKind::ConnectionReset)),
        (Fault::closed(), None),
    ] {
        let request = signed_balance_request(&fixture).await;
        fixture.sandbox.fail(fault.clone());
        fixture.sandbox.fail(fault.after_acting());
        let (received, found) = attempt(request.clone()).await;
        assert_eq!(received, b"");
        assert_eq!(found.err().map(|error| error.kind()), end);

        // Not obeyed at first, so it is the second time.
        let (received, found) = attempt(request.clone()).await;
        assert_eq!(received, b"");
        assert_eq!(found.err().map(|error| error.kind()), end);
        obeyed(&fixture, request).await;
    }
    let request = signed_balance_request(&fixture).await;
    fixture.sandbox.fail(Fault::reset());
    attempt(request.clone()).await.1.unwrap_err();
    untouched(&fixture, request).await;
}

#[tokio::test]
async fn a_connection_is_reset_before_there_is_a_request() {
    let fixture = Fixture::start().await;
    let request = signed_balance_request(&fixture).await;
    let address = fixture.sandbox.base_url().strip_prefix("http://").unwrap();
    let address: SocketAddr = address.parse().unwrap();
    let mut older = TcpStream::connect(address).await.unwrap();
    let head = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    older.write_all(head).await.unwrap();
    older.read_u8().await.unwrap();
    fixture.sandbox.reset_counters();
    // What it is said to be restricted to does not matter.
    fixture.sandbox.fail(Fault::connection_reset().on_calls());

    older.write_all(head).await.unwrap();
    older.read_u8().await.unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let error = stream.read_u8().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let counters = fixture.sandbox.counters();
    assert_eq!((counters.connections, counters.requests), (1, 1));
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

#[tokio::test]
async fn a_token_response_can_say_anything() {
    let fixture = Fixture::start().await;
    for said in [
        None,
        Some(json!(-1)),
        Some(json!(0)),
        Some(json!(31_536_000)),
        Some(json!("1799")),
        Some(json!(null)),
    ] {
        let expected = said.clone();
        let fault = Fault::json(move |token| {
            token["token_type"] = json!("mac");
            match &said {
                Some(value) => token["expires_in"] = value.clone(),
                None => drop(token.as_object_mut().unwrap().remove("expires_in")),
            }
        });
        fixture.sandbox.fail(fault.on_path("/auth/token"));
        let token: Value = success(fixture.request_token("positions:read").await);
        assert_eq!(token["token_type"], "mac");
        assert_eq!(token.get("expires_in"), expected.as_ref());

        // It is a token all the same.
        let bearer = format!("Bearer {}", token["access_token"].as_str().unwrap());
        let mut request = fixture.request("GET", BALANCE);
        set(&mut request, "authorization", &bearer);
        success::<CashBalance>(fixture.sign_and_send(request).await);
    }
}

#[tokio::test]
async fn fewer_scopes_are_granted_than_asked_for() {
    let fixture = Fixture::start().await;
    fixture.sandbox.grant_only("webhooks:read users:read");
    let response = fixture.request_token("positions:read webhooks:read").await;
    let token: AccessToken = success(response);
    assert_eq!(token.scope, "webhooks:read");
    let mut request = fixture.request("GET", BALANCE);
    let bearer = format!("Bearer {}", token.access_token.expose());
    set(&mut request, "authorization", &bearer);
    let response = fixture.sign_and_send(request).await;
    refused(&response, 403, "forbidden", "The access token has none");
}

#[tokio::test]
async fn lifetimes_change_for_tokens_to_come() {
    let fixture = Fixture::start().await;
    let older = fixture.balance_request().await;
    fixture
        .sandbox
        .set_token_lifetime(Duration::from_millis(1_900));
    let token: AccessToken = success(fixture.request_token("positions:read").await);
    assert_eq!(token.expires_in, 1);
    let newer = fixture.balance_request().await;
    success::<CashBalance>(fixture.sign_and_send(newer.clone()).await);

    fixture.clock.advance(Duration::from_secs(1));
    let response = fixture.sign_and_send(newer).await;
    refused(
        &response,
        401,
        "unauthorised",
        "The access token has expired",
    );
    success::<CashBalance>(fixture.sign_and_send(older).await);
}

#[tokio::test]
async fn the_clock_of_the_sandbox_can_be_wrong() {
    let fixture = Fixture::start().await;
    let request = fixture.balance_request().await;
    for (offset, date, reason) in [
        (0, "Wed, 06 Oct 2021 14:14:19 GMT", None),
        (
            300,
            "Wed, 06 Oct 2021 14:19:19 GMT",
            Some("the signature expired"),
        ),
        (
            -300,
            "Wed, 06 Oct 2021 14:09:19 GMT",
            Some("the signature was created 300 s in the future"),
        ),
        (-5, "Wed, 06 Oct 2021 14:14:14 GMT", None),
    ] {
        fixture.sandbox.set_clock_offset(offset);
        let response = fixture.sign_and_send(request.clone()).await;
        assert_eq!(header(&response, "date"), Some(date));
        match reason {
            Some(reason) => signature_refused(&response, reason),
            None => drop(success::<CashBalance>(response)),
        }
    }
    fixture.sandbox.set_clock_offset(i32::MIN);
    let response = fixture.send(fixture.request("GET", "/")).await;
    let date = header(&response, "date");
    assert_eq!(date, Some("Thu, 01 Jan 1970 00:00:00 GMT"));
}
