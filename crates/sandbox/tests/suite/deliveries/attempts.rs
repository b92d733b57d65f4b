//! Attempts at a delivery that is not taken.

use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc;

use super::{hurried, one_by_one, subscribe_nobody};
use crate::receiver::{Receiver, done, parameter, patch, payload, set_balance, subscribe, verify};
use crate::support::Fixture;

#[tokio::test]
async fn a_delivery_is_repeated_until_it_is_taken_and_nothing_comes_in_between() {
    let fixture = Fixture::start_with(hurried).await;
    // Only 200 counts, and no redirect is followed.
    let receiver = Receiver::start([503, 204, 302, 401]).await;
    subscribe(&fixture, &receiver, one_by_one()).await;
    set_balance(&fixture, "1");
    set_balance(&fixture, "2");
    done(&fixture).await;

    let requests = receiver.requests();
    assert_eq!(requests.len(), 6);
    let (repeated, next) = requests.split_at(5);
    let nonces: std::collections::HashSet<String> = repeated
        .iter()
        .map(|request| {
            assert_eq!(request.body(), requests[0].body());
            parameter(request, "nonce")
        })
        .collect();
    assert_eq!(nonces.len(), 5, "each attempt is signed anew");
    for request in &requests {
        assert_eq!(request.uri(), "/hooks?tenant=7");
        verify(&fixture, request).await.unwrap();
    }
    assert_eq!(payload(&next[0])[0]["object"]["balance"], "2");

    let counters = fixture.sandbox.counters();
    assert_eq!(counters.deliveries_sent, 6);
    assert_eq!(counters.deliveries_taken, 2);
    let refused = [(204, 1), (302, 1), (401, 1), (503, 1)];
    assert_eq!(counters.deliveries_refused, refused.into());
    assert_eq!(counters.deliveries_unanswered, 0);
    fixture.sandbox.reset_counters();
    assert_eq!(fixture.sandbox.counters().deliveries_sent, 0);
}

#[tokio::test]
async fn a_subscription_that_is_blocked_blocks_no_other() {
    let fixture = Fixture::start_with(hurried).await;
    let (blocked, other) = (
        Receiver::start(vec![503; 1_000_000]).await,
        Receiver::start([]).await,
    );
    subscribe(&fixture, &blocked, one_by_one()).await;
    subscribe(&fixture, &other, one_by_one()).await;
    set_balance(&fixture, "1");
    blocked.arrived(2).await;
    set_balance(&fixture, "2");
    other.arrived(2).await;
    assert_eq!(other.balances(), [["1"], ["2"]]);
    assert!(blocked.balances().iter().all(|amounts| amounts == &["1"]));
}

#[tokio::test]
async fn a_delivery_can_be_repeated_byte_for_byte() {
    let fixture = Fixture::start_with(|builder| hurried(builder).sign_deliveries_once()).await;
    let receiver = Receiver::start([500, 500]).await;
    subscribe(&fixture, &receiver, json!({})).await;
    set_balance(&fixture, "1");
    done(&fixture).await;
    let requests = receiver.requests();
    assert_eq!(requests.len(), 3);
    for request in &requests {
        assert_eq!(request.headers(), requests[0].headers());
        assert_eq!(request.body(), requests[0].body());
    }
}

#[tokio::test]
async fn pauses_are_asked_for_by_the_number_of_the_attempt() {
    let (sender, attempts) = std::sync::mpsc::channel();
    let pause = move |attempt| {
        sender.send(attempt).unwrap();
        Duration::ZERO
    };
    let fixture = Fixture::start_with(|builder| builder.webhook_pauses(pause)).await;
    let receiver = Receiver::start([500, 500, 500, 200, 500]).await;
    subscribe(&fixture, &receiver, one_by_one()).await;
    set_balance(&fixture, "1");
    set_balance(&fixture, "2");
    done(&fixture).await;
    assert_eq!(attempts.try_iter().collect::<Vec<u32>>(), [1, 2, 3, 1]);
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_tried_again() {
    let (sender, mut attempts) = mpsc::unbounded_channel();
    let pause = move |attempt| {
        sender.send(attempt).unwrap();
        Duration::ZERO
    };
    let fixture = Fixture::start_with(|builder| builder.webhook_pauses(pause)).await;
    let receiver = Receiver::start([]).await;
    let (webhook, nobody) = subscribe_nobody(&fixture, &receiver).await;
    drop(nobody);
    set_balance(&fixture, "1");
    while attempts.recv().await.unwrap() < 3 {}
    // An address that is put right ends it.
    patch(&fixture, &webhook, json!({ "url": receiver.url })).await;
    done(&fixture).await;
    assert_eq!(receiver.balances(), [["1"]]);
    let counters = fixture.sandbox.counters();
    assert_eq!(counters.deliveries_taken, 1);
    assert!(counters.deliveries_unanswered >= 3, "{counters:?}");
    assert_eq!(counters.deliveries_sent, counters.deliveries_unanswered + 1);
}

#[tokio::test]
async fn an_answer_is_not_waited_for_longer_than_set() {
    let (sender, mut attempts) = mpsc::unbounded_channel();
    let pause = move |attempt| {
        sender.send(attempt).unwrap();
        Duration::ZERO
    };
    let fixture = Fixture::start_with(|builder| {
        let builder = builder.webhook_pauses(pause);
        builder.webhook_timeout(Duration::ZERO)
    })
    .await;
    let receiver = Receiver::start([]).await;
    let (_, _silent) = subscribe_nobody(&fixture, &receiver).await;
    set_balance(&fixture, "1");
    while attempts.recv().await.unwrap() < 3 {}
    let counters = fixture.sandbox.counters();
    assert!(counters.deliveries_unanswered >= 3, "{counters:?}");
}

#[tokio::test]
async fn what_blocks_goes_when_its_subscription_is_disabled_or_deleted() {
    let fixture = Fixture::start().await;
    for deletes in [false, true] {
        let receiver = Receiver::start(vec![503; 100]).await;
        let webhook = subscribe(&fixture, &receiver, one_by_one()).await;
        set_balance(&fixture, "1");
        set_balance(&fixture, "2");
        if deletes {
            let path = format!("/webhooks/{}", webhook.id);
            fixture.call("DELETE", &path, "").await;
        } else {
            patch(&fixture, &webhook, json!({ "enabled": false })).await;
        }
        done(&fixture).await;
        assert_eq!(fixture.sandbox.counters().deliveries_taken, 0);
    }
}
