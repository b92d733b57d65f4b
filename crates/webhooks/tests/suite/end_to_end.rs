//! From a balance that changes in the sandbox to the event that is handed out, whatever goes wrong
//! in between.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use upvest::Client;
use upvest_sandbox::{DeliveryFault, Latch, Sandbox, SandboxBuilder};
use upvest_webhooks::models::{
    CreateWebhookRequest, Currency, UpdateWebhookRequest, Webhook, WebhookConfig, WebhookEvent,
    WebhookEventKind, decimal,
};
use upvest_webhooks::{
    DeliveryVerifier, Event, FetchedKeys, HandlerError, LatestBalances, Receiver,
};

/// A sandbox, a client of it, and a receiver that is subscribed to everything, one event for each
/// delivery.
struct World {
    sandbox: Sandbox,
    client: Client,
    webhook: Webhook,
    seen: Arc<Seen>,
}

/// What the handler was given.
#[derive(Default)]
struct Seen {
    events: Mutex<Vec<Event>>,
    latest: Mutex<LatestBalances>,
    /// How often the handler fails, and how often it was called.
    failures: AtomicUsize,
    calls: watch::Sender<usize>,
}

impl Seen {
    fn handle(&self, event: Event) -> Result<(), HandlerError> {
        self.calls.send_modify(|calls| *calls += 1);
        let fewer = |failures: usize| failures.checked_sub(1);
        let failures = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, fewer);
        if failures.is_ok() {
            return Err(HandlerError::retryable("the database is away"));
        }
        if let Ok(WebhookEvent::CashBalance(event)) = event.content() {
            self.latest.lock().unwrap().apply(event);
        }
        self.events.lock().unwrap().push(event);
        Ok(())
    }

    async fn called(&self, count: usize) {
        let mut calls = self.calls.subscribe();
        calls.wait_for(|calls| *calls >= count).await.unwrap();
    }
}

impl World {
    async fn new() -> Self {
        Self::with(|builder| builder).await
    }

    async fn with(configure: impl FnOnce(SandboxBuilder) -> SandboxBuilder) -> Self {
        let builder = Sandbox::builder().webhook_pauses(|_| Duration::ZERO);
        let sandbox = configure(builder).start().await.unwrap();
        let client = upvest::builder()
            .base_url(sandbox.base_url())
            .credentials(sandbox.client_id(), sandbox.client_secret())
            .signing_key(sandbox.signing_key().clone(), sandbox.key_id())
            .build()
            .unwrap();
        let seen = Arc::new(Seen::default());
        let url = receive(&client, &seen).await;
        let request = CreateWebhookRequest::new("Everything", url)
            .config(WebhookConfig::new().max_package_size(100));
        let call = client.create_webhook(request);
        let webhook = call.send().await.unwrap().into_inner();
        let world = Self {
            sandbox,
            client,
            webhook,
            seen,
        };
        world.enable(true).await;
        world
    }

    async fn update(&self, change: UpdateWebhookRequest) -> Webhook {
        let call = self.client.update_webhook(self.webhook.id, change);
        call.send().await.unwrap().into_inner()
    }

    async fn enable(&self, enabled: bool) {
        let change = UpdateWebhookRequest::new().enabled(enabled);
        assert_eq!(self.update(change).await.enabled, enabled);
    }

    fn set_balances(&self, amounts: &[&str]) {
        for amount in amounts {
            let group = self.sandbox.account_group_id();
            let before = self.sandbox.balance(group).unwrap();
            let balance = decimal::parse(amount).unwrap();
            self.sandbox.set_balance(before.balance(balance));
        }
    }

    async fn done(&self) {
        timeout(Duration::from_secs(60), self.sandbox.deliveries_done())
            .await
            .expect("everything is taken");
    }

    /// What was handed out since the last time, when everything was taken: amounts, or what else
    /// there was. No event came twice, and the latest balance is the one that there is.
    async fn handed_out(&self) -> Vec<String> {
        self.done().await;
        let group = self.sandbox.account_group_id();
        let balance = self.sandbox.balance(group).unwrap();
        if let Some((latest, _)) = self.seen.latest.lock().unwrap().get(group, Currency::Eur) {
            assert_eq!(*latest, balance);
        }
        let events = std::mem::take(&mut *self.seen.events.lock().unwrap());
        let keys: std::collections::HashSet<_> = events.iter().map(Event::key).collect();
        assert_eq!(keys.len(), events.len(), "each event comes once");
        events
            .iter()
            .map(|event| match event.content() {
                Ok(WebhookEvent::CashBalance(event)) => event.object.balance.to_string(),
                Ok(other) => other.event_type().to_owned(),
                Err(_) => "malformed".to_owned(),
            })
            .collect()
    }
}

