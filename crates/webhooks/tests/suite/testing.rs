//! What users test their handlers and receivers with.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use upvest_webhooks::Event;
use upvest_webhooks::models::WebhookEvent;
use upvest_webhooks::testing::TestSender;

use crate::support::{Log, balance_event};

const ADDRESS: &str = "https://hooks.example.com/hooks/upvest?tenant=7";

fn event(number: u64) -> Event {
    Event::of(WebhookEvent::from_json(&balance_event(number, "100.25")).unwrap())
}

#[tokio::test]
async fn a_delivery_for_tests_is_like_any_other() {
    let sender = TestSender::new();
    let log = Log::default();
    let receiver = log.receiver(sender.verifier()).hosts(["hooks.example.com"]);
    let events = [event(1), event(2)];
    let delivery = sender.delivery(ADDRESS, &events);
    assert_eq!(receiver.receive(&delivery).await, 200);
    assert_eq!(*log.events.lock().unwrap(), events);
    for name in [
        "content-type",
        "content-length",
        "digest",
        "signature",
        "signature-input",
    ] {
        assert!(delivery.headers().contains_key(name), "{name}");
    }

    let mut tampered = sender.delivery(ADDRESS, &events);
    *tampered.body_mut() = "{}".into();
    assert_eq!(receiver.receive(&tampered).await, 401);
    let stranger = TestSender::new().delivery(ADDRESS, &events);
    assert_eq!(receiver.receive(&stranger).await, 401);
    let nonsense = sender.delivery_of(ADDRESS, "nonsense");
    assert_eq!(
        receiver.receive(&nonsense).await,
        200,
        "it is an event that is malformed"
    );
}

#[tokio::test]
async fn its_time_can_be_set() {
    let then = || -> SystemTime { UNIX_EPOCH + Duration::from_secs(1_600_000_000) };
    let sender = TestSender::new().clock(then);
    let delivery = sender.delivery(ADDRESS, &[event(1)]);
    let verifier = sender.verifier();
    assert!(verifier.clone().clock(then).verify(&delivery).await.is_ok());
    assert!(
        verifier.verify(&delivery).await.is_err(),
        "years have passed"
    );
}

#[test]
fn an_event_of_a_typed_one_has_its_json() {
    let event = event(7);
    assert_eq!(event.attempt(), 1);
    assert_eq!(event.clone().with_attempt(3).attempt(), 3);
    assert_eq!(Event::from_json(event.raw()), event);
    assert_eq!(event.event_type(), Some("CASH_BALANCE.UPDATED"));
}
