//! What one call does differently from its client.

use std::time::Duration;

use super::RetryPolicy;

/// Settings of one call, in place of those of its client.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Options {
    pub(super) retries: Option<RetryPolicy>,
    pub(super) timeout: Option<Duration>,
    pub(super) attempt_timeout: Option<Duration>,
    pub(super) beyond_limits: bool,
}
