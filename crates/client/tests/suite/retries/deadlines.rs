//! How long attempts and calls may take.

use std::io;
use std::time::Duration;

use super::Answer::Status;
use futures_util::StreamExt;
use tokio::time::Instant;
use upvest_client::{Body, Bytes, CallOptions, Client, RetryPolicy};

use super::{at_once, call};
use crate::support::{ACCOUNT_GROUP, Sent, hanging, response};

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
async fn a_call_may_have_its_own_time() {
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
