use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use upvest_auth_signing::{MemoryNonceStore, Verifier, header};

use crate::client::{Client, Clients};
use crate::clock::{Calendar, SkewedClock};
use crate::counters::Tally;
use crate::fault::Fault;
use crate::faults::Faults;
use crate::memory::{Pace, World};
use crate::replays::Replays;
use crate::scripts::Scripts;
use crate::tokens::Tokens;
use crate::webhooks::{Settings, WebhookKeys, Webhooks};

/// Many enough for a minute of calls as fast as they can be verified.
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
    pub(crate) tally: Arc<Tally>,
    world: Mutex<World>,
}

impl Api {
    pub(crate) fn new(
        client: Client,
        tokens: Tokens,
        clock: Arc<SkewedClock>,
        pace: Pace,
        webhook_keys: WebhookKeys,
        settings: Settings,
    ) -> Self {
        let clients = Clients::default();
        clients.add(client);
        let verifier = Verifier::new(clients.clone())
            .clock(Arc::clone(&clock))
            .nonce_store(MemoryNonceStore::new(MAX_NONCES))
            .require(["accept", header::UPVEST_CLIENT_ID.as_str()]);
        let tally = Arc::new(Tally::new());
        let calendar = Arc::new(Calendar::new(clock.clone()));
        let webhooks = Webhooks::new(
            clock.clone(),
            calendar.clone(),
            webhook_keys,
            tally.clone(),
            settings,
        );
        Self {
            clients,
            verifier,
            tokens,
            webhooks,
            clock,
            world: Mutex::new(World::new(calendar.now(), pace)),
            calendar,
            faults: Faults::default(),
            scripts: Scripts::default(),
            replays: Replays::default(),
            tally,
        }
    }

    /// Does something in the world, after what is due by now and before what becomes due by it, and
    /// has webhooks tell of all of it, in its order.
    pub(crate) fn with_world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world();
        world.set_time(self.calendar.now());
        world.catch_up();
        let done = act(&mut world);
        world.catch_up();
        for told in world.take_told() {
            self.webhooks.tell(&told.type_, &told.object, told.at);
        }
        done
    }

    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
