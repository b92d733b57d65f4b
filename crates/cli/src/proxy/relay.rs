//! What all requests share.

use upvest::Service;

/// Where requests go, and how.
pub(super) struct Relay {
    pub(super) service: Service,
    /// The address of the API, without a slash at the end.
    pub(super) target: String,
    pub(super) is_quiet: bool,
    /// Whether other machines may use it.
    pub(super) is_open: bool,
}
