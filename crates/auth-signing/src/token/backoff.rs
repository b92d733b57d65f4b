//! How long to wait before a token request is made again.

use std::time::Duration;

/// The longest wait before the second attempt. It doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// The longest wait: it is not doubled further.
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// The longest wait that a server is granted. If it asks for more, no further request is made.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(5);

/// The wait after this many attempts: full jitter, on top of what the server asks for. `None`
/// when that is too long to wait for.
pub(super) fn wait(attempts: u32, retry_after: Option<Duration>, jitter: f64) -> Option<Duration> {
    let asked = retry_after.unwrap_or_default();
    if asked > LONGEST_RETRY_AFTER {
        return None;
    }
    let doublings = attempts.saturating_sub(1).min(31);
    let limit = FIRST_WAIT.saturating_mul(1 << doublings).min(LONGEST_WAIT);
    Some(asked + limit.mul_f64(jitter))
}
