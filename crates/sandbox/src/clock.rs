use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use upvest_auth_signing::Clock;

/// A clock that can be wrong.
pub(crate) struct SkewedClock {
    right: Arc<dyn Clock>,
    offset_seconds: AtomicI32,
}

impl SkewedClock {
    pub(crate) fn new(right: Arc<dyn Clock>) -> Self {
        Self {
            right,
            offset_seconds: AtomicI32::new(0),
        }
    }

    pub(crate) fn set_offset(&self, seconds: i32) {
        self.offset_seconds.store(seconds, Ordering::Relaxed);
    }
}

impl Clock for SkewedClock {
    fn now(&self) -> SystemTime {
        let seconds = self.offset_seconds.load(Ordering::Relaxed);
        let offset = Duration::from_secs(seconds.unsigned_abs().into());
        match seconds {
            0.. => self.right.now() + offset,
            // Nobody dates anything before 1970.
            _ => (self.right.now() - offset).max(UNIX_EPOCH),
        }
    }
}
