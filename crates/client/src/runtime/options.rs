//! What one call does otherwise than its client.

use std::time::Duration;

use super::RetryPolicy;

/// Settings of one call, in place of those of its client.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Options {
    pub(crate) retries: Option<RetryPolicy>,
    pub(crate) timeout: Option<Duration>,
}
