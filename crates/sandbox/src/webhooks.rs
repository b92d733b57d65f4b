//! Subscriptions, and the deliveries to them.

mod dispatch;
mod event;
mod fault;
mod keys;
mod line;
mod office;
mod pauses;
mod rules;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::UNIX_EPOCH;

use serde_json::Value;
use tokio::sync::watch;
use upvest_auth_signing::Clock;
use upvest_models::{
    CashBalance, CashBalanceEvent, CashBalanceEventType, CreateWebhookRequest, DateTime,
    UpdateWebhookRequest, Utc, Uuid, Webhook, WebhookConfig, WebhookType,
};

use crate::balances::Balances;
use crate::clock::SkewedClock;
use crate::counters::Tally;
use crate::faults::Faults;
use dispatch::{Dispatch, MAX_PACKAGE_SIZE};
use event::{Event, Pending};
use office::Office;

pub use fault::DeliveryFault;
pub(crate) use keys::WebhookKeys;
pub(crate) use office::Settings;
pub(crate) use pauses::Pauses;
pub(crate) use rules::{check_change, check_new};

/// For how long events may wait for others, unless the subscription says otherwise. It is what the
/// published examples say; nothing waits here.
const DELAY: &str = "5s";

/// All subscriptions.
pub(crate) struct Webhooks {
    office: Arc<Office>,
    state: Mutex<State>,
}

struct State {
    subscriptions: Vec<Subscription>,
    /// When the latest event came about, in microseconds since 1970.
    latest: i64,
}

/// One of them, and what goes there.
pub(crate) struct Subscription {
    webhook: Arc<Mutex<Webhook>>,
    dispatch: Dispatch,
}

impl Webhooks {
    pub(crate) fn new(
        clock: Arc<SkewedClock>,
        keys: WebhookKeys,
        tally: Arc<Tally>,
        settings: Settings,
    ) -> Self {
        Self {
            office: Arc::new(Office {
                clock,
                keys,
                faults: Faults::default(),
                tally,
                settings,
                pending: watch::Sender::new(0),
            }),
            state: Mutex::new(State {
                subscriptions: Vec::new(),
                latest: 0,
            }),
        }
    }

    pub(crate) fn keys(&self) -> &WebhookKeys {
        &self.office.keys
    }

    pub(crate) fn faults(&self) -> &Faults<DeliveryFault> {
        &self.office.faults
    }

    /// All subscriptions, the oldest first.
    pub(crate) fn all(&self) -> Vec<Webhook> {
        let state = self.state();
        state.subscriptions.iter().map(Subscription::get).collect()
    }

    pub(crate) fn get(&self, id: Uuid) -> Option<Webhook> {
        self.state().find(id).map(|subscription| subscription.get())
    }

    /// Takes a subscription that was [checked](check_new). It is not enabled.
    pub(crate) fn create(&self, request: CreateWebhookRequest) -> Webhook {
        let now = self.now();
        let config = request.config.unwrap_or_default();
        let webhook = Webhook {
            id: Uuid::new_v4(),
            created_at: now,
            updated_at: now,
            title: request.title,
            url: request.url,
            enabled: false,
            type_: request.type_.unwrap_or_else(|| vec![WebhookType::All]),
            config: WebhookConfig {
                delay: config.delay.or_else(|| Some(DELAY.to_owned())),
                max_package_size: config.max_package_size.or(Some(MAX_PACKAGE_SIZE)),
            },
        };
        let shared = Arc::new(Mutex::new(webhook.clone()));
        let subscription = Subscription {
            dispatch: self.dispatch(&shared),
            webhook: shared,
        };
        self.state().subscriptions.push(subscription);
        webhook
    }

    /// Takes a change that was [checked](check_change). What it does not name stays as it is. None
    /// if there is no such subscription.
    pub(crate) fn update(&self, id: Uuid, request: UpdateWebhookRequest) -> Option<Webhook> {
        let now = self.now();
        let mut state = self.state();
        let subscription = state.find(id)?;
        let (was_enabled, webhook) = {
            let mut webhook = subscription.lock();
            let was_enabled = webhook.enabled;
            let config = request.config.unwrap_or_default();
            set(&mut webhook.title, request.title);
            set(&mut webhook.url, request.url);
            set(&mut webhook.enabled, request.enabled);
            set(&mut webhook.type_, request.type_);
            set(&mut webhook.config.delay, config.delay.map(Some));
            let size = config.max_package_size.map(Some);
            set(&mut webhook.config.max_package_size, size);
            webhook.updated_at = now;
            (was_enabled, webhook.clone())
        };
        if was_enabled && !webhook.enabled {
            // What has not been delivered by now never will be.
            subscription.dispatch = self.dispatch(&subscription.webhook);
        }
        Some(webhook)
    }

