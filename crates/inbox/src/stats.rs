use std::time::Duration;

use serde::{Serialize, Serializer};
use upvest_models::{DateTime, Utc};

/// How an inbox is doing. See [`Inbox::stats`](crate::Inbox::stats).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// How many events are to be done, those that are being worked on and those that wait for another
    /// attempt included, parked ones not.
    pub depth: u64,
    /// How many of these are of entities that are being worked on.
    pub claimed: u64,
    /// How many of these have failed before.
    pub failed: u64,
    /// How many events are parked.
    pub parked: u64,
    /// When the oldest event that is to be done came about.
    pub oldest: Option<DateTime<Utc>>,
    /// How long ago that was. In JSON it is `lag_seconds`, a number.
    #[serde(rename = "lag_seconds", serialize_with = "seconds")]
    pub lag: Duration,
}

fn seconds<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
