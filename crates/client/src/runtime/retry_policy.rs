//! Which calls are sent again, when, and how often.

use std::time::Duration;

/// How often a call is attempted, and how long to wait in between.
///
/// A call is sent again after 429, 502, 503, 504, and when its connection could not be made or
/// broke, if
///
/// - it may be repeated: it is a GET, HEAD, PUT or DELETE, or carries an idempotency key, which
///   stays the same;
/// - there are attempts left;
/// - the wait ends before the time of the whole call does
///   ([`ClientBuilder::timeout`](crate::ClientBuilder::timeout));
/// - the client has not retried too much already: it may retry one call for every ten that the API
///   served, and ten more in any ten seconds. So retries do not make an outage worse.
///
/// Otherwise, the call fails at once with the error of the last attempt. A call is not sent again
/// because its token could not be fetched: the layer that fetches tokens retries by itself. Every
/// attempt passes through the layers below again, so it has a valid token and its own
/// signature.
///
/// The wait before attempt *n* + 1 is random, between zero and `initial_delay` · 2ⁿ⁻¹, but at most
/// [`max_delay`](Self::max_delay). This "full jitter" keeps clients that failed together from
/// returning together. The wait that the API asks for by `retry-after` is added, up to
/// [`max_retry_after`](Self::max_retry_after).
///
/// ```
/// use std::time::Duration;
/// use upvest_client::RetryPolicy;
///
/// let patient = RetryPolicy::new().max_attempts(6).max_delay(Duration::from_secs(30));
/// let off = RetryPolicy::none();
/// # assert_ne!(patient, off);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "a policy does nothing until it is given to a client or a call"]
pub struct RetryPolicy {
    max_attempts: u32,
    initial_delay: Duration,
    max_delay: Duration,
    max_retry_after: Duration,
}

impl RetryPolicy {
    /// Makes a policy with at most 3 attempts, an initial delay of 0.2 seconds, a delay of at most
    /// 10 seconds, and up to 30 seconds if the API asks for them.
    pub const fn new() -> Self {
        Self {
            max_attempts: 3,
            initial_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(10),
            max_retry_after: Duration::from_secs(30),
        }
    }

    /// Makes a policy by which no call is sent again.
    pub const fn none() -> Self {
        Self::new().max_attempts(1)
    }

    /// How many attempts a call has, including the first one; 0 counts as 1. A call that is sent
    /// again after a 401 with a new token uses an attempt, except that a call with one attempt may
    /// do that in addition.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The longest wait before the second attempt. It doubles with each further one.
    pub const fn initial_delay(mut self, delay: Duration) -> Self {
        self.initial_delay = delay;
        self
    }

    /// The longest wait before any attempt, without the wait that the API asks for.
    pub const fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    /// How much of the wait that the API asks for by `retry-after` is granted.
    pub const fn max_retry_after(mut self, wait: Duration) -> Self {
        self.max_retry_after = wait;
        self
    }

    /// How many attempts a call has.
    pub(super) fn attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The longest wait after this many attempts, without the wait that the API asks for.
    pub(super) fn longest_wait(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1);
        self.initial_delay
            .saturating_mul(2_u32.saturating_pow(doublings))
            .min(self.max_delay)
    }

    /// How much is granted of a wait that the API asks for.
    pub(super) fn granted(&self, asked: Duration) -> Duration {
        asked.min(self.max_retry_after)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_do_not_overflow() {
        let policy = RetryPolicy::new()
            .initial_delay(Duration::MAX)
            .max_delay(Duration::MAX);
        assert_eq!(policy.longest_wait(u32::MAX), Duration::MAX);
        assert_eq!(
            RetryPolicy::new().longest_wait(u32::MAX),
            Duration::from_secs(10)
        );
    }
}
