use std::collections::HashMap;
use std::sync::Arc;

use upvest_auth_signing::{MemoryNonceStore, Verifier, header};

use crate::Fault;
use crate::balances::Balances;
use crate::client::Client;
use crate::clock::SkewedClock;
use crate::counters::Tally;
use crate::faults::Faults;
use crate::tokens::Tokens;
use crate::webhooks::{Settings, WebhookKeys, Webhooks};

/// Many enough for a minute of calls as fast as they can be verified.
const MAX_NONCES: usize = 1_000_000;

/// Everything that the operations share.
pub(crate) struct Api {
    pub(crate) client: Client,
    pub(crate) verifier: Verifier,
    pub(crate) tokens: Tokens,
    pub(crate) balances: Balances,
    pub(crate) webhooks: Webhooks,
    pub(crate) clock: Arc<SkewedClock>,
    pub(crate) faults: Faults<Fault>,
    pub(crate) tally: Arc<Tally>,
}

impl Api {
    pub(crate) fn new(
        client: Client,
        tokens: Tokens,
        clock: Arc<SkewedClock>,
        webhook_keys: WebhookKeys,
        settings: Settings,
    ) -> Self {
        let key = client.signing_key.verifying_key();
        let verifier = Verifier::new(HashMap::from([(client.key_id.clone(), key)]))
            .clock(Arc::clone(&clock))
            .nonce_store(MemoryNonceStore::new(MAX_NONCES))
            .require(["accept", header::UPVEST_CLIENT_ID.as_str()]);
        let tally = Arc::new(Tally::new());
        let webhooks = Webhooks::new(clock.clone(), webhook_keys, tally.clone(), settings);
        Self {
            client,
            verifier,
            tokens,
            balances: Balances::default(),
            webhooks,
            clock,
            faults: Faults::default(),
            tally,
        }
    }
}
