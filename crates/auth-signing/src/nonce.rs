use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use uuid::Uuid;

/// Where the nonces of signatures come from: [`RandomNonce`] in production, anything
/// predictable in tests. A closure `Fn() -> String` is a source too, and so is a shared source in
/// an [`Arc`].
pub trait NonceSource: Send + Sync {
    /// A value that was never used before: visible ASCII.
    fn nonce(&self) -> String;
}

impl<F> NonceSource for F
where
    F: Fn() -> String + Send + Sync,
{
    fn nonce(&self) -> String {
        self()
    }
}

impl<N: NonceSource + ?Sized> NonceSource for Arc<N> {
    fn nonce(&self) -> String {
        (**self).nonce()
    }
}

impl fmt::Debug for dyn NonceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NonceSource")
    }
}

/// Random UUIDs (version 4), which Upvest's own Python and JavaScript clients send as well.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomNonce;

impl NonceSource for RandomNonce {
    fn nonce(&self) -> String {
        Uuid::new_v4().to_string()
    }
}

/// What a [`NonceStore`] says about a nonce.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NonceVerdict {
    /// Not seen before; it is remembered now.
    Fresh,
    /// Seen before with this key: the request is a replay.
    Replayed,
    /// It cannot be remembered, so a replay could not be noticed.
    Full,
}

/// Remembers which nonces were used, so that a captured request cannot be sent again.
pub trait NonceStore: Send + Sync {
    /// Remembers that `nonce` was used with the key `key_id`, at least until `until`, after
    /// which the signature is refused for its age anyway. `now` is the verifier's clock.
    fn remember(
        &self,
        key_id: &str,
        nonce: &str,
        until: SystemTime,
        now: SystemTime,
    ) -> NonceVerdict;
}

impl<N: NonceStore + ?Sized> NonceStore for Arc<N> {
    fn remember(
        &self,
        key_id: &str,
        nonce: &str,
        until: SystemTime,
        now: SystemTime,
    ) -> NonceVerdict {
        (**self).remember(key_id, nonce, until, now)
    }
}

impl fmt::Debug for dyn NonceStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NonceStore")
    }
}

/// A [`NonceStore`] in the memory of this process, bounded.
///
/// Nonces are dropped once the time to remember them is over. When it is full of nonces that
/// still count, new ones are refused rather than old ones forgotten.
#[derive(Debug)]
pub struct MemoryNonceStore {
    capacity: usize,
    seen: Mutex<Seen>,
}

#[derive(Debug, Default)]
struct Seen {
    nonces: HashSet<Arc<str>>,
    by_age: BinaryHeap<Reverse<(SystemTime, Arc<str>)>>,
}

impl MemoryNonceStore {
    /// A store that remembers at most `capacity` nonces at a time.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            seen: Mutex::default(),
        }
    }
}

/// Room for 100,000 nonces.
impl Default for MemoryNonceStore {
    fn default() -> Self {
        Self::new(100_000)
    }
}

impl NonceStore for MemoryNonceStore {
    fn remember(
        &self,
        key_id: &str,
        nonce: &str,
        until: SystemTime,
        now: SystemTime,
    ) -> NonceVerdict {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        while seen
            .by_age
            .peek()
            .is_some_and(|Reverse((until, _))| *until < now)
        {
            if let Some(Reverse((_, entry))) = seen.by_age.pop() {
                seen.nonces.remove(&entry);
            }
        }

        // Neither part can contain a line break: both are structured field strings.
        let entry: Arc<str> = format!("{key_id}\n{nonce}").into();
        if seen.nonces.contains(&entry) {
            return NonceVerdict::Replayed;
        }
        if seen.nonces.len() >= self.capacity {
            return NonceVerdict::Full;
        }
        seen.nonces.insert(Arc::clone(&entry));
        seen.by_age.push(Reverse((until, entry)));
        NonceVerdict::Fresh
    }
}
