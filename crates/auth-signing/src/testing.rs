//! For tests: a clock that tests can set.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::Clock;

/// A clock that stands still until a test sets it. Clones share their time, which is kept in
/// milliseconds.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
/// use upvest_auth_signing::Clock;
/// use upvest_auth_signing::testing::ManualClock;
///
/// let clock = ManualClock::at(1_700_000_000);
/// let same = clock.clone();
/// clock.advance(Duration::from_millis(1_500));
/// assert_eq!(same.now(), UNIX_EPOCH + Duration::from_millis(1_700_000_001_500));
/// ```
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicU64>);

impl ManualClock {
    /// The time at which [`new`](Self::new) starts: 2021-10-06 14:14:19 UTC, in seconds since 1970.
    pub const START: u64 = 1_633_529_659;

    /// Makes a clock that starts at [`START`](Self::START).
    pub fn new() -> Self {
        Self::at(Self::START)
    }

    /// Makes a clock that starts this many seconds after 1970-01-01 00:00:00 UTC.
    pub fn at(seconds: u64) -> Self {
        let clock = Self(Arc::default());
        clock.set(seconds);
        clock
    }

    /// Sets the clock forward.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(millis(by), Ordering::SeqCst);
    }

    /// Sets the clock to this many seconds after 1970-01-01 00:00:00 UTC.
    pub fn set(&self, seconds: u64) {
        let time = millis(Duration::from_secs(seconds));
        self.0.store(time, Ordering::SeqCst);
    }
}

/// As whole milliseconds: what is longer than 584 million years counts as that.
fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(self.0.load(Ordering::SeqCst))
    }
}
