//! Times as the tables have them: nanoseconds since 1970-01-01T00:00:00Z.

use std::time::{Duration, SystemTime};

use upvest_models::{DateTime, Utc};

/// A time before 1677 or after 2262 counts as the first or the last moment of that range.
pub(crate) fn nanos(time: DateTime<Utc>) -> i64 {
    let limit = if time.timestamp() < 0 {
        i64::MIN
    } else {
        i64::MAX
    };
    time.timestamp_nanos_opt().unwrap_or(limit)
}

pub(crate) fn system_nanos(time: SystemTime) -> i64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => duration_nanos(after),
        Err(before) => -duration_nanos(before.duration()),
    }
}

pub(crate) fn date_time(nanos: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_nanos(nanos)
}

pub(crate) fn duration_nanos(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)
}
