//! Settings of one call that differ from those of its client.

use std::time::Duration;

use super::RetryPolicy;
use super::call::Operation;

/// Sets for one call what differs from the settings of its client. Every call has these methods.
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
    /// Sets how the call is retried.
    #[must_use]
    fn retries(mut self, policy: RetryPolicy) -> Self {
        self.call().options.retries = Some(policy);
        self
    }

    /// Sets how long the whole call may take, including tokens, retries and the waits between them.
    #[must_use]
    fn timeout(mut self, timeout: Duration) -> Self {
        self.call().options.timeout = Some(timeout);
        self
    }

    /// Sets how long one attempt may take, from its start to the last byte of its response,
    /// including tokens. It is a third of the time of the whole call, unless set here or for the
    /// client.
    #[must_use]
    fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.call().options.attempt_timeout = Some(timeout);
        self
    }

    /// Sends the call even if its arguments break limits of the description, such as the length of
    /// a text. Unless set, such a call is not sent. The API checks its own limits, which may be
    /// wider by now than those of this version.
    #[must_use]
    fn beyond_limits(mut self) -> Self {
        self.call().options.beyond_limits = true;
        self
    }
}

impl<O: Operation> CallOptions for O {}
