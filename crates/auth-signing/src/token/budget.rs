use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A request that a call is about to cause, beyond the first one of its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExtraRequest {
    /// The call is sent once more after a 401, with a new token or signed with another key.
    Replay,
    /// A token request is made once more after one that failed.
    TokenRetry,
}

/// How many requests beyond the first ones a call may cause below the layers that retry it.
///
/// [`TokenLayer`](crate::TokenLayer) and [`SignLayer`](crate::SignLayer) look for a budget in the
/// extensions of a request and ask it before each [`ExtraRequest`]. When the budget refuses a replay, the 401 is the answer; when it
/// refuses to retry a token request, the failure of the last one is. A token request that several
/// callers wait for counts against the budget of the one that started it. Without a budget, nothing is
/// refused.
///
/// ```
/// use upvest_auth_signing::{ExtraRequest, RequestBudget};
///
/// let budget = RequestBudget::at_most(1);
/// assert!(budget.allows(ExtraRequest::Replay));
/// assert!(!budget.allows(ExtraRequest::TokenRetry));
///
/// let mut request = http::Request::new(bytes::Bytes::new());
/// request.extensions_mut().insert(budget);
/// ```
#[derive(Clone)]
pub struct RequestBudget(Arc<dyn Fn(ExtraRequest) -> bool + Send + Sync>);

impl RequestBudget {
    /// Makes a budget from a function that is asked before every extra request, and that counts the
    /// request if it answers `true`.
    pub fn new(allows: impl Fn(ExtraRequest) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(allows))
    }

    /// Makes a budget of this many extra requests of any kind. Its clones share it.
    pub fn at_most(requests: u32) -> Self {
        let left = AtomicU32::new(requests);
        Self::new(move |_| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok()
        })
    }

    /// Asks the budget of a call, if it has one.
    pub(crate) fn of(budget: Option<&Self>, request: ExtraRequest) -> bool {
        budget.is_none_or(|budget| budget.allows(request))
    }

    /// Whether one extra request may be made.
    pub fn allows(&self, request: ExtraRequest) -> bool {
        (self.0)(request)
    }
}

impl fmt::Debug for RequestBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestBudget")
    }
}
