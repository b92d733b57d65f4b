//! How one call is told what it does otherwise than its client.

use std::time::Duration;

use super::RetryPolicy;
use super::call::Operation;

/// How a call is sent, where that differs from its client. Every call has these methods.
///
/// ```no_run
/// # async fn example(client: upvest_client::Client, id: &str) -> Result<(), upvest_client::Error> {
/// use std::time::Duration;
/// use upvest_client::CallOptions;
///
/// let webhook = client.retrieve_webhook(id).timeout(Duration::from_secs(2)).await?;
/// # Ok(())
/// # }
/// ```
pub trait CallOptions: Operation {
    /// How the call is retried.
    #[must_use]
    fn retries(mut self, policy: RetryPolicy) -> Self {
        self.call().options.retries = Some(policy);
        self
    }

    /// How long the call may take as a whole: tokens, retries and the waits between them included.
    #[must_use]
    fn timeout(mut self, timeout: Duration) -> Self {
        self.call().options.timeout = Some(timeout);
        self
    }

    /// How long one attempt may take, up to the last byte of its response, tokens included. A third
    /// of the time of the whole call, unless set here or for the client.
    #[must_use]
    fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.call().options.attempt_timeout = Some(timeout);
        self
    }

    /// Sends the call even if its arguments break limits of the description, such as the length of a
    /// text. Without this, nothing is sent then. The API checks its own limits, which may be wider by
    /// now than those of this version.
    #[must_use]
    fn beyond_limits(mut self) -> Self {
        self.call().options.beyond_limits = true;
        self
    }
}

impl<O: Operation> CallOptions for O {}
