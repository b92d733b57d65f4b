use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use upvest_models::Uuid;

/// Which events are being handled, so that no event is handled twice at the same time.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    held: Mutex<HashSet<Uuid>>,
    released: Notify,
}

impl Claims {
    /// Waits until nobody else has the event. It is free again once the claim is dropped.
    pub(crate) async fn claim(&self, key: Uuid) -> Claim<'_> {
        loop {
            let released = self.released.notified();
            if self.held().insert(key) {
                return Claim { claims: self, key };
            }
            released.await;
        }
    }

    fn held(&self) -> MutexGuard<'_, HashSet<Uuid>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct Claim<'a> {
    claims: &'a Claims,
    key: Uuid,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.claims.held().remove(&self.key);
        self.claims.released.notify_waiters();
    }
}
