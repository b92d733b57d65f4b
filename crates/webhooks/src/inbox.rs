use std::collections::{HashSet, VecDeque};
use std::convert::Infallible;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tower::BoxError;
use upvest_auth_signing::{Clock, SystemClock};
use upvest_models::Uuid;

/// Remembers which events were handled, so that each is handled once although it is delivered at
/// least once.
///
/// [`MemoryInbox`] is one. In production, use a table beside the data that the events change: it
/// outlives a restart, and serves several processes.
///
/// # Exactly once
///
/// A crash after an event was handled and before it was recorded makes it come again. There is one
/// way out: let the handler record it, in the same transaction in which it takes effect. It writes
/// the [`key`](crate::Event::key) of the event, under a unique constraint, along with everything
/// else. [`seen`](Self::seen) reads it, and [`record`](Self::record), which comes next, finds it
/// there.
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
/// Within a process, no event is handed out twice at a time. Between processes, the unique constraint
/// sees to it: the later transaction fails, and the repetition finds the event seen.
pub trait Inbox: Send + Sync {
    /// Why it cannot be asked. The delivery is answered with 503 then, so that it comes again.
    type Error: Into<BoxError>;

    /// Whether the event with this key was handled before.
    fn seen(&self, key: Uuid) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Remembers that the event with this key was handled. Doing so twice is no error.
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

/// An [`Inbox`] in the memory of this process, bounded by time and by number.
///
/// Events are remembered for 24 hours, 100,000 of them at most (some 7 MB); beyond that, the oldest
/// are forgotten first. That is far longer than a [`Verifier`](crate::Verifier) accepts one and the
/// same signature, so that nobody gets an event in twice by sending it again. A restart forgets
/// everything.
pub struct MemoryInbox {
    clock: Arc<dyn Clock>,
    retention: Duration,
    capacity: usize,
    recorded: Mutex<Recorded>,
}

#[derive(Default)]
struct Recorded {
    keys: HashSet<Uuid>,
    by_age: VecDeque<(SystemTime, Uuid)>,
}

impl MemoryInbox {
    /// An inbox with these bounds.
    pub fn new(retention: Duration, capacity: usize) -> Self {
        Self {
            clock: Arc::new(SystemClock),
            retention,
            capacity,
            recorded: Mutex::default(),
        }
    }

    /// The clock that age is measured by.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// How many events are remembered.
    pub fn len(&self) -> usize {
        self.with(|recorded| recorded.keys.len())
    }

    /// Whether no event is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Looks at what is not forgotten.
    fn with<T>(&self, look: impl FnOnce(&mut Recorded) -> T) -> T {
        let now = self.clock.now();
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        let is_past = |since| {
            now.duration_since(since)
                .is_ok_and(|age| age > self.retention)
        };
        while recorded
            .by_age
            .front()
            .is_some_and(|(since, _)| is_past(*since))
        {
            recorded.forget_oldest();
        }
        let outcome = look(&mut recorded);
        while recorded.by_age.len() > self.capacity {
            recorded.forget_oldest();
        }
        outcome
    }
}

impl Recorded {
    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.by_age.pop_front() {
            self.keys.remove(&key);
        }
    }
}

/// 24 hours, 100,000 events.
impl Default for MemoryInbox {
    fn default() -> Self {
        Self::new(Duration::from_secs(24 * 60 * 60), 100_000)
    }
}

impl fmt::Debug for MemoryInbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryInbox")
            .field("retention", &self.retention)
            .field("capacity", &self.capacity)
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl Inbox for MemoryInbox {
    type Error = Infallible;

    async fn seen(&self, key: Uuid) -> Result<bool, Infallible> {
        Ok(self.with(|recorded| recorded.keys.contains(&key)))
    }

    async fn record(&self, key: Uuid) -> Result<(), Infallible> {
        let now = self.clock.now();
        self.with(|recorded| {
            if recorded.keys.insert(key) {
                recorded.by_age.push_back((now, key));
            }
        });
        Ok(())
    }
}
