use std::fmt;
use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

/// Holds answers until a test releases them, so that a test decides when something arrives without
/// waiting for time to pass.
///
/// It [releases](Self::release) as many answers as the test says, or [all](Self::release_all).
/// Dropping it also releases all: nothing waits for a latch that was dropped. See
/// [`Fault::held`](crate::Fault::held) and [`Fault::trickling`](crate::Fault::trickling) for what
/// is released one by one, and [`DeliveryFault::late`](crate::DeliveryFault::late) for webhook
/// deliveries, which are held like answers.
pub struct Latch(Waiter);

impl Latch {
    /// Makes a latch that holds everything that arrives.
    pub fn new() -> Self {
        Self(Waiter {
            permits: Arc::new(Semaphore::new(0)),
            arrived: watch::Sender::new(0),
        })
    }

    /// Releases this many answers, whether they are waiting already or arrive later.
    pub fn release(&self, count: usize) {
        self.0.permits.add_permits(count);
    }

    /// Releases all answers that wait, and all that arrive later.
    pub fn release_all(&self) {
        self.0.permits.close();
    }

    /// Waits until this many answers have arrived, including those that were released.
    pub async fn arrived(&self, count: usize) {
        let mut arrived = self.0.arrived.subscribe();
        // The sender is here, so this ends by the count alone.
        let _ = arrived.wait_for(|arrived| *arrived >= count).await;
    }

    pub(crate) fn waiter(&self) -> Waiter {
        self.0.clone()
    }
}

impl Default for Latch {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Latch {
    fn drop(&mut self) {
        self.release_all();
    }
}

impl fmt::Debug for Latch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The side of a latch on which answers wait.
#[derive(Clone)]
pub(crate) struct Waiter {
    permits: Arc<Semaphore>,
    arrived: watch::Sender<usize>,
}

impl Waiter {
    pub(crate) fn arrive(&self) {
        self.arrived.send_modify(|arrived| *arrived += 1);
    }

    pub(crate) async fn released(&self) {
        // An error says that all are released.
        if let Ok(permit) = self.permits.acquire().await {
            permit.forget();
        }
    }
}

impl fmt::Debug for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Latch")
            .field("releases_all", &self.permits.is_closed())
            .field("arrived", &*self.arrived.borrow())
            .finish_non_exhaustive()
    }
}
