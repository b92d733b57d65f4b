//! Balances that stay true.

mod balances;
mod correction;
mod known;
mod reconcile;
mod snapshot;
mod subscription;
#[cfg(test)]
mod tests;

pub use balances::BalanceMirror;
pub use correction::{Correction, CorrectionReason, MirroredBalance};
pub use reconcile::{Failed, Reconciled};
pub use snapshot::{BalanceSource, Snapshot};
pub use subscription::{Subscription, SubscriptionState};
