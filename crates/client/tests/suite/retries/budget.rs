//! How many retries there are for all calls together.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Answer::Status;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use upvest_client::{Client, RetryPolicy};

use super::{at_once, builder, call};
use crate::support::{Sent, transport};

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
