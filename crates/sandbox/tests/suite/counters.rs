//! What is counted.

use std::sync::Arc;

use upvest_models::CashBalance;
use upvest_sandbox::{Fault, Latch};

use crate::support::{BALANCE, Fixture, exchange, set, success};

#[tokio::test]
async fn requests_are_counted_by_operation() {
    let fixture = Fixture::start().await;
    let counters = fixture.sandbox.counters();
    assert_eq!((counters.requests, counters.connections), (0, 0));
    assert!(
        counters
            .requests_by_operation
            .values()
            .all(|count| *count == 0)
    );
    assert!(counters.requests_by_operation.contains_key("get_jwks"));

    let request = fixture.balance_request().await;
    success::<CashBalance>(fixture.sign_and_send(request.clone()).await);
    // Disturbed, refused, or answered without a body: it is counted nevertheless.
    fixture.sandbox.fail(Fault::status(503));
    fixture.send(request).await;
    fixture.send(fixture.request("GET", BALANCE)).await;
    exchange(fixture.request("HEAD", BALANCE)).await;
    fixture.send(fixture.request("POST", BALANCE)).await;
    fixture.send(fixture.request("GET", "/nowhere")).await;

    let counters = fixture.sandbox.counters();
    assert_eq!((counters.requests, counters.connections), (7, 7));
    let counts: Vec<_> = counters
        .requests_by_operation
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(counts, [("issue_token", 1), ("retrieve_cash_balance", 4)]);
}

#[tokio::test]
async fn attempts_are_counted_by_idempotency_key() {
    let fixture = Fixture::start().await;
    for key in ["one", "other", "one"] {
        let mut request = fixture.request("POST", "/orders");
        set(&mut request, "idempotency-key", key);
        fixture.send(request).await;
    }
    let attempts = fixture.sandbox.counters().requests_by_idempotency_key;
    let expected = [("one".to_owned(), 2), ("other".to_owned(), 1)];
    assert_eq!(attempts, expected.into());
}

#[tokio::test]
async fn nonces_are_noticed_when_they_come_again() {
    let fixture = Fixture::start().await;
    let mut request = fixture.balance_request().await;
    fixture.sign(&mut request);
    fixture.sandbox.fail(Fault::status(503).times(2));
    for repeated in 0..4 {
        fixture.send(request.clone()).await;
        assert_eq!(fixture.sandbox.counters().repeated_nonces, repeated);
    }
    fixture.sign(&mut request);
    fixture.send(request).await;
    assert_eq!(fixture.sandbox.counters().repeated_nonces, 3);
}

#[tokio::test]
async fn requests_in_flight_are_counted_at_their_most() {
    let fixture = Arc::new(Fixture::start().await);
    let latch = Latch::new();
    fixture.sandbox.fail(Fault::held(&latch).always());
    let mut requests: Vec<_> = (0..3).map(|_| fixture.request("GET", BALANCE)).collect();
    requests.extend((0..2).map(|_| fixture.request("POST", "/auth/token")));
    let requests: Vec<_> = requests
        .into_iter()
        .map(|request| tokio::spawn(exchange(request)))
        .collect();
    latch.arrived(5).await;
    let most = || {
        let counters = fixture.sandbox.counters();
        (
            counters.most_in_flight,
            counters.most_token_requests_in_flight,
        )
    };
    assert_eq!(most(), (5, 2));
    latch.release_all();
    for request in requests {
        request.await.unwrap();
    }

    // One after the other from now on.
    fixture.sandbox.reset_counters();
    fixture.send(fixture.request("GET", BALANCE)).await;
    fixture.send(fixture.request("POST", "/auth/token")).await;
    assert_eq!(most(), (1, 1));
}

#[tokio::test]
async fn counting_begins_anew() {
    let fixture = Fixture::start().await;
    let fresh = fixture.sandbox.counters();
    let mut request = fixture.balance_request().await;
    set(&mut request, "idempotency-key", "one");
    fixture.sign(&mut request);
    fixture.send(request.clone()).await;
    fixture.send(request.clone()).await;
    assert_ne!(fixture.sandbox.counters(), fresh);

    fixture.sandbox.reset_counters();
    assert_eq!(fixture.sandbox.counters(), fresh);
    fixture.send(request).await;
    let counters = fixture.sandbox.counters();
    assert_eq!((counters.requests, counters.repeated_nonces), (1, 0));
}
