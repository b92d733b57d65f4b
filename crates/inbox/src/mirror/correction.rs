use serde::Serialize;
use upvest_models::{CashBalance, DateTime, Utc};

/// A balance, and how current it is. See [`BalanceMirror::get`](crate::BalanceMirror::get).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MirroredBalance {
    /// The balance.
    pub balance: CashBalance,
    /// The balance includes everything that happened until this time by Upvest's clock (UTC), and
    /// perhaps later changes.
    pub as_of: DateTime<Utc>,
    /// Whether it may be older than `as_of` says, so that the mirror must ask for it again.
    pub is_doubtful: bool,
}

/// A balance that a snapshot corrected. See
/// [`BalanceMirror::reconcile`](crate::BalanceMirror::reconcile).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Correction {
    /// The balance before; `None` if it was not known.
    pub was: Option<CashBalance>,
    /// The balance now.
    pub is: CashBalance,
    /// Why it had to be corrected.
    pub reason: CorrectionReason,
}

/// Why a balance had to be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CorrectionReason {
    /// The balance was not known.
    Unknown,
    /// The balance was in doubt.
    Doubt,
    /// An event that would have changed it has not arrived: it is late, or lost.
    MissedEvent,
}
