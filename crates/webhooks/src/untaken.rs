use std::collections::VecDeque;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use sha2::{Digest, Sha256};
use upvest_auth_signing::header::{SIGNATURE, SIGNATURE_INPUT};

/// How many deliveries are remembered that were verified and not yet taken, and for how long after
/// the last attempt. Attempts are at most 10 minutes apart.
const CAPACITY: usize = 1024;
const RETENTION: Duration = Duration::from_secs(3_600);

/// Deliveries that were verified and not yet taken.
#[derive(Debug, Default)]
pub(crate) struct Untaken {
    /// With the time of the last attempt, oldest first.
    attempts: Mutex<VecDeque<(SystemTime, Fingerprint)>>,
}

/// The SHA-256 of the signature of a delivery, byte for byte.
#[derive(Clone, Copy, PartialEq)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut digest = Sha256::new();
        for line in [SIGNATURE_INPUT, SIGNATURE]
            .iter()
            .flat_map(|name| headers.get_all(name))
        {
            digest.update(line.as_bytes());
            digest.update(b"\n");
        }
        Self(digest.finalize().into())
    }
}

/// The digest is not shown: it means nothing to a reader.
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint")
    }
}

impl Untaken {
    /// Whether the delivery was passed before, recently, and was not taken since.
    pub(crate) fn contains(&self, fingerprint: Fingerprint, now: SystemTime) -> bool {
        let is_recent = |since| now.duration_since(since).is_ok_and(|age| age <= RETENTION);
        self.lock()
            .iter()
            .any(|(attempt, untaken)| *untaken == fingerprint && is_recent(*attempt))
    }

    /// Records an attempt. If there is no room, the delivery with the earliest last attempt is
    /// forgotten.
    pub(crate) fn insert(&self, fingerprint: Fingerprint, now: SystemTime) {
        let mut attempts = self.lock();
        attempts.retain(|(_, other)| *other != fingerprint);
        if attempts.len() >= CAPACITY {
            attempts.pop_front();
        }
        attempts.push_back((now, fingerprint));
    }

    pub(crate) fn remove(&self, fingerprint: Fingerprint) {
        self.lock().retain(|(_, untaken)| *untaken != fingerprint);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(SystemTime, Fingerprint)>> {
        self.attempts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_fingerprint_is_shown() {
        let fingerprint = Fingerprint::of(&HeaderMap::new());
        assert_eq!(format!("{fingerprint:?}"), "Fingerprint");
    }
}
