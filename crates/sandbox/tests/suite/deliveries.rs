//! Deliveries of webhooks: what is sent, when, and what happens if it is not taken.

mod attempts;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::time::timeout;
use upvest_auth_signing::VerifyError;
use upvest_models::{CashBalanceEvent, JsonWebKeySet, Webhook};
use upvest_sandbox::{Fault, Latch, SandboxBuilder};

use crate::receiver::{Receiver, done, parameter, patch, payload, set_balance, subscribe, verify};
use crate::support::{Fixture, open, success};

/// A sandbox that repeats at once.
fn hurried(builder: SandboxBuilder) -> SandboxBuilder {
    builder.webhook_pauses(|_| Duration::ZERO)
}

/// One event for each delivery.
fn one_by_one() -> Value {
    json!({ "config": { "max_package_size": 100 } })
}

/// A subscription of an address that listens, where nobody answers.
async fn subscribe_nobody(fixture: &Fixture, receiver: &Receiver) -> (Webhook, TcpListener) {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let webhook = subscribe(fixture, receiver, json!({})).await;
    let url = format!("http://{}", silent.local_addr().unwrap());
    (
        patch(fixture, &webhook, json!({ "url": url })).await,
        silent,
    )
}

#[tokio::test]
async fn a_balance_that_is_set_is_delivered_and_signed() {
    let fixture = Fixture::start().await;
    let receiver = Receiver::start([]).await;
    let webhook = subscribe(&fixture, &receiver, json!({})).await;
    let balance = set_balance(&fixture, "12.500");
    done(&fixture).await;

    let requests = receiver.requests();
    let [request] = &requests[..] else {
        panic!("one delivery was expected: {requests:?}");
    };
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "/hooks?tenant=7");
    assert_eq!(request.headers()["content-type"], "application/json");
    assert!(!request.headers().contains_key("upvest-signature-version"));
    let host = request.headers()["host"].to_str().unwrap();
    assert_eq!(format!("http://{host}/hooks?tenant=7"), receiver.url);
    verify(&fixture, request).await.unwrap();
    let input = request.headers()["signature-input"].to_str().unwrap();
    for covered in [
        "@method",
        "@path",
        "@query",
        "content-length",
        "content-type",
        "digest",
    ] {
        assert!(input.contains(&format!("\"{covered}\"")), "{input}");
    }

    let events = payload(request);
    let [event] = &events[..] else {
        panic!("one event was expected: {events:?}");
    };
    assert_eq!(event["object"]["balance"], "12.500");
    let event: CashBalanceEvent = serde_json::from_value(event.clone()).unwrap();
    assert_eq!(event.type_.as_str(), "CASH_BALANCE.UPDATED");
    assert_eq!(event.object, balance);
    assert_eq!(event.webhook_id, webhook.id);
    assert_eq!(event.id.get_version_num(), 4);
    assert_eq!(json!(event.created_at), "2021-10-06T14:14:19Z");
}

#[tokio::test]
async fn subscriptions_get_what_they_are_for_and_only_while_they_are_enabled() {
    let fixture = Fixture::start().await;
    let (all, cash, users) = (
        Receiver::start([]).await,
        Receiver::start([]).await,
        Receiver::start([]).await,
    );
    let everything = subscribe(&fixture, &all, json!({})).await;
    subscribe(
        &fixture,
        &cash,
        json!({ "type": ["USER_CHECK", "CASH_BALANCE"] }),
    )
    .await;
    subscribe(&fixture, &users, json!({ "type": ["USER"] })).await;

    set_balance(&fixture, "1");
    done(&fixture).await;
    let events = [
        json!({ "type": "USER.UPDATED" }),
        json!({ "type": "USER_CHECK.UPDATED" }),
        json!({ "type": "MOON.FULL" }),
        json!({ "type": 7 }),
        json!([]),
    ];
    fixture.sandbox.publish(events.clone());
    done(&fixture).await;
    let of_all = all.payloads();
    assert_eq!(of_all.len(), 2);
    assert_eq!(of_all[1], events);
    let of_cash = cash.payloads();
    assert_eq!(of_cash[0][0]["id"], of_all[0][0]["id"]);
    assert_ne!(of_cash[0][0]["webhook_id"], of_all[0][0]["webhook_id"]);
    assert_eq!(of_cash[1], events[1..2]);
    assert_eq!(users.payloads(), [events[..1].to_vec()]);

    // What happens while it is disabled is not delivered later either.
    patch(&fixture, &everything, json!({ "enabled": false })).await;
    set_balance(&fixture, "2");
    done(&fixture).await;
    patch(&fixture, &everything, json!({ "enabled": true })).await;
    set_balance(&fixture, "3");
    done(&fixture).await;
    assert_eq!(all.balances(), [["3"]]);
    assert_eq!(cash.balances(), [["2"], ["3"]]);
}

