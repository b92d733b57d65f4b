//! What is sent again, when, and how often.

mod budget;
mod connections;
mod deadlines;
mod waits;

use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use Answer::{BreaksOff, Fails, RetryAfter, Status};
use futures_util::StreamExt;
use tokio::time::Instant;
use tower::util::MapRequestLayer;
use upvest_client::models::{AccessTokenRequest, CashBalance, Uuid};
use upvest_client::{
    Body, Bytes, CallOptions, Client, ClientBuilder, Error, Response, RetryPolicy,
};

use crate::support::{ACCOUNT_GROUP, BALANCE, Sent, one_by_one, response, transport};

/// Waits nothing that the API does not ask for.
fn at_once(_: Duration) -> Duration {
    Duration::ZERO
}

/// What the transport does with a request.
#[derive(Clone, Copy)]
enum Answer {
    Status(u16),
    /// A status, and a wait that is asked for.
    RetryAfter(u16, &'static str),
    Fails(ErrorKind),
    BreaksOff,
}

impl Answer {
    fn make(self) -> Result<http::Response<Body>, upvest_client::BoxError> {
        match self {
            Status(200) => Ok(response(200, BALANCE)),
            Status(status) => Ok(response(status, "")),
            RetryAfter(status, value) => {
                let mut response = response(status, "");
                let headers = response.headers_mut();
                headers.insert("retry-after", value.parse().unwrap());
                headers.insert("date", "Sun, 06 Nov 1994 08:49:30 GMT".parse().unwrap());
                Ok(response)
            }
            Fails(kind) => Err(io::Error::from(kind).into()),
            BreaksOff => {
                let broken = futures_util::stream::iter([
                    Ok(Bytes::from_static(b"{")),
                    Err(io::Error::from(ErrorKind::ConnectionReset)),
                ]);
                let frames = broken.map(|data| data.map(http_body::Frame::data));
                let body = http_body_util::StreamBody::new(frames);
                Ok(response(200, Body::wrap(body)))
            }
        }
    }
}

/// A client that meets these answers, the last one forever.
fn builder(answers: &[Answer]) -> (ClientBuilder, Sent) {
    let sent = Sent::default();
    let next = one_by_one(answers.to_vec());
    let service = transport(sent.clone(), move || next().make());
    let builder = Client::builder("https://api.example").transport(service);
    (builder.retry_jitter(at_once), sent)
}

async fn call(client: &Client) -> Result<Response<CashBalance>, Error> {
    client
        .retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR")
        .send()
        .await
}

/// How a call ends that meets these answers, how often it was sent, and how long it took.
async fn outcome(
    answers: &[Answer],
    change: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> (Result<Response<CashBalance>, Error>, usize, Duration) {
    let (builder, sent) = builder(answers);
    let client = change(builder).build().unwrap();
    let started = Instant::now();
    let result = call(&client).await;
    (result, sent.all().len(), started.elapsed())
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_is_not_sent_again() {
    for status in [301, 400, 401, 403, 404, 405, 408, 409, 422, 426, 500, 501] {
        let (result, sent, _) = outcome(&[Status(status)], |client| client).await;
        assert_eq!((sent, result.unwrap_err().attempts()), (1, 1), "{status}");
    }
    let (result, sent, _) = outcome(&[Fails(ErrorKind::InvalidData)], |client| client).await;
    assert!(!result.unwrap_err().is_transient());
    assert_eq!(sent, 1, "that is not a failure of a connection");
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_sent_again() {
    for answer in [
        Status(429),
        Status(502),
        Status(503),
        Status(504),
        Fails(ErrorKind::ConnectionRefused),
        Fails(ErrorKind::ConnectionReset),
        Fails(ErrorKind::UnexpectedEof),
        BreaksOff,
    ] {
        let (result, sent, _) = outcome(&[answer, Status(200)], |client| client).await;
        let response = result.unwrap();
        assert_eq!((sent, response.attempts()), (2, 2));
        assert_eq!(response.balance.to_string(), "100.250");
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_answer_is_the_error() {
    let sent = Sent::default();
    let bodies = one_by_one(["first", "second", "third", "fourth"]);
    let service = transport(sent.clone(), move || Ok(response(503, bodies())));
    let client = Client::builder("https://api.example")
        .transport(service)
        .build()
        .unwrap();
    let error = call(&client).await.unwrap_err();
    assert_eq!((sent.all().len(), error.attempts()), (3, 3));
    assert_eq!(error.body().unwrap(), "third");
    assert!(error.is_transient() && error.status().unwrap() == 503);
    insta::assert_snapshot!(error, @"retrieve_cash_balance_with_currency: 503 Service Unavailable (3 attempts) (request id 169ae4c7-ebd7-4041-94da-25369653eba7)");

    let broken = [Status(503), Fails(ErrorKind::ConnectionRefused)];
    let (result, ..) = outcome(&broken, |client| client).await;
    let error = result.unwrap_err();
    assert!(error.is_connect() && error.is_transient() && error.status().is_none());
    insta::assert_snapshot!(error, @"retrieve_cash_balance_with_currency: no connection: connection refused (3 attempts)");
}

fn token_request() -> AccessTokenRequest {
    AccessTokenRequest::new(
        ACCOUNT_GROUP.parse::<Uuid>().unwrap(),
        "hush",
        "client_credentials",
        "positions:read",
    )
}

#[tokio::test(start_paused = true)]
async fn a_post_is_sent_again_only_with_an_idempotency_key_which_stays_the_same() {
    for answer in [
        Status(503),
        Fails(ErrorKind::ConnectionReset),
        Fails(ErrorKind::ConnectionRefused),
    ] {
        let (builder, sent) = builder(&[answer]);
        let client = builder.build().unwrap();
        let error = client.issue_token(token_request()).send().await;
        assert_eq!((sent.all().len(), error.unwrap_err().attempts()), (1, 1));
    }

    let (builder, sent) = builder(&[Status(503)]);
    let client = builder
        .layer(MapRequestLayer::new(|mut request: http::Request<Bytes>| {
            let key = uuid::Uuid::new_v4().to_string().parse().unwrap();
            request.headers_mut().insert("idempotency-key", key);
            request
        }))
        .build()
        .unwrap();
    let error = client.issue_token(token_request()).send().await;
    assert_eq!(error.unwrap_err().attempts(), 3);
    let all = sent.all();
    assert_eq!(all.len(), 3);
    for request in &all {
        let key = &request.headers()["idempotency-key"];
        assert_eq!(key, &all[0].headers()["idempotency-key"]);
        assert_eq!(request.body(), all[0].body());
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_fetched_is_not_a_reason_to_send_again() {
    let sent = Sent::default();
    let service = transport(sent.clone(), || {
        let answer = http::Response::builder().status(503).body(Bytes::new());
        Err(Error::authentication("no answer", answer.ok().as_ref()).into())
    });
    let client = Client::builder("https://api.example")
        .transport(service)
        .build()
        .unwrap();
    let error = call(&client).await.unwrap_err();
    assert_eq!((sent.all().len(), error.attempts()), (1, 1));
    assert!(error.is_transient() && error.is_authentication());
}

#[tokio::test(start_paused = true)]
async fn client_and_call_say_how_often_and_how_long() {
    let (off, sent) = builder(&[Status(503)]);
    let off = off.retries(RetryPolicy::none()).build().unwrap();
    assert_eq!(call(&off).await.unwrap_err().attempts(), 1);
    assert_eq!(sent.all().len(), 1);
    let on = off
        .retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR")
        .retries(RetryPolicy::new().max_attempts(4));
    assert_eq!(on.send().await.unwrap_err().attempts(), 4);

    let (client, _) = builder(&[Status(503)]);
    let client = client.build().unwrap();
    let this = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
    let off = this.clone().retries(RetryPolicy::none());
    assert_eq!(off.send().await.unwrap_err().attempts(), 1);
    let never = this.clone().retries(RetryPolicy::new().max_attempts(0));
    assert_eq!(never.send().await.unwrap_err().attempts(), 1);
    assert_eq!(this.send().await.unwrap_err().attempts(), 3);
}

#[tokio::test(start_paused = true)]
async fn outer_layers_see_each_call_once_and_inner_ones_each_attempt() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let see = |place: &'static str| {
        let seen = Arc::clone(&seen);
        MapRequestLayer::new(move |request: http::Request<Bytes>| {
            seen.lock().unwrap().push(place);
            request
        })
    };
    let (client, _) = builder(&[Status(503), Status(200)]);
    let client = client
        .attempt_layer(see("first within"))
        .attempt_layer(see("second within"))
        .layer(see("outside"))
        .build()
        .unwrap();
    let _ = call(&client).await.unwrap();
    let within = ["first within", "second within"];
    let expected = [&["outside"][..], &within, &within].concat();
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_response_that_is_too_large_is_refused_with_its_status_and_headers() {
    let streamed = |text: &'static str| {
        let chunks = text.as_bytes().chunks(10).map(Bytes::from_static);
        let frames = chunks.map(|data| Ok::<_, io::Error>(http_body::Frame::data(data)));
        Body::wrap(http_body_util::StreamBody::new(futures_util::stream::iter(
            frames,
        )))
    };
    for (limit, fits) in [(BALANCE.len() - 1, false), (BALANCE.len(), true)] {
        for is_streamed in [false, true] {
            let sent = Sent::default();
            let service = transport(sent.clone(), move || {
                let body = if is_streamed {
                    streamed(BALANCE)
                } else {
                    BALANCE.into()
                };
                Ok(response(200, body))
            });
            let client = Client::builder("https://api.example")
                .max_response_bytes(limit)
                .transport(service)
                .build()
                .unwrap();
            let result = call(&client).await;
            assert_eq!(sent.all().len(), 1);
            if fits {
                assert_eq!(result.unwrap().balance.to_string(), "100.250");
                continue;
            }
            let error = result.unwrap_err();
            assert!(error.is_too_large() && !error.is_transient() && !error.is_decode());
            assert_eq!(error.status().unwrap(), 200);
            assert!(error.request_id().is_some() && error.body().unwrap().len() <= limit);
            if is_streamed {
                insta::assert_snapshot!(error.to_string().replace(&limit.to_string(), "N"), @"retrieve_cash_balance_with_currency: the response is larger than N bytes: raise `max_response_bytes` if it may be (status 200 OK) (request id 169ae4c7-ebd7-4041-94da-25369653eba7)");
            }
        }
    }
}
