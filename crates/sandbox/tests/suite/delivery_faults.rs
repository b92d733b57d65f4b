//! Faults of deliveries: what the receiver gets, and that nothing is lost.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use upvest_auth_signing::VerifyError;
use upvest_sandbox::{DeliveryFault, Latch};

use crate::receiver::{Receiver, done, parameter, payload, set_balance, subscribe, verify};
use crate::support::Fixture;

/// A subscription with one event for each delivery. Repetitions come at once.
async fn start(answers: Vec<u16>) -> (Fixture, Receiver) {
    let fixture = Fixture::start_with(|builder| builder.webhook_pauses(|_| Duration::ZERO)).await;
    let receiver = Receiver::start(answers).await;
    let config = json!({ "config": { "max_package_size": 100 } });
    subscribe(&fixture, &receiver, config).await;
    (fixture, receiver)
}

/// Sets balances, and waits until they are delivered. Returns them as they came.
async fn balances(fixture: &Fixture, receiver: &Receiver, amounts: &[&str]) -> Vec<String> {
    for amount in amounts {
        set_balance(fixture, amount);
    }
    done(fixture).await;
    receiver.balances().concat()
}

#[tokio::test]
async fn duplicated() {
    let (fixture, receiver) = start(vec![]).await;
    fixture
        .sandbox
        .fail_delivery(DeliveryFault::duplicated().times(2));
    set_balance(&fixture, "1");
    done(&fixture).await;
    let requests = receiver.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body(), requests[1].body());
    assert_ne!(
        parameter(&requests[0], "nonce"),
        parameter(&requests[1], "nonce")
    );
    assert_eq!(
        balances(&fixture, &receiver, &["2", "3"]).await,
        ["2", "2", "3"]
    );
}

#[tokio::test]
async fn reordered() {
    let (fixture, receiver) = start(vec![]).await;
    fixture.sandbox.fail_delivery(DeliveryFault::reordered());
    let found = balances(&fixture, &receiver, &["1", "2", "3"]).await;
    assert_eq!(found, ["2", "1", "3"]);
    fixture
        .sandbox
        .fail_delivery(DeliveryFault::reordered().times(2));
    let found = balances(&fixture, &receiver, &["1", "2", "3", "4", "5"]).await;
    assert_eq!(found, ["2", "1", "4", "3", "5"]);
}

#[tokio::test]
async fn late() {
    let (fixture, receiver) = start(vec![]).await;
    let latch = Latch::new();
    fixture
        .sandbox
        .fail_delivery(DeliveryFault::late(&latch).times(2));
    set_balance(&fixture, "1");
    set_balance(&fixture, "2");
    latch.arrived(2).await;
    set_balance(&fixture, "3");
    receiver.arrived(1).await;
    assert_eq!(receiver.balances(), [["3"]]);
    latch.release(1);
    receiver.arrived(2).await;
    set_balance(&fixture, "4");
    receiver.arrived(3).await;
    drop(latch);
    done(&fixture).await;
    let mut found = receiver.balances().concat();
    assert_eq!(found[1], "4");
    found.sort();
    assert_eq!(found, ["1", "2", "4"]);
}

#[tokio::test]
async fn events_that_are_unknown_or_malformed() {
    let (fixture, receiver) = start(vec![]).await;
    for (fault, type_, object) in [
        (
            DeliveryFault::unknown_event(),
            "MOON.FULL",
            json!({ "illumination": "100" }),
        ),
        (
            DeliveryFault::malformed_event(),
            "CASH_BALANCE.UPDATED",
            json!({ "balance": true }),
        ),
    ] {
        fixture.sandbox.fail_delivery(fault);
        set_balance(&fixture, "1");
        done(&fixture).await;
        let requests = receiver.requests();
        assert_eq!(requests.len(), 1);
        verify(&fixture, &requests[0]).await.unwrap();
        let events = payload(&requests[0]);
        assert_eq!(events.len(), 2);
        let names: BTreeSet<_> = events[0].as_object().unwrap().keys().collect();
        let expected = ["created_at", "id", "object", "type", "webhook_id"];
        assert!(names.into_iter().eq(&expected));
        assert_eq!(events[0]["type"], type_);
        assert_eq!(events[0]["object"], object);
        assert_eq!(events[0]["webhook_id"], events[1]["webhook_id"]);
        assert_eq!(events[1]["object"]["balance"], "1");
    }
}

/// What is wrong with the first of two attempts, of which the second one is right.
async fn attempts(fault: DeliveryFault) -> (VerifyError, [http::Request<bytes::Bytes>; 2]) {
    let (fixture, receiver) = start(vec![401]).await;
    fixture.sandbox.fail_delivery(fault);
    set_balance(&fixture, "1");
    done(&fixture).await;
    let requests: [_; 2] = receiver.requests().try_into().unwrap();
    verify(&fixture, &requests[1]).await.unwrap();
    let error = verify(&fixture, &requests[0]).await.unwrap_err();
    (error, requests)
}

#[tokio::test]
async fn tampered() {
    let (error, [wrong, right]) = attempts(DeliveryFault::tampered()).await;
    assert!(matches!(error, VerifyError::Digest(_)), "{error:?}");
    assert_ne!(wrong.body(), right.body());
    serde_json::from_slice::<Value>(wrong.body()).expect("it is still JSON");
}

#[tokio::test]
async fn wrong_key() {
    let (error, [wrong, right]) = attempts(DeliveryFault::wrong_key()).await;
    assert!(matches!(error, VerifyError::SignatureMismatch), "{error:?}");
    assert_eq!(wrong.body(), right.body());
    assert_eq!(parameter(&wrong, "keyid"), parameter(&right, "keyid"));
}

#[tokio::test]
async fn expired() {
    let (error, [wrong, right]) = attempts(DeliveryFault::expired()).await;
    assert!(matches!(error, VerifyError::Expired { .. }), "{error:?}");
    let at = |request, name| parameter(request, name).parse::<u64>().unwrap();
    assert_eq!(at(&wrong, "created") + 24 * 60 * 60, at(&right, "created"));
    assert_eq!(at(&wrong, "expires"), at(&wrong, "created") + 60);
}

#[tokio::test]
async fn oversized() {
    let (fixture, receiver) = start(vec![413]).await;
    fixture
        .sandbox
        .fail_delivery(DeliveryFault::oversized(100_000));
    set_balance(&fixture, "1");
    done(&fixture).await;
    let requests = receiver.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[0].body().len(), 100_000);
    assert_eq!(payload(&requests[0]), payload(&requests[1]));
    for request in &requests {
        verify(&fixture, request).await.unwrap();
    }
}

#[tokio::test]
async fn faults_of_deliveries_and_of_attempts_do_not_wait_for_each_other() {
    let (fixture, receiver) = start(vec![401, 401]).await;
    fixture
        .sandbox
        .fail_delivery(DeliveryFault::tampered().times(2));
    fixture
        .sandbox
        .fail_delivery(DeliveryFault::unknown_event());
    let found = balances(&fixture, &receiver, &["1"]).await;
    assert_eq!(found, ["MOON.FULL", "1"].repeat(3));

    fixture
        .sandbox
        .fail_delivery(DeliveryFault::duplicated().always());
    assert_eq!(
        balances(&fixture, &receiver, &["1", "2"]).await,
        ["1", "1", "2", "2"]
    );
    fixture.sandbox.clear_faults();
    assert_eq!(balances(&fixture, &receiver, &["3"]).await, ["3"]);
}
