//! Subscriptions, and the deliveries to them.

mod dispatch;
mod event;
mod exchange;
mod fault;
mod keys;
mod pauses;
mod sender;
mod subscription;
mod target;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::clock::{Calendar, SkewedClock, at};
use crate::counters::SharedCounters;
use crate::faults::Faults;
use dispatch::Dispatch;
use event::{Event, Pending};
use sender::Sender;
use subscription::Subscription;

pub use fault::DeliveryFault;
pub(crate) use keys::WebhookKeys;
pub(crate) use pauses::Pauses;
pub(crate) use sender::Settings;
pub(crate) use target::Reach;

/// All subscriptions.
pub(crate) struct Webhooks {
    sender: Arc<Sender>,
    calendar: Arc<Calendar>,
    state: Mutex<State>,
}

struct State {
    subscriptions: Vec<Subscribed>,
    /// When the latest event was created, in microseconds since 1970.
    latest: i64,
}

/// A subscription, and its deliveries.
pub(crate) struct Subscribed {
    subscription: Arc<Mutex<Subscription>>,
    dispatch: Dispatch,
}

impl Webhooks {
    pub(crate) fn new(
        clock: Arc<SkewedClock>,
        calendar: Arc<Calendar>,
        keys: WebhookKeys,
        counters: Arc<SharedCounters>,
        settings: Settings,
    ) -> Self {
        Self {
            sender: Arc::new(Sender {
                clock,
                keys,
                faults: Faults::default(),
                counters,
                settings,
                pending: watch::Sender::new(0),
            }),
            calendar,
            state: Mutex::new(State {
                subscriptions: Vec::new(),
                latest: 0,
            }),
        }
    }

    pub(crate) fn keys(&self) -> &WebhookKeys {
        &self.sender.keys
    }

    pub(crate) fn faults(&self) -> &Faults<DeliveryFault> {
        &self.sender.faults
    }

