//! The time.

use std::time::SystemTime;

use upvest::models::{DateTime, Utc};

/// This moment.
pub(crate) fn now() -> DateTime<Utc> {
    let since = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let seconds = i64::try_from(since.as_secs()).unwrap_or_default();
    DateTime::from_timestamp(seconds, since.subsec_nanos()).unwrap_or_default()
}

/// The time of the day, in UTC.
pub(crate) fn time_of_day() -> String {
    now().format("%H:%M:%S").to_string()
}
