use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use chrono::{DateTime, Utc};
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
            // No time is before 1970.
            _ => (self.right.now() - offset).max(UNIX_EPOCH),
        }
    }
}

/// The time by which the API books: ahead of the clock by the time that was skipped. Signatures and
/// tokens use the clock itself.
pub(crate) struct Calendar {
    clock: Arc<SkewedClock>,
    skipped_micros: AtomicU64,
}

impl Calendar {
    pub(crate) fn new(clock: Arc<SkewedClock>) -> Self {
        Self {
            clock,
            skipped_micros: AtomicU64::new(0),
        }
    }

    pub(crate) fn skip(&self, time: Duration) {
        let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let skip = |skipped: u64| Some(skipped.saturating_add(micros));
        // The closure always returns something.
        let _ = self
            .skipped_micros
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, skip);
    }

    /// Now, in whole microseconds.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        let since = self.clock.now().duration_since(UNIX_EPOCH);
        let micros = since.unwrap_or_default().as_micros();
        let micros = u64::try_from(micros).unwrap_or(u64::MAX);
        let micros = micros.saturating_add(self.skipped_micros.load(Ordering::SeqCst));
        at(i64::try_from(micros).unwrap_or(i64::MAX))
    }
}

/// The time this many microseconds after 1970.
pub(crate) fn at(micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
