use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tower::BoxError;
use upvest_models::Uuid;

/// Remembers which events were handled, so that each is handled once although it is delivered at
/// least once.
///
/// [`MemoryInbox`] is one. In production, use a table beside the data that the events change: it
/// survives a restart, and serves several processes.
///
/// # Exactly once
///
/// A crash after an event was handled and before it was recorded makes Upvest deliver it again. To
/// handle it exactly once, let the handler record it in the same transaction in which it takes
/// effect. It inserts the [`key`](crate::Event::key) of the event under a unique constraint, `ON
/// CONFLICT DO NOTHING`, and goes on only if that changed one row. [`seen`](Self::seen) reads that
/// row, and [`record`](Self::record), which is called next, finds it there.
///
/// ```
/// use std::collections::HashSet;
/// use std::sync::{Arc, Mutex};
/// use upvest_models::Uuid;
/// use upvest_webhooks::Inbox;
///
/// /// Stands for a table with a unique column.
/// #[derive(Clone)]
/// struct Table(Arc<Mutex<HashSet<Uuid>>>);
///
/// impl Inbox for Table {
///     type Error = std::convert::Infallible;
///
///     // SELECT EXISTS (SELECT FROM inbox WHERE key = $1)
///     async fn seen(&self, key: Uuid) -> Result<bool, Self::Error> {
///         Ok(self.0.lock().unwrap().contains(&key))
///     }
///
///     // INSERT INTO inbox (key) VALUES ($1) ON CONFLICT DO NOTHING
///     async fn record(&self, key: Uuid) -> Result<(), Self::Error> {
///         self.0.lock().unwrap().insert(key);
///         Ok(())
///     }
/// }
/// ```
///
/// Within a process, an event is never handed out twice at the same time. Between processes, the
/// unique constraint ensures this: the later transaction waits for the earlier one, and then
/// changes no row.
pub trait Inbox: Send + Sync {
    /// Why the inbox failed. The delivery is answered with 503 then, so it is repeated.
    type Error: Into<BoxError>;

    /// Whether the event with this key was handled before.
    fn seen(&self, key: Uuid) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Remembers that the event with this key was handled. Recording a key twice is not an error.
    fn record(&self, key: Uuid) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

impl<I: Inbox + ?Sized> Inbox for Arc<I> {
    type Error = I::Error;

    fn seen(&self, key: Uuid) -> impl Future<Output = Result<bool, I::Error>> + Send {
        (**self).seen(key)
    }

    fn record(&self, key: Uuid) -> impl Future<Output = Result<(), I::Error>> + Send {
        (**self).record(key)
    }
}

/// An [`Inbox`] in the memory of this process, bounded by number.
///
/// It remembers the latest 100,000 events in about 7 MB, whatever the clock says. A restart forgets
/// everything.
pub struct MemoryInbox {
    capacity: usize,
    recorded: Mutex<Recorded>,
}

#[derive(Default)]
struct Recorded {
    keys: HashSet<Uuid>,
    /// Oldest first.
    by_age: VecDeque<Uuid>,
}

impl MemoryInbox {
    /// Makes an inbox that remembers the latest `capacity` events.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            recorded: Mutex::default(),
        }
    }

    /// How many events are remembered.
    pub fn len(&self) -> usize {
        self.lock().keys.len()
    }

    /// Whether no event is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, Recorded> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 100,000 events.
impl Default for MemoryInbox {
    fn default() -> Self {
        Self::new(100_000)
    }
}

impl fmt::Debug for MemoryInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryInbox")
            .field("capacity", &self.capacity)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl Inbox for MemoryInbox {
    type Error = Infallible;

    async fn seen(&self, key: Uuid) -> Result<bool, Infallible> {
        Ok(self.lock().keys.contains(&key))
    }

    async fn record(&self, key: Uuid) -> Result<(), Infallible> {
        let mut recorded = self.lock();
        if recorded.keys.insert(key) {
            recorded.by_age.push_back(key);
        }
        if recorded.by_age.len() > self.capacity
            && let Some(oldest) = recorded.by_age.pop_front()
        {
            recorded.keys.remove(&oldest);
        }
        Ok(())
    }
}
