use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A request beyond the first one of its kind that a call is about to cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExtraRequest {
    /// The call itself once more with a new token, after a 401.
    Replay,
    /// A token request once more, after one that failed.
    TokenRetry,
}

/// How many requests beyond the first ones a call may cause below the layers that retry it.
///
/// [`TokenLayer`](crate::TokenLayer) looks for a budget in the extensions of a request and asks it
/// before each [`ExtraRequest`]. When the budget refuses a replay, the 401 is the answer; when it
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
    /// A budget that is asked before every extra request, and counts it if it answers `true`.
    pub fn new(allows: impl Fn(ExtraRequest) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(allows))
    }

    /// So many extra requests of any kind, shared by the clones of this budget.
    pub fn at_most(requests: u32) -> Self {
        let left = AtomicU32::new(requests);
        Self::new(move |_| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            })
            .is_ok()
        })
    }

    /// Asks for one extra request.
    pub fn allows(&self, request: ExtraRequest) -> bool {
        (self.0)(request)
    }
}

impl fmt::Debug for RequestBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RequestBudget")
    }
}