/// Starts a receiver, and returns its address.
async fn receive(client: &Client, seen: &Arc<Seen>) -> String {
    let (client, seen) = (client.clone(), Arc::clone(seen));
    let keys = FetchedKeys::new(move || {
        let client = client.clone();
        async move { Ok(client.retrieve_webhook_keys().send().await?.into_inner()) }
    })
    // Keys change faster here than anywhere else.
    .interval(Duration::ZERO);
    let handler = move |event| std::future::ready(seen.handle(event));
    let receiver = Receiver::new(DeliveryVerifier::new(keys), handler);
    let app = axum::Router::new().route_service("/hooks", receiver);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks?tenant=7", listener.local_addr().unwrap());
    tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
    url
}

#[tokio::test]
async fn every_event_is_handed_out_once_whatever_goes_wrong() {
    let world = World::new().await;
    for (fault, expected, refused) in [
        (DeliveryFault::duplicated(), &["1", "2"][..], 0),
        (DeliveryFault::duplicated().times(2), &["1", "2"], 0),
        (DeliveryFault::reordered(), &["2", "1"], 0),
        (DeliveryFault::unknown_event(), &["MOON.FULL", "1", "2"], 0),
        (
            DeliveryFault::malformed_event(),
            &["malformed", "1", "2"],
            0,
        ),
        (DeliveryFault::tampered(), &["1", "2"], 1),
        (DeliveryFault::tampered().times(3), &["1", "2"], 3),
        (DeliveryFault::wrong_key(), &["1", "2"], 1),
        (DeliveryFault::expired(), &["1", "2"], 1),
        (DeliveryFault::oversized(3 * 1024 * 1024), &["1", "2"], 1),
    ] {
        let name = format!("{fault:?}");
        world.sandbox.reset_counters();
        world.sandbox.fail_delivery(fault);
        world.set_balances(&["1", "2"]);
        assert_eq!(world.handed_out().await, expected, "{name}");
        let counters = world.sandbox.counters();
        let not_taken = counters.deliveries_sent - counters.deliveries_taken;
        assert_eq!(not_taken, refused, "{name}: {counters:?}");
    }
}

#[tokio::test]
async fn a_forgery_is_answered_with_401() {
    let world = World::new().await;
    for fault in [
        DeliveryFault::tampered(),
        DeliveryFault::wrong_key(),
        DeliveryFault::expired(),
    ] {
        world.sandbox.fail_delivery(fault);
    }
    world.set_balances(&["1"]);
    assert_eq!(world.handed_out().await, ["1"]);
    let refused = world.sandbox.counters().deliveries_refused;
    assert_eq!(refused, [(401, 3)].into());
}

#[tokio::test]
async fn a_late_delivery_does_not_undo_what_came_before_it() {
    let world = World::new().await;
    let latch = Latch::new();
    world.sandbox.fail_delivery(DeliveryFault::late(&latch));
    world.set_balances(&["1", "2", "3"]);
    world.seen.called(2).await;
    latch.release_all();
    assert_eq!(world.handed_out().await, ["2", "3", "1"]);
}

#[tokio::test]
async fn a_delivery_that_is_answered_with_503_comes_again() {
    for signed_once in [false, true] {
        let world = World::with(|builder| match signed_once {
            true => builder.sign_deliveries_once(),
            false => builder,
        })
        .await;
        world.seen.failures.store(1, Ordering::SeqCst);
        world.set_balances(&["1", "2"]);
        assert_eq!(world.handed_out().await, ["1", "2"]);
        let counters = world.sandbox.counters();
        assert_eq!(counters.deliveries_refused, [(503, 1)].into());
        assert_eq!(counters.deliveries_taken, 2);
    }
}

