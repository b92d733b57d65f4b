//! Which calls are sent again, when, and how often.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use tokio::time::{Instant, Sleep, sleep};
use tower::retry::Policy;
use tower::retry::budget::{Budget, TpsBudget};
use tower::util::rng::{HasherRng, Rng};

use super::attempt::Progress;
use super::metrics::Metrics;
use super::{Body, BoxError, Error};

/// The header that names a call, so that it takes effect once however often it arrives.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// How often a call is attempted, and how long to wait in between.
///
/// A call is sent again after 429, 502, 503, 504, and when its connection did not come about or
/// broke off, if
///
/// - it may be repeated: it is a GET, HEAD, PUT or DELETE, or carries an idempotency key, which
///   stays the same;
/// - there are attempts left;
/// - the wait ends before the time of the whole call does
///   ([`ClientBuilder::timeout`](crate::ClientBuilder::timeout));
/// - the client has not retried too much already: for ten calls that the API served it may retry
///   one, and besides ten in any ten seconds. So retries do not make an outage worse.
///
/// If not, the last answer is the error of the call, at once. A token that cannot be had is no reason
/// to send a call again: the layer that fetches tokens tries again by itself. Every attempt passes anew through the
/// layers below, so it has a token that is valid then and a signature of its own.
///
/// The wait before attempt *n* + 1 is random, between nothing and `initial_delay` · 2ⁿ⁻¹, but at
/// most [`max_delay`](Self::max_delay): "full jitter", so that clients that failed together do not
/// come back together. What the API asks for by `retry-after` is added, up to
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
    /// At most 3 attempts, 0.2 seconds at first, at most 10, and up to 30 if the API asks for it.
    pub const fn new() -> Self {
        Self {
            max_attempts: 3,
            initial_delay: Duration::from_millis(200),
            max_delay: Duration::from_secs(10),
            max_retry_after: Duration::from_secs(30),
        }
    }

    /// Nothing is sent again.
    pub const fn none() -> Self {
        Self::new().max_attempts(1)
    }

    /// How many attempts a call has, the first one included. With 0 there is still that one. What is
    /// sent again after a 401, with a new token, counts as an attempt; a call with one attempt has that
    /// besides.
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// The longest wait before the second attempt. It doubles with each further one.
    pub const fn initial_delay(mut self, delay: Duration) -> Self {
        self.initial_delay = delay;
        self
    }

    /// The longest wait before any attempt, but for what the API asks for.
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
    #[cfg(feature = "auth")]
    pub(super) fn attempts(&self) -> u32 {
        self.max_attempts
    }

    /// The longest wait after so many attempts, before what the API asks for.
    fn longest_wait(&self, attempts: u32) -> Duration {
        let doublings = attempts.saturating_sub(1);
        self.initial_delay
            .saturating_mul(2_u32.saturating_pow(doublings))
            .min(self.max_delay)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

/// Statuses that pass: the same call may get another one a little later.
pub(super) fn is_transient(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

/// Picks a wait of at most this length.
pub(super) type Jitter = Arc<dyn Fn(Duration) -> Duration + Send + Sync>;

/// Any wait is as likely as any other.
pub(super) fn full_jitter(longest: Duration) -> Duration {
    longest.mul_f64(HasherRng::new().next_f64())
}

/// The retries of one client, as [`tower::retry`] wants to be told.
#[derive(Clone)]
pub(super) struct Retries {
    jitter: Jitter,
    budget: Arc<TpsBudget>,
    metrics: Metrics,
}

impl Retries {
    pub(super) fn new(jitter: Jitter, metrics: Metrics) -> Self {
        // In any 10 seconds: 1 retry a second, and 1 for every 10 calls that were served. If none
        // is, as in a storm of 503, a thousand calls within a minute make less than 1,100 attempts.
        let budget = TpsBudget::new(Duration::from_secs(10), 1, 0.1);
        Self {
            jitter,
            budget: Arc::new(budget),
            metrics,
        }
    }

    /// How long to wait before the next attempt, if there is to be one.
    fn wait(&self, progress: &Progress, asked: Duration) -> Result<Duration, Refusal> {
        let (policy, attempts) = (progress.limits().retries, progress.attempts());
        if progress.spent() >= policy.max_attempts {
            return Err(Refusal::Attempts);
        }
        let longest = policy.longest_wait(attempts);
        let asked = asked.min(policy.max_retry_after);
        let wait = (self.jitter)(longest).min(longest).saturating_add(asked);
        let in_time = progress.limits().deadline.is_none_or(|deadline| {
            Instant::now()
                .checked_add(wait)
                .is_some_and(|next| next < deadline)
        });
        if !in_time {
            return Err(Refusal::Deadline);
        }
        // Last, since asking takes from it.
        if !self.budget.withdraw() {
            return Err(Refusal::Budget);
        }
        Ok(wait)
    }
}

/// Why there is no further attempt.
enum Refusal {
    Attempts,
    Deadline,
    Budget,
}

impl Refusal {
    /// What it is, in the one word that a metric takes.
    fn class(&self) -> &'static str {
        match self {
            Self::Attempts => "attempts",
            Self::Deadline => "deadline",
            Self::Budget => "budget",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Attempts => "no attempts are left",
            Self::Deadline => "the wait would take longer than the call may",
            Self::Budget => "the client has retried too much lately",
        })
    }
}

