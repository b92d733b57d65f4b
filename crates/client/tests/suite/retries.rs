//! What is sent again, when, and how often.

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;
use tower::util::MapRequestLayer;
use upvest_client::models::{AccessTokenRequest, CashBalance, Uuid};
use upvest_client::{
    Body, Bytes, CallOptions, Client, ClientBuilder, Error, Response, RetryPolicy,
};

use crate::support::{ACCOUNT_GROUP, BALANCE, Sent, hanging, one_by_one, response, transport};

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
use Answer::{BreaksOff, Fails, RetryAfter, Status};

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

/// A client that meets these answers, the last one for ever.
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
    assert_eq!(sent, 1, "that is no failure of a connection");
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
async fn a_token_that_cannot_be_had_is_no_reason_to_send_again() {
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
async fn the_longest_wait_doubles_up_to_its_limit_and_the_jitter_picks() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let (_, sent, elapsed) = outcome(&[Status(503)], |client| {
        let policy = RetryPolicy::new()
            .max_attempts(6)
            .initial_delay(Duration::from_millis(100))
            .max_delay(Duration::from_millis(500));
        client.retries(policy).retry_jitter(move |longest| {
            seen.lock().unwrap().push(longest.as_millis());
            longest / 2
        })
    })
    .await;
    assert_eq!(sent, 6);
    assert_eq!(*asked.lock().unwrap(), [100, 200, 400, 500, 500]);
    assert_eq!(elapsed, Duration::from_millis(850));
}

#[tokio::test(start_paused = true)]
async fn no_wait_is_longer_than_the_longest() {
    let (_, _, elapsed) = outcome(&[Status(503)], |client| {
        client.retry_jitter(|wait| wait * 9)
    })
    .await;
    assert_eq!(elapsed, Duration::from_millis(200 + 400));
}

