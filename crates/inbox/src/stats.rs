use std::time::Duration;

use serde::{Serialize, Serializer};
use upvest_models::{DateTime, Utc};

/// The state of an inbox. See [`Inbox::stats`](crate::Inbox::stats).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// How many events are still to be done, including those that are being handled and those that
    /// wait for another attempt, without parked events.
    pub depth: u64,
    /// How many of these belong to entities that a worker has claimed.
    pub claimed: u64,
    /// How many of these have failed before.
    pub failed: u64,
    /// How many events are parked.
    pub parked: u64,
    /// When the oldest event that is still to be done happened (UTC).
    pub oldest: Option<DateTime<Utc>>,
    /// How long ago that was. In JSON, it is `lag_seconds`, a number of seconds.
    #[serde(rename = "lag_seconds", serialize_with = "seconds")]
    pub lag: Duration,
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
