//! How long a client waits before it sends again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Answer::{RetryAfter, Status};
use upvest_client::RetryPolicy;

use super::outcome;

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