#[tokio::test]
async fn a_test_event_comes_even_to_a_subscription_that_is_disabled_or_for_something_else() {
    let fixture = Fixture::start().await;
    let receiver = Receiver::start([]).await;
    let webhook = subscribe(&fixture, &receiver, json!({ "type": ["USER"] })).await;
    patch(&fixture, &webhook, json!({ "enabled": false })).await;
    let path = format!("/webhooks/{}/test", webhook.id);
    let response = fixture.call("POST", &path, "").await;
    assert_eq!(
        (response.status().as_u16(), response.body().is_empty()),
        (200, false)
    );
    done(&fixture).await;
    assert_eq!(receiver.balances(), [["100.25"]]);
}

#[tokio::test]
async fn events_go_together_up_to_the_package_size_and_the_oldest_first() {
    let fixture = Fixture::start().await;
    let receiver = Receiver::start([]).await;
    let webhook = subscribe(&fixture, &receiver, json!({})).await;
    let event = |second: u64| json!({ "created_at": format!("2021-07-21T14:10:0{second}Z") });
    let undated = json!({ "created_at": "yesterday", "n": 9 });
    fixture
        .sandbox
        .publish([event(3), undated.clone(), event(1), event(2)]);
    done(&fixture).await;
    assert_eq!(
        receiver.payloads(),
        [[event(1), event(2), event(3), undated]],
        "what has no date counts as of now"
    );

    // In 100 bytes there is room for two, and one that is larger goes by itself.
    patch(&fixture, &webhook, one_by_one()).await;
    let large = json!({ "n": "9".repeat(200) });
    let events = [event(1), event(2), event(3), large.clone(), event(4)];
    fixture.sandbox.publish(events);
    done(&fixture).await;
    assert_eq!(
        receiver.payloads(),
        [
            vec![event(1), event(2)],
            vec![event(3)],
            vec![large],
            vec![event(4)]
        ]
    );
}

#[tokio::test]
async fn events_have_different_times_though_the_clock_stands_still() {
    let fixture = Fixture::start().await;
    let receiver = Receiver::start([]).await;
    subscribe(&fixture, &receiver, one_by_one()).await;
    for amount in ["1", "2", "3"] {
        set_balance(&fixture, amount);
    }
    // Nor when it is set back.
    fixture.sandbox.set_clock_offset(-5);
    set_balance(&fixture, "4");
    done(&fixture).await;
    let events: Vec<CashBalanceEvent> = receiver
        .payloads()
        .into_iter()
        .map(|mut events| serde_json::from_value(events.remove(0)).unwrap())
        .collect();
    assert_eq!(events.len(), 4);
    assert!(events.is_sorted_by(|one, next| one.created_at < next.created_at));
    assert!(events.is_sorted_by(|one, next| one.object.balance < next.object.balance));
}

#[tokio::test]
async fn stopping_or_dropping_ends_a_delivery_that_is_under_way() {
    let (latch, mut held) = (Latch::new(), None);
    for stops in [true, false] {
        let fixture = Fixture::start().await;
        let receiver = Receiver::start([]).await;
        let (_, silent) = subscribe_nobody(&fixture, &receiver).await;
        set_balance(&fixture, "1");
        let (mut stream, _) = silent.accept().await.unwrap();
        let limit = Duration::from_secs(10);
        if stops {
            let stop = fixture.sandbox.stop();
            timeout(limit, stop).await.expect("it stops");
        } else {
            // Nor does it go on for as long as a request is being answered.
            fixture.sandbox.fail(Fault::held(&latch));
            held = Some(open(fixture.request("GET", "/")).await);
            latch.arrived(1).await;
            drop(fixture);
        }
        let mut received = Vec::new();
        let end = stream.read_to_end(&mut received);
        let end = timeout(limit, end).await;
        end.expect("the connection is at its end").unwrap();
    }
    assert!(held.is_some());
}

#[tokio::test]
async fn keys_are_rotated_and_retired() {
    let fixture = Fixture::start().await;
    let receiver = Receiver::start([]).await;
    subscribe(&fixture, &receiver, json!({})).await;
    let published = async || {
        let set: JsonWebKeySet = success(fixture.call("GET", "/auth/verify_keys", "").await);
        set.keys
            .iter()
            .map(|key| key.kid.clone().unwrap())
            .collect::<Vec<_>>()
    };
    let delivery = async || {
        set_balance(&fixture, "1");
        done(&fixture).await;
        receiver.requests().remove(0)
    };
    let first = delivery().await;
    let old = parameter(&first, "keyid").to_owned();
    assert_eq!(published().await, std::slice::from_ref(&old));

    let new = fixture.sandbox.rotate_webhook_key().to_string();
    let second = delivery().await;
    assert_eq!(parameter(&second, "keyid"), new);
    assert_eq!(published().await, [old, new.clone()]);
    verify(&fixture, &first).await.unwrap();
    verify(&fixture, &second).await.unwrap();

    fixture.sandbox.retire_webhook_keys();
    assert_eq!(published().await, [new]);
    verify(&fixture, &second).await.unwrap();
    let error = verify(&fixture, &first).await.unwrap_err();
    assert!(matches!(error, VerifyError::UnknownKey { .. }), "{error:?}");
}
