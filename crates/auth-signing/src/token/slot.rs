//! The state of the token for one set of scopes.

use std::time::{Duration, SystemTime};

use futures_util::future::{Shared, WeakShared};

use super::TokenError;
use super::fetch::{Fetch, Need};

/// How long a token that is still valid is used after an attempt to replace it, before the
/// next attempt.
const PAUSE_WHILE_VALID: Duration = Duration::from_secs(5);

/// How long callers share a failure when there is no token, before the next attempt.
const PAUSE_WITHOUT_TOKEN: Duration = Duration::from_secs(1);

/// The longest pause that a server is granted.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// How long after a token was replaced because a call was refused (401) the next such replacement
/// may be made.
const PAUSE_AFTER_REFUSAL: Duration = Duration::from_secs(1);

/// The state of the token for one set of scopes: the token, a fetch in flight, the last failure.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) fetch: Option<WeakShared<Fetch>>,
    pub(super) tried: Option<Tried>,
    /// When a token was last dropped because a call was refused (401) with it.
    pub(super) refused_at: Option<SystemTime>,
}

impl Slot {
    /// The request that is under way.
    pub(super) fn in_flight(&self) -> Option<Shared<Fetch>> {
        self.fetch.as_ref().and_then(WeakShared::upgrade)
    }

    /// The last attempt, if it is too early for another one.
    pub(super) fn recently_tried(&self, need: Need, now: SystemTime) -> Option<&Tried> {
        self.tried.as_ref().filter(|t| t.is_recent(need, now))
    }

    /// Whether a token was dropped after a 401 so recently that the next one is kept even if it is
    /// refused.
    pub(super) fn recently_refused(&self, now: SystemTime) -> bool {
        self.refused_at
            .is_some_and(|at| is_within(PAUSE_AFTER_REFUSAL, at, now))
    }

    /// Whether there is something to remember besides the token.
    pub(super) fn is_busy(&self, now: SystemTime) -> bool {
        self.in_flight().is_some()
            || self.recently_tried(Need::Now, now).is_some()
            || self.recently_refused(now)
    }
}

/// The last attempt to fetch a token, as long as it was not successful.
pub(super) struct Tried {
    pub(super) need: Need,
    /// When it failed, or else when it began.
    pub(super) at: SystemTime,
    pub(super) error: Option<TokenError>,
}

impl Tried {
    /// Whether it is too early for another attempt.
    fn is_recent(&self, need: Need, now: SystemTime) -> bool {
        let pause = match (need, self.need, &self.error) {
            (Need::Ahead, ..) => PAUSE_WHILE_VALID,
            (Need::Now, Need::Now, Some(_)) => PAUSE_WITHOUT_TOKEN,
            // It was given up, or it was a single attempt where there was no hurry yet.
            (Need::Now, ..) => Duration::ZERO,
        };
        let asked = self.error.as_ref().and_then(TokenError::retry_after);
        is_within(
            pause.max(asked.unwrap_or_default().min(LONGEST_PAUSE)),
            self.at,
            now,
        )
    }
}

/// Whether it is less than `pause` since `since`. A clock that was set back does not matter here.
fn is_within(pause: Duration, since: SystemTime, now: SystemTime) -> bool {
    now.duration_since(since)
        .is_ok_and(|elapsed| elapsed < pause)
}
