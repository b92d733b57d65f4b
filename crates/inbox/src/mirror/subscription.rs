use tower::BoxError;

use super::balances::BalanceMirror;
use super::reconcile::Reconciled;
use super::snapshot::BalanceSource;
use crate::backend::Backend;
use crate::{Error, TARGET};

/// What has become of a webhook subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionState {
    /// It is there and enabled.
    Enabled,
    /// It is there, and nothing is delivered.
    Disabled,
    /// It is not there any more. Upvest's sandbox removes one whose deliveries have failed for 30 days.
    Gone,
}

/// A webhook subscription, as the API has it: two calls, `retrieve_webhook` and `update_webhook` (or
/// `create_webhook`, where it is gone).
pub trait Subscription: Send + Sync {
    /// What has become of it.
    fn state(&self) -> impl Future<Output = Result<SubscriptionState, BoxError>> + Send;

    /// Enables it, or makes it again.
    fn enable(&self) -> impl Future<Output = Result<(), BoxError>> + Send;
}

impl<DB: Backend> BalanceMirror<DB> {
    /// Looks whether the subscription that feeds the mirror is there and enabled. If it is not, that is
    /// logged as an error and returned, and if `enable` is set, it is enabled and everything reconciled:
    /// what happened meanwhile is not delivered later. Call it every few minutes.
    ///
    /// # Errors
    ///
    /// When the API cannot be asked, or the database fails.
    pub async fn watch(
        &self,
        subscription: &impl Subscription,
        enable: bool,
        source: &impl BalanceSource,
        calls_a_second: u32,
    ) -> Result<(SubscriptionState, Reconciled), Error> {
        let state = subscription.state().await;
        let state = state.map_err(Error::when("look at the webhook subscription"))?;
        if state == SubscriptionState::Enabled {
            return Ok((state, Reconciled::default()));
        }
        tracing::error!(target: TARGET, ?state, enable, "the webhook subscription does not deliver");
        if !enable {
            return Ok((state, Reconciled::default()));
        }
        let enabled = subscription.enable().await;
        enabled.map_err(|error| {
            let reason = upvest_http::one_line(&*error);
            tracing::error!(target: TARGET, reason, "the webhook subscription cannot be enabled");
            Error::new("enable the webhook subscription", error)
        })?;
        // After it was enabled, so that what happens from now on is delivered.
        let report = self.reconcile(source, calls_a_second).await?;
        Ok((state, report))
    }
}
