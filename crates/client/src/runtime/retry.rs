//! The layer that sends calls again.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Method, Request, Response};
use tokio::time::{Instant, Sleep, sleep};
use tower::retry::Policy;
use tower::retry::budget::{Budget, TpsBudget};
use tower::util::rng::{HasherRng, Rng};

use super::attempt::Progress;
use super::error::is_transient;
use super::metrics::Metrics;
use super::trace::TARGET;
use super::{Body, BoxError, Error};

/// The header that identifies a call, so that it takes effect once however often it arrives.
pub(super) const IDEMPOTENCY_KEY: &str = "idempotency-key";

/// Picks a wait of at most this length.
pub(super) type Jitter = Arc<dyn Fn(Duration) -> Duration + Send + Sync>;

/// Any wait is as likely as any other.
pub(super) fn full_jitter(longest: Duration) -> Duration {
    longest.mul_f64(HasherRng::new().next_f64())
}

/// The retries of one client, as a policy of [`tower::retry`].
#[derive(Clone)]
pub(super) struct Retries {
    jitter: Jitter,
    budget: Arc<TpsBudget>,
    metrics: Metrics,
}

impl Retries {
    pub(super) fn new(jitter: Jitter, metrics: Metrics) -> Self {
        // In any 10 seconds: 1 retry a second, and 1 for every 10 calls that were served. If no call
        // is served, as in a storm of 503, a thousand calls within a minute make less than 1,100 attempts.
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
        if progress.spent() >= policy.attempts() {
            return Err(Refusal::Attempts);
        }
        let longest = policy.longest_wait(attempts);
        let asked = policy.granted(asked);
        let wait = (self.jitter)(longest).min(longest).saturating_add(asked);
        let in_time = progress.limits().deadline.is_none_or(|deadline| {
            Instant::now()
                .checked_add(wait)
                .is_some_and(|next| next < deadline)
        });
        if !in_time {
            return Err(Refusal::Deadline);
        }
        // Last, since asking uses up the budget.
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
    /// Its name, as an attribute of a metric.
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
                    target: TARGET,
                    { upvest.attempts = i64::from(attempts), upvest.retry.delay_ms = milliseconds },
                    "the call is sent again"
                );
                Some(sleep(wait))
            }
            Err(refusal) => {
                self.metrics.retry_refused(refusal.class());
                tracing::debug!(
                    target: TARGET,
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

/// The result of an attempt.
enum Verdict {
    /// The API answered, whatever the answer is.
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
    fn a_refusal_says_why_in_a_word_and_in_a_sentence() {
        for (refusal, class, text) in [
            (Refusal::Attempts, "attempts", "no attempts are left"),
            (Refusal::Deadline, "deadline", "longer than the call may"),
            (Refusal::Budget, "budget", "retried too much lately"),
        ] {
            assert_eq!(refusal.class(), class);
            assert!(refusal.to_string().ends_with(text), "{refusal}");
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
}