    /// All subscriptions, the oldest first.
    pub(crate) fn all(&self) -> Vec<Value> {
        let state = self.state();
        state
            .subscriptions
            .iter()
            .map(|one| one.get().value())
            .collect()
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<Value> {
        self.state().find(id).map(|found| found.get().value())
    }

    /// Says what is wrong with the URL of a subscription or of a change, if anything is.
    pub(crate) fn check(&self, fields: &Map<String, Value>) -> Result<(), String> {
        target::check(fields, self.sender.settings.reach)
    }

    /// Adds a subscription that was [checked](Self::check). It is not enabled.
    pub(crate) fn create(&self, fields: &Map<String, Value>) -> Value {
        let subscription = Subscription::new(fields, self.calendar.now());
        let value = subscription.value();
        let shared = Arc::new(Mutex::new(subscription));
        let subscribed = Subscribed {
            dispatch: self.dispatch(&shared),
            subscription: shared,
        };
        self.state().subscriptions.push(subscribed);
        value
    }

    /// Applies a change that was [checked](Self::check). Fields that it does not name stay as they are.
    /// `None` if there is no such subscription.
    pub(crate) fn update(&self, id: Uuid, fields: &Map<String, Value>) -> Option<Value> {
        let now = self.calendar.now();
        let mut state = self.state();
        let found = state.find(id)?;
        let (was_enabled, changed) = {
            let mut subscription = found.lock();
            let was_enabled = subscription.is_enabled();
            subscription.change(fields, now);
            (was_enabled, subscription.clone())
        };
        if was_enabled && !changed.is_enabled() {
            // What has not been delivered by now is never delivered.
            found.dispatch = self.dispatch(&found.subscription);
        }
        Some(changed.value())
    }

    /// Returns whether there was one.
    pub(crate) fn delete(&self, id: Uuid) -> bool {
        let subscriptions = &mut self.state().subscriptions;
        let before = subscriptions.len();
        subscriptions.retain(|one| one.lock().id != id);
        subscriptions.len() < before
    }

    /// Sends an event about an unchanged balance to a subscription, whatever its types, and enabled or
    /// not. Returns whether there is such a subscription.
    pub(crate) fn test(&self, id: Uuid, balance: &Value) -> bool {
        let mut state = self.state();
        let event = self.made(
            "CASH_BALANCE.UPDATED",
            balance,
            state.stamp(self.calendar.now()),
        );
        state.find(id).is_some_and(|found| {
            found.dispatch.add(vec![self.addressed(&event, id)]);
            true
        })
    }

    /// Publishes something that happened at this time, to every subscription that is for it.
    pub(crate) fn emit(&self, type_: &str, object: &Value, when: DateTime<Utc>) {
        // Events are sent in the order of what they report.
        let mut state = self.state();
        let event = self.made(type_, object, state.stamp(when));
        for subscribed in &state.subscriptions {
            let subscription = subscribed.get();
            if subscription.wants(Some(type_)) {
                let event = self.addressed(&event, subscription.id);
                subscribed.dispatch.add(vec![event]);
            }
        }
    }

    /// Publishes an event of any kind.
    pub(crate) fn publish(&self, events: &[Value]) {
        let mut state = self.state();
        let now = state.stamp(self.calendar.now());
        for subscribed in &state.subscriptions {
            let subscription = subscribed.get();
            let wanted = events
                .iter()
                .filter(|event| subscription.wants(event["type"].as_str()));
            let events: Vec<Event> = wanted
                .map(|event| Event {
                    created_at: created_at(event).unwrap_or(now),
                    json: event.to_string(),
                    _pending: Some(self.pending()),
                })
                .collect();
            if !events.is_empty() {
                subscribed.dispatch.add(events);
            }
        }
    }

    /// Waits until every event has been taken.
    pub(crate) async fn done(&self) {
        let mut pending = self.sender.pending.subscribe();
        // The sender is here, so this ends by the count alone.
        let _ = pending.wait_for(|pending| *pending == 0).await;
    }

    /// Ends all deliveries: what has not been accepted by now is never delivered.
    pub(crate) fn clear(&self) -> Vec<Subscribed> {
        std::mem::take(&mut self.state().subscriptions)
    }

    fn dispatch(&self, subscription: &Arc<Mutex<Subscription>>) -> Dispatch {
        Dispatch::start(Arc::clone(&self.sender), Arc::clone(subscription))
    }

    fn made(&self, type_: &str, object: &Value, at: DateTime<Utc>) -> (DateTime<Utc>, Value) {
        let event = json!({
            "id": Uuid::new_v4(),
            "created_at": at,
            "type": type_,
            "object": object,
            "webhook_id": Uuid::nil(),
        });
        (at, event)
    }

    /// The event as a subscription gets it.
    fn addressed(&self, (at, event): &(DateTime<Utc>, Value), webhook_id: Uuid) -> Event {
        let mut event = event.clone();
        event["webhook_id"] = json!(webhook_id);
        Event {
            created_at: *at,
            json: event.to_string(),
            _pending: Some(self.pending()),
        }
    }

    fn pending(&self) -> Pending {
        Pending::new(&self.sender.pending)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn find(&mut self, id: Uuid) -> Option<&mut Subscribed> {
        let mut subscriptions = self.subscriptions.iter_mut();
        subscriptions.find(|one| one.lock().id == id)
    }

    /// A time for an event: the one given, or later if that is not after all events before it.
    fn stamp(&mut self, when: DateTime<Utc>) -> DateTime<Utc> {
        self.latest = when.timestamp_micros().max(self.latest + 1);
        at(self.latest)
    }
}

impl Subscribed {
    fn get(&self) -> Subscription {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Subscription> {
        self.subscription
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the deliveries to it, and waits until that is done.
    pub(crate) async fn stop(self) {
        self.dispatch.stop().await;
    }
}

fn created_at(event: &Value) -> Option<DateTime<Utc>> {
    let text = event["created_at"].as_str()?;
    DateTime::parse_from_rfc3339(text).ok().map(Into::into)
}
