use tower::BoxError;

use super::balances::BalanceMirror;
use super::reconcile::Reconciled;
use super::snapshot::BalanceSource;
use crate::backend::Backend;
use crate::{Error, TARGET};

/// The state of a webhook subscription.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubscriptionState {
    /// It exists and is enabled.
    Enabled,
    /// It exists, and is disabled: nothing is delivered.
    Disabled,
    /// It does not exist any more. Upvest's sandbox removes a subscription whose deliveries have
    /// failed for 30 days.
    Gone,
}

/// A webhook subscription in the API. Implement it with two calls: `retrieve_webhook`, and
/// `update_webhook` (or `create_webhook` if the subscription is gone).
pub trait Subscription: Send + Sync {
    /// Returns its state.
    fn state(&self) -> impl Future<Output = Result<SubscriptionState, BoxError>> + Send;

    /// Enables it, or creates it again.
    fn enable(&self) -> impl Future<Output = Result<(), BoxError>> + Send;
}

impl<DB: Backend> BalanceMirror<DB> {
    /// Checks whether the subscription that feeds the mirror exists and is enabled. If not, it logs
    /// an error and returns the state. If `enable` is set, it also enables the subscription and
    /// reconciles everything, since Upvest does not deliver later what happened in the meantime.
    /// Call it every few minutes.
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
        let state = state.map_err(Error::when("retrieve the webhook subscription"))?;
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
