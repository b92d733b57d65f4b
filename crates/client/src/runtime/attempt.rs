//! One attempt at a call, from the request to the last byte of the response.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, response};
use http_body::Body as _;
use http_body_util::BodyExt;
use tokio::time::{Instant, timeout};
use tower::util::{BoxCloneSyncService, ServiceExt};

use super::received::Received;
use super::service::Service;
use super::{Body, Error, Hint, RetryPolicy};

/// How often token requests are made again on behalf of one call, in all its attempts.
#[cfg(feature = "auth")]
const MOST_TOKEN_RETRIES: u32 = 2;

/// What a call may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) retries: RetryPolicy,
    /// When it ends; `None` if that is later than an instant can be.
    pub(super) deadline: Option<Instant>,
    /// How long an attempt may take, up to the last byte of its response. Of one that is streamed:
    /// up to its head, and then from each part to the next.
    pub(super) attempt: Duration,
    pub(super) response_bytes: usize,
    /// Whether the body of a success is returned unread.
    pub(super) is_streamed: bool,
}

/// What a call may take and what has become of it so far. It travels with the request, and what has
/// arrived stays even if the rest does not follow, or if nobody waits for it any more.
#[derive(Clone)]
pub(crate) struct Progress(Arc<Inner>);

struct Inner {
    limits: Limits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    attempts: u32,
    /// When the time of the last attempt is over; `None` if that is later than an instant can be.
    ends: Option<Instant>,
    sent: u32,
    #[cfg(feature = "auth")]
    extra: Extra,
    arriving: Option<Arriving>,
}

/// The requests that a call causes besides its attempts.
#[cfg(feature = "auth")]
#[derive(Default)]
struct Extra {
    replays: u32,
    token_retries: u32,
}

#[cfg(feature = "auth")]
impl Progress {
    /// Whether the call may be sent once more within its attempt, after a 401. It counts as an
    /// attempt, except the first one of a call that has only one attempt.
    pub(crate) fn allows_replay(&self) -> bool {
        let most = self.limits().retries.attempts().max(2);
        let mut state = self.state();
        let allows = state.attempts + state.extra.replays < most;
        state.extra.replays += u32::from(allows);
        allows
    }

    /// Whether a token request may be made once more on behalf of the call, in all its attempts.
    pub(crate) fn allows_token_retry(&self) -> bool {
        let mut state = self.state();
        let allows = state.extra.token_retries < MOST_TOKEN_RETRIES;
        state.extra.token_retries += u32::from(allows);
        allows
    }
}

impl Progress {
    pub(super) fn new(limits: Limits) -> Self {
        Self(Arc::new(Inner {
            limits,
            state: Mutex::default(),
        }))
    }