impl Policy<Request<Bytes>, Response<Body>, BoxError> for Retries {
    type Future = Sleep;

    fn retry(
        &mut self,
        request: &mut Request<Bytes>,
        result: &mut Result<Response<Body>, BoxError>,
    ) -> Option<Sleep> {
        let progress = Progress::of(request)?;
        let asked = match Verdict::of(result) {
            Verdict::Served => {
                self.budget.deposit();
                return None;
            }
            Verdict::Final => return None,
            Verdict::Passing { asked } => asked,
        };
        let attempts = progress.attempts();
        match self.wait(progress, asked) {
            Ok(wait) => {
                let milliseconds = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
                tracing::debug!(
                    target: super::trace::TARGET,
                    { upvest.attempts = i64::from(attempts), upvest.retry.delay_ms = milliseconds },
                    "the call is sent again"
                );
                Some(sleep(wait))
            }
            Err(refusal) => {
                self.metrics.retry_refused(refusal.class());
                tracing::debug!(
                    target: super::trace::TARGET,
                    { upvest.attempts = i64::from(attempts) },
                    "the call is not sent again: {refusal}"
                );
                None
            }
        }
    }

    fn clone_request(&mut self, request: &Request<Bytes>) -> Option<Request<Bytes>> {
        may_be_repeated(request).then(|| request.clone())
    }
}

/// Whether a request takes effect once, however often it arrives.
fn may_be_repeated(request: &Request<Bytes>) -> bool {
    let is_idempotent = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::PUT | Method::DELETE
    );
    is_idempotent || request.headers().contains_key(IDEMPOTENCY_KEY)
}

/// What an attempt came to.
enum Verdict {
    /// The API is there, whatever it said.
    Served,
    /// A failure that another attempt would not change.
    Final,
    /// A failure that may pass, and how long the API asks to wait.
    Passing { asked: Duration },
}

impl Verdict {
    fn of(result: &Result<Response<Body>, BoxError>) -> Self {
        let asked = match result {
            Ok(response) if is_transient(response.status()) => {
                upvest_http::retry_after(response.headers(), SystemTime::now())
            }
            Ok(_) => return Self::Served,
            Err(error) => match error.downcast_ref::<Error>() {
                Some(error) if error.may_be_retried() => error.retry_after(),
                _ => return Self::Final,
            },
        };
        Self::Passing {
            asked: asked.unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn may_repeat(method: Method, key: Option<&'static str>) -> bool {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = method;
        if let Some(key) = key {
            request
                .headers_mut()
                .insert(IDEMPOTENCY_KEY, key.parse().unwrap());
        }
        may_be_repeated(&request)
    }

    #[test]
    fn only_what_changes_nothing_twice_may_be_repeated() {
        for method in [Method::POST, Method::PATCH, Method::CONNECT] {
            assert!(!may_repeat(method.clone(), None), "{method}");
            assert!(may_repeat(method.clone(), Some("k")), "{method}");
        }
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::DELETE] {
            assert!(may_repeat(method.clone(), None), "{method}");
        }
    }

    #[test]
    fn full_jitter_reaches_the_whole_wait_and_no_further() {
        let longest = Duration::from_secs(8);
        let waits: Vec<Duration> = (0..1_000).map(|_| full_jitter(longest)).collect();
        assert!(waits.iter().all(|wait| *wait <= longest));
        for eighth in 0..8 {
            let part = Duration::from_secs(eighth)..Duration::from_secs(eighth + 1);
            assert!(waits.iter().any(|wait| part.contains(wait)), "{part:?}");
        }
        assert_eq!(full_jitter(Duration::ZERO), Duration::ZERO);
    }

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
