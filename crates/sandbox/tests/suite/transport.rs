//! Requests that are answered within the process.

use std::io::{self, ErrorKind};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::json;
use tower::Service;
use upvest_models::CashBalance;
use upvest_sandbox::{Fault, InProcessTransport, Latch, ResponseBody};

use crate::support::{BALANCE, Fixture, header, parse, refused, set, signature_refused, success};

/// Sends a request over this transport, and reads the response to its end.
async fn exchange(
    mut transport: InProcessTransport,
    request: Request<Bytes>,
) -> io::Result<Response<Bytes>> {
    let (head, body) = transport.call(request).await?.into_parts();
    Ok(Response::from_parts(head, body.collect().await?.to_bytes()))
}

async fn answer(fixture: &Fixture, request: Request<Bytes>) -> Response<Bytes> {
    let answer = exchange(fixture.sandbox.transport(), request).await;
    answer.expect("it answers")
}

async fn failure(fixture: &Fixture, request: Request<Bytes>) -> ErrorKind {
    let answer = exchange(fixture.sandbox.transport(), request).await;
    answer.expect_err("it fails").kind()
}

async fn signed_balance_request(fixture: &Fixture) -> Request<Bytes> {
    let mut request = fixture.balance_request().await;
    fixture.sign(&mut request);
    request
}

/// The next frame of a body, if it is there already.
fn next_piece(body: &mut ResponseBody) -> Option<Bytes> {
    use futures_util::FutureExt;
    let frame = body.frame().now_or_never()?;
    let frame = frame.expect("the body goes on").expect("it does not fail");
    frame.into_data().ok()
}

#[test]
fn it_can_be_shared_between_threads() {
    fn shared<T: Clone + Send + Sync + 'static>() {}
    shared::<InProcessTransport>();
}

#[tokio::test]
async fn the_answer_is_that_over_a_connection() {
    let fixture = Fixture::start().await;
    let request = fixture.balance_request().await;
    for method in ["GET", "HEAD", "POST"] {
        let mut request = request.clone();
        *request.method_mut() = method.parse().unwrap();
        fixture.sign(&mut request);
        let here = answer(&fixture, request.clone()).await;
        fixture.sign(&mut request);
        let over_connection = parse(&crate::support::attempt(request).await.0);

        assert_eq!(here.status(), over_connection.status());
        for name in ["content-length", "content-type", "date", "allow"] {
            assert_eq!(
                header(&here, name),
                header(&over_connection, name),
                "{name}"
            );
        }
        assert_eq!(
            here.headers().contains_key("upvest-request-id"),
            over_connection.headers().contains_key("upvest-request-id")
        );
        assert_eq!(here.body().is_empty(), over_connection.body().is_empty());
        assert_eq!(method == "HEAD", here.body().is_empty());
    }
}

#[tokio::test]
async fn requests_with_bodies_act_whatever_host_they_name() {
    let fixture = Fixture::start().await;
    let mut request = fixture.authorised("POST", "/webhooks").await;
    *request.uri_mut() = "https://user:secret@sandbox.upvest.co/webhooks"
        .parse()
        .unwrap();
    set(&mut request, "content-type", "application/json");
    set(
        &mut request,
        "idempotency-key",
        "f5f4a3b0-7e0b-4c5b-8b0f-000000000001",
    );
    let body = json!({ "title": "All", "url": "http://127.0.0.1:1/" });
    *request.body_mut() = body.to_string().into();
    fixture.sign(&mut request);
    let made = answer(&fixture, request).await;
    assert!(made.status().is_success(), "{made:?}");
    let made: serde_json::Value = serde_json::from_slice(made.body()).unwrap();

    // It is there for those that come over a connection, and is gone when it was deleted here.
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    assert_eq!(fixture.get(&path).await["title"], "All");
    let mut request = fixture.authorised("DELETE", &path).await;
    fixture.sign(&mut request);
    let deleted = answer(&fixture, request).await;
    assert_eq!(deleted.status(), StatusCode::NO_CONTENT);
    assert_eq!(header(&deleted, "content-length"), None);
}

#[tokio::test]
async fn what_is_wrong_is_refused() {
    let fixture = Fixture::start().await;
    let mut request = signed_balance_request(&fixture).await;
    success::<CashBalance>(answer(&fixture, request.clone()).await);
    signature_refused(&answer(&fixture, request.clone()).await, "the nonce");
    // A nonce is spent for connections, too.
    signature_refused(&fixture.send(request.clone()).await, "the nonce");

    fixture.sign(&mut request);
    set(&mut request, "accept", "*/*");
    signature_refused(&answer(&fixture, request).await, "");
    let nowhere = answer(&fixture, fixture.request("GET", "/nowhere")).await;
    refused(&nowhere, 404, "not_found", "There is nothing at /nowhere");
}

#[tokio::test]
async fn a_length_that_is_wrong_is_not_sent() {
    let fixture = Fixture::start().await;
    let mut request = fixture.form_request("four");
    set(&mut request, "content-length", "5");
    let error = exchange(fixture.sandbox.transport(), request)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let text = "content-length is \"5\", but the body has 4 bytes";
    assert_eq!(error.to_string(), text);
    assert_eq!(fixture.sandbox.counters().connections, 0);
}