    /// The budget of the call that a request belongs to.
    pub(crate) fn of<B>(request: &Request<B>) -> Option<&Self> {
        request.extensions().get()
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// How many attempts have begun.
    pub(super) fn attempts(&self) -> u32 {
        self.state().attempts
    }

    /// How many of its attempts are spent, with what was sent again within them.
    pub(super) fn spent(&self) -> u32 {
        let state = self.state();
        #[cfg(feature = "auth")]
        return state.attempts + state.extra.replays;
        #[cfg(not(feature = "auth"))]
        return state.attempts;
    }

    /// Whether the time of the attempt or of the whole call is over.
    pub(super) fn is_late(&self) -> bool {
        let now = Instant::now();
        let ends = [self.state().ends, self.0.limits.deadline];
        ends.into_iter().flatten().any(|end| now >= end)
    }

    /// Counts a request on its way out: how many there were before it. One attempt may take
    /// several.
    pub(super) fn count_sent(&self) -> u32 {
        let mut state = self.state();
        state.sent += 1;
        state.sent - 1
    }

    /// What has arrived of the last attempt.
    pub(super) fn received(&self) -> Option<Received> {
        self.state().arriving.as_ref().map(Arriving::received)
    }

    /// The body of what has arrived of the last attempt; empty if nothing has arrived.
    fn body(&self) -> Bytes {
        let state = self.state();
        state
            .arriving
            .as_ref()
            .map(Arriving::body)
            .unwrap_or_default()
    }

    fn begin_attempt(&self) {
        let mut state = self.state();
        state.attempts += 1;
        state.ends = Instant::now().checked_add(self.0.limits.attempt);
        state.arriving = None;
    }

    /// Notes that a response begins to arrive.
    fn begin_response(&self, head: &response::Parts) {
        self.state().arriving = Some(Arriving {
            status: head.status,
            headers: head.headers.clone(),
            hint: head.extensions.get().cloned(),
            length: 0,
            chunks: Vec::new(),
        });
    }

    /// Adds to the response, unless it gets too long.
    fn push(&self, chunk: Bytes) -> Result<(), Error> {
        if let Some(arriving) = &mut self.state().arriving {
            arriving.length = arriving.length.saturating_add(chunk.len());
            if arriving.length > self.0.limits.response_bytes {
                return Err(Error::too_large(self.0.limits.response_bytes));
            }
            arriving.chunks.push(chunk);
        }
        Ok(())
    }

    /// Reads a response to its end.
    pub(super) async fn receive(
        &self,
        response: http::Response<Body>,
    ) -> Result<response::Parts, Error> {
        let (head, mut body) = response.into_parts();
        self.begin_response(&head);
        let limit = self.0.limits.response_bytes;
        if usize::try_from(body.size_hint().lower()).map_or(true, |announced| announced > limit) {
            return Err(Error::too_large(limit));
        }
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(Error::from_service)?;
            if let Ok(data) = frame.into_data() {
                self.push(data)?;
            }
        }
        Ok(head)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A response of which there may be more to come.
struct Arriving {
    status: StatusCode,
    headers: HeaderMap,
    hint: Option<Hint>,
    length: usize,
    chunks: Vec<Bytes>,
}

impl Arriving {
    fn received(&self) -> Received {
        Received {
            status: self.status,
            headers: self.headers.clone(),
            hint: self.hint.clone(),
            body: self.body(),
        }
    }

    fn body(&self) -> Bytes {
        match self.chunks.as_slice() {
            [] => Bytes::new(),
            [whole] => whole.clone(),
            chunks => chunks.concat().into(),
        }
    }
}

/// The layer below retries: it counts the attempts, and reads each response to its end, so that one
/// that breaks off or stalls is a failed attempt, and a connection is free again before the next.
pub(super) fn around(inner: Service) -> Service {
    BoxCloneSyncService::new(tower::service_fn(move |request: Request<Bytes>| {
        let inner = inner.clone();
        async move {
            let Some(progress) = Progress::of(&request).cloned() else {
                return inner.oneshot(request).await;
            };
            progress.begin_attempt();
            let limit = progress.limits().attempt;
            timeout(limit, attempt(inner, request, &progress))
                .await
                .unwrap_or_else(|_| Err(Error::attempt_timeout(limit, progress.received())))
                .map_err(Into::into)
        }
    }))
}

async fn attempt(
    inner: Service,
    request: Request<Bytes>,
    progress: &Progress,
) -> Result<http::Response<Body>, Error> {
    let response = inner.oneshot(request).await.map_err(Error::from_service)?;
    if progress.limits().is_streamed && response.status().is_success() {
        return Ok(response);
    }
    let head = progress.receive(response).await?;
    Ok(http::Response::from_parts(head, progress.body().into()))
}

#[cfg(test)]
#[cfg(feature = "auth")]
mod tests {
    use super::*;

    fn progress(retries: RetryPolicy) -> Progress {
        Progress::new(Limits {
            retries,
            deadline: None,
            attempt: Duration::MAX,
            response_bytes: 0,
            is_streamed: false,
        })
    }

    #[test]
    fn replays_count_as_attempts_and_one_is_always_allowed() {
        for (policy, expected) in [
            (RetryPolicy::none(), [true, false]),
            (RetryPolicy::new().max_attempts(2), [true, false]),
            (RetryPolicy::new().max_attempts(3), [true, true]),
        ] {
            let progress = progress(policy);
            progress.begin_attempt();
            assert_eq!(
                [progress.allows_replay(), progress.allows_replay()],
                expected
            );
            assert_eq!(
                progress.spent(),
                1 + expected.map(u32::from).iter().sum::<u32>()
            );
        }
    }

    #[test]
    fn token_requests_are_made_again_twice_for_all_attempts_together() {
        let progress = progress(RetryPolicy::new());
        let mut allowed = 0;
        for _ in 0..3 {
            progress.begin_attempt();
            allowed += (0..3).filter(|_| progress.allows_token_retry()).count();
        }
        assert_eq!(allowed, 2);
    }
}
