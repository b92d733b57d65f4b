use serde::Serialize;
use upvest_models::{CashBalance, DateTime, Utc};

/// A balance, and how far it can be trusted. See [`BalanceMirror::get`](crate::BalanceMirror::get).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MirroredBalance {
    /// The balance.
    pub balance: CashBalance,
    /// Everything that came about until then is in it, by Upvest's clock; perhaps later things as well.
    pub as_of: DateTime<Utc>,
    /// Whether it may be older than it seems, and has to be asked for again.
    pub is_doubtful: bool,
}

/// A balance that a snapshot has put right. See [`BalanceMirror::reconcile`](crate::BalanceMirror::reconcile).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Healed {
    /// What it was; nothing if it was not known.
    pub was: Option<CashBalance>,
    /// What it is.
    pub is: CashBalance,
    /// Why it was not right.
    pub reason: HealReason,
}

/// Why a balance had to be put right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum HealReason {
    /// Nothing was known.
    Unknown,
    /// It was in doubt.
    Doubt,
    /// An event that would have changed it has not arrived: it is late, or lost.
    MissedEvent,
}