    /// Returns whether there was one.
    pub(crate) fn delete(&self, id: Uuid) -> bool {
        let subscriptions = &mut self.state().subscriptions;
        let before = subscriptions.len();
        subscriptions.retain(|subscription| subscription.get().id != id);
        subscriptions.len() < before
    }

    /// Sends an event to a subscription whatever it is for, and enabled or not: that a balance is
    /// as it is. Returns whether there is such a subscription.
    pub(crate) fn test(&self, id: Uuid, balance: &CashBalance) -> bool {
        let mut state = self.state();
        let event = self.balance_event(&mut state, balance);
        state.find(id).is_some_and(|subscription| {
            subscription.dispatch.add(vec![self.addressed(&event, id)]);
            true
        })
    }

    /// Sets a balance, and tells of it.
    pub(crate) fn set_balance(&self, balances: &Balances, balance: CashBalance) {
        // Events come in the order of what they tell of.
        let mut state = self.state();
        balances.set(balance.clone());
        let event = self.balance_event(&mut state, &balance);
        for subscription in &state.subscriptions {
            let webhook = subscription.get();
            if wants(&webhook, Some(event.type_.as_str())) {
                let event = self.addressed(&event, webhook.id);
                subscription.dispatch.add(vec![event]);
            }
        }
    }

    /// Tells of whatever it is.
    pub(crate) fn publish(&self, events: &[Value]) {
        let mut state = self.state();
        let now = self.stamp(&mut state);
        for subscription in &state.subscriptions {
            let webhook = subscription.get();
            let wanted = events
                .iter()
                .filter(|event| wants(&webhook, event["type"].as_str()));
            let events: Vec<Event> = wanted
                .map(|event| Event {
                    created_at: created_at(event).unwrap_or(now),
                    json: event.to_string(),
                    _pending: Some(self.pending()),
                })
                .collect();
            if !events.is_empty() {
                subscription.dispatch.add(events);
            }
        }
    }

    /// Waits until every event has been taken.
    pub(crate) async fn done(&self) {
        let mut pending = self.office.pending.subscribe();
        // The sender is here, so this ends by the count alone.
        let _ = pending.wait_for(|pending| *pending == 0).await;
    }

    /// Ends all deliveries: what has not been taken by now never will be.
    pub(crate) fn clear(&self) -> Vec<Subscription> {
        std::mem::take(&mut self.state().subscriptions)
    }

    fn dispatch(&self, webhook: &Arc<Mutex<Webhook>>) -> Dispatch {
        Dispatch::start(Arc::clone(&self.office), Arc::clone(webhook))
    }

    fn balance_event(&self, state: &mut State, balance: &CashBalance) -> CashBalanceEvent {
        CashBalanceEvent {
            id: Uuid::new_v4(),
            created_at: self.stamp(state),
            type_: CashBalanceEventType::CashBalanceUpdated,
            object: balance.clone(),
            webhook_id: Uuid::nil(),
        }
    }

    /// The event as a subscription gets it.
    fn addressed(&self, event: &CashBalanceEvent, webhook_id: Uuid) -> Event {
        let event = CashBalanceEvent {
            webhook_id,
            ..event.clone()
        };
        Event {
            created_at: event.created_at,
            json: serde_json::to_string(&event).expect("it is plain text and numbers"),
            _pending: Some(self.pending()),
        }
    }

    fn pending(&self) -> Pending {
        Pending::new(&self.office.pending)
    }

    /// A time for an event, later than those of all events before it.
    fn stamp(&self, state: &mut State) -> DateTime<Utc> {
        state.latest = self.now().timestamp_micros().max(state.latest + 1);
        at(state.latest)
    }

    fn now(&self) -> DateTime<Utc> {
        let since = self.office.clock.now().duration_since(UNIX_EPOCH);
        let micros = since.unwrap_or_default().as_micros();
        at(i64::try_from(micros).unwrap_or(i64::MAX))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn find(&mut self, id: Uuid) -> Option<&mut Subscription> {
        let mut subscriptions = self.subscriptions.iter_mut();
        subscriptions.find(|subscription| subscription.lock().id == id)
    }
}

impl Subscription {
    fn get(&self) -> Webhook {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Webhook> {
        self.webhook.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the deliveries to it, and waits until that is done.
    pub(crate) async fn stop(self) {
        self.dispatch.stop().await;
    }
}

/// Whether a subscription is to get events of this type now.
fn wants(webhook: &Webhook, event_type: Option<&str>) -> bool {
    let category = event_type.and_then(|type_| type_.split('.').next());
    let is_meant = |type_: &WebhookType| {
        *type_ == WebhookType::All || category.is_some_and(|category| category == type_.as_str())
    };
    webhook.enabled && webhook.type_.iter().any(is_meant)
}

fn created_at(event: &Value) -> Option<DateTime<Utc>> {
    let text = event["created_at"].as_str()?;
    DateTime::parse_from_rfc3339(text).ok().map(Into::into)
}

fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
