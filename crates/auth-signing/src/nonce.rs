use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use uuid::Uuid;

use crate::crypto::sha256;

/// Where the nonces of signatures come from: [`RandomNonce`] in production, anything predictable in
/// tests. A closure `Fn() -> String` is a source too, and so is a shared source in an [`Arc`].
pub trait NonceSource: Send + Sync {
    /// Returns a value of visible ASCII characters that was never used before.
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
    /// The nonce cannot be remembered, for example because the store is full, so a replay could not
    /// be noticed.
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
/// A nonce is dropped when its room is needed and the time to remember it is over, and no earlier.
/// So a clock that is ahead for a while does not make the store forget nonces that are still
/// needed. When the store is full of nonces that are still needed, it refuses new ones. It keeps a
/// digest of each nonce, about 100 bytes, so the length of a nonce does not matter.
#[derive(Debug)]
pub struct MemoryNonceStore {
    capacity: usize,
    seen: Mutex<Seen>,
}

/// The SHA-256 of a key id and a nonce.
type Fingerprint = [u8; 32];

#[derive(Debug, Default)]
struct Seen {
    nonces: HashSet<Fingerprint>,
    by_age: BinaryHeap<Reverse<(SystemTime, Fingerprint)>>,
}

impl MemoryNonceStore {
    /// Makes a store that remembers at most `capacity` nonces at a time.
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
        let fingerprint = fingerprint(key_id, nonce);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.nonces.contains(&fingerprint) {
            return NonceVerdict::Replayed;
        }
        if seen.nonces.len() >= self.capacity && !seen.make_room(now) {
            return NonceVerdict::Full;
        }
        seen.nonces.insert(fingerprint);
        seen.by_age.push(Reverse((until, fingerprint)));
        NonceVerdict::Fresh
    }
}

impl Seen {
    /// Drops the nonce whose time ended first, if that has passed. Returns whether it was dropped.
    fn make_room(&mut self, now: SystemTime) -> bool {
        let Some(Reverse((until, fingerprint))) = self.by_age.peek() else {
            return false;
        };
        let is_past = *until < now;
        if is_past {
            self.nonces.remove(fingerprint);
            self.by_age.pop();
        }
        is_past
    }
}

fn fingerprint(key_id: &str, nonce: &str) -> Fingerprint {
    // Neither part can contain a line break: both are structured field strings.
    sha256([key_id, "\n", nonce].concat().as_bytes())
}
