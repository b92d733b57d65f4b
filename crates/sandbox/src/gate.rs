use std::fmt;
use std::sync::Arc;

use tokio::sync::{Semaphore, watch};

/// What an answer has to pass before it goes on: how a test decides when something arrives
/// without waiting for time to pass.
///
/// It is closed at first. Whoever holds it lets answers [`pass`](Self::pass) or
/// [opens](Self::open) it, which dropping it does too: nothing waits for a gate that nobody can
/// open. See [`Fault::held`](crate::Fault::held) and [`Fault::trickling`](crate::Fault::trickling)
/// for what passes one by one, and [`DeliveryFault::late`](crate::DeliveryFault::late) for
/// deliveries of webhooks, which pass like answers.
pub struct Gate(Turnstile);

impl Gate {
    /// A gate that is closed.
    pub fn new() -> Self {
        Self(Turnstile {
            passes: Arc::new(Semaphore::new(0)),
            arrived: watch::Sender::new(0),
        })
    }

    /// Lets this many pass, whether they wait already or have yet to come.
    pub fn pass(&self, count: usize) {
        self.0.passes.add_permits(count);
    }

    /// Opens it for good.
    pub fn open(&self) {
        self.0.passes.close();
    }

    /// Waits until this many answers have come to the gate, those that have passed it included.
    pub async fn arrived(&self, count: usize) {
        let mut arrived = self.0.arrived.subscribe();
        // The sender is here, so this ends by the count alone.
        let _ = arrived.wait_for(|arrived| *arrived >= count).await;
    }

    pub(crate) fn turnstile(&self) -> Turnstile {
        self.0.clone()
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The side of a gate that answers come to.
#[derive(Clone)]
pub(crate) struct Turnstile {
    passes: Arc<Semaphore>,
    arrived: watch::Sender<usize>,
}

impl Turnstile {
    pub(crate) fn arrive(&self) {
        self.arrived.send_modify(|arrived| *arrived += 1);
    }

    pub(crate) async fn pass(&self) {
        // An error says that the gate is open.
        if let Ok(pass) = self.passes.acquire().await {
            pass.forget();
        }
    }
}

impl fmt::Debug for Turnstile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("is_open", &self.passes.is_closed())
            .field("arrived", &*self.arrived.borrow())
            .finish_non_exhaustive()
    }
}
