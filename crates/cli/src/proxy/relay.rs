//! What all requests share.

use std::sync::atomic::{AtomicU64, Ordering};

use upvest::Service;

use super::guard::Guard;
use crate::view::Log;

/// Where requests go, and how.
pub(super) struct Relay {
    pub(super) service: Service,
    /// The address of the API, without a slash at the end.
    pub(super) target: String,
    pub(super) log: Log,
    pub(super) guard: Guard,
    /// How many requests came so far.
    pub(super) count: AtomicU64,
}

impl Relay {
    /// The number of a request that comes.
    pub(super) fn number(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }
}
