use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use upvest_auth_signing::{MemoryNonceStore, Verifier, header};

use crate::client::{Client, Clients};
use crate::clock::{Calendar, SkewedClock};
use crate::counters::SharedCounters;
use crate::fault::Fault;
use crate::faults::Faults;
use crate::memory::{Durations, Store};
use crate::replays::Replays;
use crate::scripts::Scripts;
use crate::tokens::Tokens;
use crate::webhooks::{Settings, WebhookKeys, Webhooks};

/// Enough for a minute of calls, at the rate at which they can be verified.
const MAX_NONCES: usize = 1_000_000;

/// Everything that the operations share.
pub(crate) struct Api {
    pub(crate) clients: Clients,
    pub(crate) verifier: Verifier,
    pub(crate) tokens: Tokens,
    pub(crate) webhooks: Webhooks,
    pub(crate) clock: Arc<SkewedClock>,
    pub(crate) calendar: Arc<Calendar>,
    pub(crate) faults: Faults<Fault>,
    pub(crate) scripts: Scripts,
    pub(crate) replays: Replays,
    pub(crate) counters: Arc<SharedCounters>,
    store: Mutex<Store>,
}

impl Api {
    pub(crate) fn new(
        client: Client,
        tokens: Tokens,
        clock: Arc<SkewedClock>,
        durations: Durations,
        webhook_keys: WebhookKeys,
        settings: Settings,
    ) -> Self {
        let clients = Clients::default();
        clients.add(client);
        let verifier = Verifier::new(clients.clone())
            .clock(Arc::clone(&clock))
            .nonce_store(MemoryNonceStore::new(MAX_NONCES))
            .require(["accept", header::UPVEST_CLIENT_ID.as_str()]);
        let counters = Arc::new(SharedCounters::new());
        let calendar = Arc::new(Calendar::new(clock.clone()));
        let webhooks = Webhooks::new(
            clock.clone(),
            calendar.clone(),
            webhook_keys,
            counters.clone(),
            settings,
        );
        Self {
            clients,
            verifier,
            tokens,
            webhooks,
            clock,
            store: Mutex::new(Store::new(calendar.now(), durations)),
            calendar,
            faults: Faults::default(),
            scripts: Scripts::default(),
            replays: Replays::default(),
            counters,
        }
    }

    /// Does something in the store, after what is due by now and before what becomes due by it, and
    /// publishes the events of all of it, in its order.
    pub(crate) fn with_store<T>(&self, act: impl FnOnce(&mut Store) -> T) -> T {
        let mut store = self.store();
        store.set_time(self.calendar.now());
        store.catch_up();
        let done = act(&mut store);
        store.catch_up();
        for event in store.take_events() {
            self.webhooks.emit(&event.type_, &event.object, event.at);
        }
        done
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