#[tokio::test(start_paused = true)]
async fn the_api_may_ask_for_a_wait_up_to_a_limit() {
    for (asked, waited) in [
        ("7", 7),
        ("0", 0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 7),
        ("Sun, 06 Nov 1994 08:49:00 GMT", 0),
        ("3600", 20),
        ("Sun, 06 Nov 1994 09:49:37 GMT", 20),
        ("99999999999999999999", 20),
        ("soon", 0),
        ("-7", 0),
    ] {
        let answers = [RetryAfter(429, asked), Status(200)];
        let (result, sent, elapsed) = outcome(&answers, |client| {
            client.retries(RetryPolicy::new().max_retry_after(Duration::from_secs(20)))
        })
        .await;
        assert_eq!((result.unwrap().attempts(), sent), (2, 2));
        assert_eq!(elapsed, Duration::from_secs(waited), "{asked}");
    }
    // The jitter comes on top, so that all who were asked the same do not come back at once.
    let (_, _, elapsed) = outcome(&[RetryAfter(503, "7"), Status(200)], |client| {
        client.retry_jitter(|longest| longest)
    })
    .await;
    assert_eq!(elapsed, Duration::from_millis(7_200));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_would_pass_the_deadline_is_not_begun() {
    let (result, sent, elapsed) = outcome(&[RetryAfter(429, "30")], |client| client).await;
    let error = result.unwrap_err();
    assert_eq!((sent, error.attempts(), elapsed), (1, 1, Duration::ZERO));
    assert_eq!(error.status().unwrap(), 429);
    assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    insta::assert_snapshot!(error, @"retrieve_cash_balance_with_currency: 429 Too Many Requests (retry after 30 s) (request id 169ae4c7-ebd7-4041-94da-25369653eba7)");

    let (_, sent, elapsed) = outcome(&[RetryAfter(429, "29")], |client| client).await;
    assert_eq!((sent, elapsed), (2, Duration::from_secs(29)));
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_for_all_attempts_together() {
    let sent = Sent::default();
    let seen = sent.clone();
    let service = tower::util::BoxCloneSyncService::new(tower::service_fn(move |request| {
        let seen = seen.clone();
        async move {
            seen.push(request);
            tokio::time::sleep(Duration::from_secs(4)).await;
            Status(503).make()
        }
    }));
    let client = Client::builder("https://api.example")
        .timeout(Duration::from_secs(10))
        .attempt_timeout(Duration::from_secs(5))
        .retry_jitter(at_once)
        .transport(service)
        .build()
        .unwrap();
    let started = Instant::now();
    let error = call(&client).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(10));
    assert_eq!((sent.all().len(), error.attempts()), (3, 3));
    assert!(error.is_timeout() && error.is_transient());
    insta::assert_snapshot!(error, @"retrieve_cash_balance_with_currency: not done within 10s (3 attempts)");
}

/// A transport that never answers the first request, or stalls within its response, and answers the
/// others.
fn hangs_first(sent: &Sent, stalls: bool) -> upvest_client::Service {
    let sent = sent.clone();
    tower::util::BoxCloneSyncService::new(tower::service_fn(move |request| {
        let is_first = sent.all().is_empty();
        sent.push(request);
        async move {
            match (is_first, stalls) {
                (true, false) => std::future::pending().await,
                (true, true) => {
                    let begins = [Ok::<_, io::Error>(http_body::Frame::data(Bytes::from("{")))];
                    let frames = futures_util::stream::iter(begins);
                    let frames = frames.chain(futures_util::stream::pending());
                    let body = http_body_util::StreamBody::new(frames);
                    Ok(response(200, Body::wrap(body)))
                }
                (false, _) => Status(200).make(),
            }
        }
    }))
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_hangs_leaves_time_for_the_next() {
    for stalls in [false, true] {
        let sent = Sent::default();
        let client = Client::builder("https://api.example")
            .timeout(Duration::from_secs(6))
            .retry_jitter(at_once)
            .transport(hangs_first(&sent, stalls))
            .build()
            .unwrap();
        let started = Instant::now();
        assert_eq!(call(&client).await.unwrap().attempts(), 2, "{stalls}");
        assert_eq!(started.elapsed(), Duration::from_secs(2), "a third");
    }
}

#[tokio::test(start_paused = true)]
async fn client_and_call_say_how_long_an_attempt_may_take() {
    let sent = Sent::default();
    let client = Client::builder("https://api.example")
        .attempt_timeout(Duration::from_secs(4))
        .transport(hangs_first(&sent, false))
        .retries(RetryPolicy::none())
        .build()
        .unwrap();
    let started = Instant::now();
    let error = call(&client).await.unwrap_err();
    assert_eq!(started.elapsed(), Duration::from_secs(4));
    assert!(error.is_timeout() && error.is_transient());
    insta::assert_snapshot!(error, @"retrieve_cash_balance_with_currency: the attempt was not done within 4s");

    let stalls = hangs_first(&Sent::default(), true);
    let client = Client::builder("https://api.example")
        .transport(stalls)
        .retries(RetryPolicy::none())
        .build()
        .unwrap();
    let started = Instant::now();
    let call = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
    let limit = Duration::from_secs(1);
    let error = call.attempt_timeout(limit).await.unwrap_err();
    assert_eq!(started.elapsed(), limit);
    assert_eq!(error.body().unwrap(), "{", "what had arrived is kept");
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
async fn a_call_may_have_a_time_of_its_own() {
    let hangs = hanging();
    let client = Client::builder("https://api.example")
        .attempt_timeout(Duration::MAX)
        .transport(hangs)
        .build()
        .unwrap();
    for limit in [Duration::from_millis(700), Duration::from_secs(90)] {
        let started = Instant::now();
        let error = client
            .retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR")
            .timeout(limit)
            .send()
            .await
            .unwrap_err();
        assert!(error.is_timeout());
        assert_eq!(started.elapsed(), limit);
    }
    // One without end does no harm.
    let endless = client
        .retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR")
        .timeout(Duration::MAX)
        .send();
    let ended = tokio::time::timeout(Duration::from_secs(3600), endless).await;
    assert!(ended.is_err());
}

#[tokio::test(start_paused = true)]
async fn in_a_storm_attempts_stay_under_1_2_times_the_calls() {
    // All at once.
    let (client, sent) = builder(&[Status(503)]);
    let client = client.retry_jitter(|longest| longest).build().unwrap();
    let calls: FuturesUnordered<_> = (0..1_000).map(|_| call(&client)).collect();
    let failed = calls.filter(|result| std::future::ready(result.is_err()));
    assert_eq!(failed.count().await, 1_000);
    let attempts = sent.all().len();
    assert!((1_001..1_200).contains(&attempts), "{attempts}");

    // One after the other, for a hundred seconds.
    let (client, sent) = builder(&[Status(503)]);
    let client = client.build().unwrap();
    for _ in 0..1_000 {
        assert!(call(&client).await.is_err());
        tokio::time::advance(Duration::from_millis(100)).await;
    }
    let attempts = sent.all().len();
    assert!((1_001..1_200).contains(&attempts), "{attempts}");

    // Half of them served.
    let turn = Arc::new(Mutex::new(false));
    let sent = Sent::default();
    let service = transport(sent.clone(), move || {
        let mut served = turn.lock().unwrap();
        *served = !*served;
        Status(if *served { 200 } else { 503 }).make()
    });
    let client = Client::builder("https://api.example")
        .transport(service)
        .build()
        .unwrap();
    for _ in 0..1_000 {
        let _ = call(&client).await;
    }
    let attempts = sent.all().len();
    assert!((1_001..1_200).contains(&attempts), "{attempts}");
}

#[tokio::test(start_paused = true)]
async fn the_budget_is_refilled_by_time_and_by_calls_that_are_served() {
    let status = Arc::new(Mutex::new(503));
    let now = Arc::clone(&status);
    let service = transport(Sent::default(), move || Status(*now.lock().unwrap()).make());
    let client = Client::builder("https://api.example")
        .retries(RetryPolicy::new().max_attempts(2))
        .retry_jitter(at_once)
        .transport(service)
        .build()
        .unwrap();
    let attempts = async || match call(&client).await {
        Ok(response) => response.attempts(),
        Err(error) => error.attempts(),
    };
    for _ in 0..10 {
        assert_eq!(attempts().await, 2);
    }
    assert_eq!(attempts().await, 1, "ten retries are spent");

    *status.lock().unwrap() = 200;
    for _ in 0..10 {
        assert_eq!(attempts().await, 1);
    }
    *status.lock().unwrap() = 503;
    assert_eq!(attempts().await, 2, "ten calls were served");
    assert_eq!(attempts().await, 1);

    tokio::time::advance(Duration::from_secs(12)).await;
    assert_eq!(attempts().await, 2, "time has passed");
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

/// Reads a request without a body from a connection, if one comes.
fn read_request(connection: &mut impl BufRead) -> Option<()> {
    let mut line = String::new();
    loop {
        line.clear();
        match connection.read_line(&mut line) {
            Ok(0) | Err(_) => return None,
            Ok(_) if line == "\r\n" => return Some(()),
            Ok(_) => {}
        }
    }
}

#[tokio::test]
async fn the_connection_of_a_failed_attempt_serves_the_next() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut connection, _) = listener.accept().unwrap();
        let mut requests = BufReader::new(connection.try_clone().unwrap());
        // More than is read ahead, so that somebody has to read it.
        let long = "x".repeat(1_000_000);
        for (status, body) in [
            ("503 Service Unavailable", long.as_str()),
            ("200 OK", BALANCE),
        ] {
            read_request(&mut requests).expect("another request on this connection");
            let length = body.len();
            write!(
                connection,
                "HTTP/1.1 {status}\r\ncontent-length: {length}\r\n\r\n{body}"
            )
            .unwrap();
        }
    });
    let client = Client::builder(address)
        .retry_jitter(at_once)
        .build()
        .unwrap();
    assert_eq!(call(&client).await.unwrap().attempts(), 2);
    server.join().unwrap();
}

#[tokio::test]
async fn a_server_that_hangs_up_is_asked_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        for answer in ["", "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{"] {
            let (mut connection, _) = listener.accept().unwrap();
            read_request(&mut BufReader::new(connection.try_clone().unwrap())).unwrap();
            connection.write_all(answer.as_bytes()).unwrap();
        }
        let (mut connection, _) = listener.accept().unwrap();
        read_request(&mut BufReader::new(connection.try_clone().unwrap())).unwrap();
        let length = BALANCE.len();
        write!(
            connection,
            "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{BALANCE}"
        )
        .unwrap();
    });
    let client = Client::builder(address)
        .retry_jitter(at_once)
        .build()
        .unwrap();
    assert_eq!(call(&client).await.unwrap().attempts(), 3);
    server.join().unwrap();
}
