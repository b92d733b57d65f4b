use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use upvest_models::Uuid;

/// How many events are counted at a time. An event that is not taken holds back the others of its
/// subscription, so there is at most one for each subscription.
const CAPACITY: usize = 1024;

/// How often events that are not done were passed to the handler.
#[derive(Debug, Default)]
pub(crate) struct Attempts {
    open: Mutex<HashMap<Uuid, Attempt>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Attempt {
    /// 1 for the first one.
    pub(crate) number: u32,
    /// When the first one was made.
    pub(crate) since: SystemTime,
}

impl Attempts {
    /// Counts an attempt. If there is no room, the event that has waited for the longest is
    /// forgotten.
    pub(crate) fn start(&self, key: Uuid, now: SystemTime) -> Attempt {
        let mut open = self.lock();
        if open.len() >= CAPACITY && !open.contains_key(&key) {
            let oldest = open.iter().min_by_key(|(_, attempt)| attempt.since);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                open.remove(&oldest);
            }
        }
        let attempt = open.entry(key).or_insert(Attempt {
            number: 0,
            since: now,
        });
        attempt.number = attempt.number.saturating_add(1);
        *attempt
    }

    /// The event is done.
    pub(crate) fn end(&self, key: Uuid) {
        self.lock().remove(&key);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Uuid, Attempt>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    fn start(attempts: &Attempts, key: usize, second: usize) -> u32 {
        let now = UNIX_EPOCH + Duration::from_secs(second as u64);
        attempts.start(Uuid::from_u128(key as u128), now).number
    }

    #[test]
    fn attempts_are_counted_until_the_event_is_done() {
        let attempts = Attempts::default();
        assert_eq!([1, 2].map(|second| start(&attempts, 7, second)), [1, 2]);
        attempts.end(Uuid::from_u128(7));
        assert_eq!(start(&attempts, 7, 3), 1);
    }

    #[test]
    fn a_new_event_takes_the_place_of_the_oldest_when_there_are_too_many() {
        let attempts = Attempts::default();
        for event in 0..CAPACITY {
            assert_eq!(start(&attempts, event, event), 1);
        }
        // All are counted. An event that is there already needs no further room.
        assert_eq!(start(&attempts, 0, CAPACITY), 2);
        assert_eq!(start(&attempts, 1, CAPACITY), 2);
        assert_eq!(start(&attempts, CAPACITY, CAPACITY), 1);
        assert_eq!(start(&attempts, 1, CAPACITY), 3);
        assert_eq!(start(&attempts, 0, CAPACITY), 1, "it was the oldest");
    }
}