#[tokio::test]
async fn each_request_is_counted_with_a_separate_connection() {
    let fixture = Fixture::start().await;
    let request = signed_balance_request(&fixture).await;
    fixture.sandbox.reset_counters();
    for _ in 0..2 {
        answer(&fixture, request.clone()).await;
    }
    fixture
        .sandbox
        .fail(Fault::connection_reset().on_path("/nowhere"));
    assert_eq!(failure(&fixture, request).await, ErrorKind::ConnectionReset);
    let counters = fixture.sandbox.counters();
    assert_eq!((counters.connections, counters.requests), (3, 2));
    assert_eq!(counters.requests_by_operation["retrieve_cash_balance"], 2);
    assert_eq!((counters.most_in_flight, counters.repeated_nonces), (1, 1));
}

#[tokio::test]
async fn faults_of_answers_happen() {
    let fixture = Fixture::start().await;
    let request = signed_balance_request(&fixture).await;
    let sandbox = &fixture.sandbox;
    sandbox.fail(Fault::status(429).retry_after_seconds(2));
    let response = answer(&fixture, request.clone()).await;
    refused(&response, 429, "too_many_requests", "");
    assert_eq!(header(&response, "retry-after"), Some("2"));

    sandbox.fail(Fault::incorrect_signature());
    let response = answer(&fixture, request.clone()).await;
    refused(&response, 401, "unauthorised", "Signature is incorrect");

    sandbox.fail(Fault::html(502));
    let response = answer(&fixture, request.clone()).await;
    assert_eq!(header(&response, "content-type"), Some("text/html"));
    let length = response.body().len().to_string();
    assert_eq!(header(&response, "content-length"), Some(length.as_str()));

    sandbox.fail(Fault::json(|balance| balance["currency"] = json!("XAU")));
    let balance = success::<serde_json::Value>(answer(&fixture, request).await);
    assert_eq!(balance["currency"], "XAU");
}

#[tokio::test]
async fn a_connection_is_cut_before_or_after_the_request_is_obeyed() {
    let fixture = Fixture::start().await;
    for (fault, kind) in [
        (Fault::reset(), ErrorKind::ConnectionReset),
        (Fault::closed(), ErrorKind::ConnectionAborted),
    ] {
        let request = signed_balance_request(&fixture).await;
        fixture.sandbox.fail(fault.clone());
        fixture.sandbox.fail(fault.after_acting());
        assert_eq!(failure(&fixture, request.clone()).await, kind);
        // Not obeyed at first, so it is the second time.
        assert_eq!(failure(&fixture, request.clone()).await, kind);
        signature_refused(&answer(&fixture, request).await, "the nonce");
    }
}

#[tokio::test]
async fn a_body_breaks_off_in_the_middle() {
    let fixture = Fixture::start().await;
    let whole = answer(&fixture, signed_balance_request(&fixture).await).await;
    let request = signed_balance_request(&fixture).await;
    fixture.sandbox.fail(Fault::truncated());
    let mut response = fixture.sandbox.transport().call(request).await.unwrap();
    let length = whole.body().len();
    assert_eq!(response.headers()["content-length"], length.to_string());
    let half = next_piece(response.body_mut()).unwrap();
    assert_eq!(half, whole.body()[..length / 2]);
    let error = response.body_mut().frame().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedEof);
}

#[tokio::test]
async fn a_body_arrives_byte_by_byte() {
    let fixture = Fixture::start().await;
    let whole = answer(&fixture, signed_balance_request(&fixture).await).await;
    let request = signed_balance_request(&fixture).await;
    let latch = Latch::new();
    fixture.sandbox.fail(Fault::trickling(&latch));
    let mut response = fixture.sandbox.transport().call(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    for byte in &whole.body()[..3] {
        assert_eq!(next_piece(response.body_mut()), None);
        latch.release(1);
        let piece = next_piece(response.body_mut()).unwrap();
        assert_eq!(*piece, [*byte]);
    }
    latch.release_all();
    let rest = response.into_body().collect().await.unwrap();
    assert_eq!(rest.to_bytes(), whole.body()[3..]);
}

#[tokio::test]
async fn a_request_is_held_and_does_not_keep_a_sandbox_from_stopping() {
    let fixture = Fixture::start().await;
    let request = signed_balance_request(&fixture).await;
    let transport = fixture.sandbox.transport();
    let latch = Latch::new();
    fixture.sandbox.fail(Fault::held(&latch));
    let held = tokio::spawn(exchange(transport.clone(), request));
    latch.arrived(1).await;
    fixture.sandbox.stop().await;
    assert!(!held.is_finished());
    latch.release(1);
    success::<CashBalance>(held.await.unwrap().unwrap());
}

#[tokio::test]
async fn a_sandbox_that_is_gone_refuses_connections() {
    for stops in [true, false] {
        let fixture = Fixture::start().await;
        let request = fixture.request("GET", BALANCE);
        let transport = fixture.sandbox.transport();
        match stops {
            true => fixture.sandbox.stop().await,
            false => drop(fixture),
        }
        let error = exchange(transport, request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(error.to_string(), "the sandbox has stopped");
    }
}
