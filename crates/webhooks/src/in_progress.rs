use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use upvest_models::Uuid;

/// Which events are being handled, so that no event is handled twice at the same time.
#[derive(Debug, Default)]
pub(crate) struct InProgress {
    held: Mutex<HashSet<Uuid>>,
    released: Notify,
}

impl InProgress {
    /// Waits until nobody else has the event. It is free again once the guard is dropped.
    pub(crate) async fn enter(&self, key: Uuid) -> InProgressGuard<'_> {
        loop {
            let released = self.released.notified();
            if self.held().insert(key) {
                return InProgressGuard { events: self, key };
            }
            released.await;
        }
    }

    fn held(&self) -> MutexGuard<'_, HashSet<Uuid>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) struct InProgressGuard<'a> {
    events: &'a InProgress,
    key: Uuid,
}

impl Drop for InProgressGuard<'_> {
    fn drop(&mut self) {
        self.events.held().remove(&self.key);
        self.events.released.notify_waiters();
    }
}
