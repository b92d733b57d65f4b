//! What all deliveries to a receiver share.

use std::sync::atomic::AtomicU64;

use upvest_inbox::Inbox;
use upvest_inbox::sqlx::Sqlite;
use upvest_webhooks::DeliveryVerifier;

use super::target::Targets;
use crate::view::Log;

/// A receiver of webhooks.
pub(super) struct Listener {
    pub(super) verifier: DeliveryVerifier,
    pub(super) inbox: Inbox<Sqlite>,
    pub(super) targets: Targets,
    /// How many times a delivery or an event that was not accepted is sent again.
    pub(super) retries: u32,
    pub(super) log: Log,
    /// How many events came so far.
    pub(super) count: AtomicU64,
}