#[tokio::test]
async fn what_queued_up_comes_when_the_receiver_has_recovered() {
    let world = World::new().await;
    let config = WebhookConfig::new().max_package_size(1_048_576);
    let change = UpdateWebhookRequest::new().config(config);
    world.update(change).await;
    world.seen.failures.store(usize::MAX, Ordering::SeqCst);
    world.set_balances(&["1"]);
    world.seen.called(3).await;
    world.set_balances(&["2", "3", "4", "5"]);
    assert!(world.seen.events.lock().unwrap().is_empty());
    world.seen.failures.store(0, Ordering::SeqCst);
    assert_eq!(world.handed_out().await, ["1", "2", "3", "4", "5"]);
    // The one that blocked, and all others in one.
    assert_eq!(world.sandbox.counters().deliveries_taken, 2);
}

#[tokio::test]
async fn nothing_comes_while_the_subscription_is_disabled() {
    let world = World::new().await;
    world.set_balances(&["1"]);
    assert_eq!(world.handed_out().await, ["1"]);
    world.enable(false).await;
    world.set_balances(&["2"]);
    world.done().await;
    world.enable(true).await;
    world.set_balances(&["3"]);
    assert_eq!(world.handed_out().await, ["3"]);
}

#[tokio::test]
async fn keys_change_without_a_delivery_lost() {
    let world = World::new().await;
    world.set_balances(&["1"]);
    assert_eq!(world.handed_out().await, ["1"]);
    world.sandbox.rotate_webhook_key();
    world.set_balances(&["2"]);
    assert_eq!(world.handed_out().await, ["2"]);
    assert!(world.sandbox.counters().deliveries_refused.is_empty());

    // The old key is retired while a delivery is being repeated.
    world.seen.failures.store(usize::MAX, Ordering::SeqCst);
    world.set_balances(&["3", "4"]);
    world.seen.called(4).await;
    world.sandbox.rotate_webhook_key();
    world.sandbox.retire_webhook_keys();
    world.seen.failures.store(0, Ordering::SeqCst);
    assert_eq!(world.handed_out().await, ["3", "4"]);
    let refused = world.sandbox.counters().deliveries_refused;
    assert_eq!(refused.keys().collect::<Vec<_>>(), [&503]);
}

#[tokio::test]
async fn events_of_any_kind_come_to_the_letter() {
    let world = World::new().await;
    let config = WebhookConfig::new().max_package_size(1_048_576);
    let change = UpdateWebhookRequest::new().config(config);
    world.update(change).await;
    let tomorrow = serde_json::json!({
        "id": "8962b496-8d42-4560-bfab-10490dd1a724",
        "created_at": "2021-07-21T14:10:00.00Z",
        "type": "INSTRUMENT.UPDATED",
        "object": { "isin": "DE0005140008" },
    });
    world
        .sandbox
        .publish([tomorrow.clone(), serde_json::json!(7)]);
    world.done().await;
    let events = std::mem::take(&mut *world.seen.events.lock().unwrap());
    assert_eq!(events[0].raw(), tomorrow.to_string());
    assert_eq!(events[0].event_type(), Some("INSTRUMENT.UPDATED"));
    assert_eq!(events[1].raw(), "7");
    assert!(events[1].content().is_err());
    assert_eq!(world.sandbox.counters().deliveries_sent, 1);
}

#[tokio::test]
async fn the_client_manages_subscriptions() {
    let world = World::new().await;
    let (client, id) = (&world.client, world.webhook.id);
    let call = client.retrieve_webhook(id);
    let before = call.send().await.unwrap().into_inner();
    assert!(before.enabled);

    let after = world
        .update(UpdateWebhookRequest::new().type_([WebhookEventKind::CashBalance]))
        .await;
    let expected = before
        .clone()
        .type_([WebhookEventKind::CashBalance])
        .updated_at(after.updated_at);
    assert_eq!(after, expected);
    assert!(after.updated_at >= before.updated_at);

    client.test_webhook(id).send().await.unwrap();
    assert_eq!(world.handed_out().await, ["100.25"]);

    let list = client.list_webhooks().limit(1).send().await.unwrap();
    assert_eq!(list.into_inner().data, [after]);
    let refused = client.create_webhook(CreateWebhookRequest::new(
        "Elsewhere",
        "https://example.com/hooks",
    ));
    let error = refused.send().await.unwrap_err();
    assert_eq!(error.status().unwrap().as_u16(), 400);
    let detail = error.problem().unwrap().detail.as_deref().unwrap();
    assert!(
        detail.contains("uses only the loopback interface"),
        "{detail}"
    );

    client.delete_webhook(id).send().await.unwrap();
    let gone = client.retrieve_webhook(id).send().await;
    assert_eq!(gone.unwrap_err().status().unwrap().as_u16(), 404);
}
