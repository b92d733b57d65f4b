//! For how long a worker has what it claimed.

use std::time::Duration;

use upvest_models::Uuid;

use crate::backend::Value;

/// Whether work on events has begun.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Progress {
    /// No work has begun: many are claimed at a time, and handled in one transaction.
    New,
    /// Work has begun: one is claimed at a time, so that an event which stops a process does not cost
    /// another one an attempt.
    Begun,
}

/// What was claimed, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lease {
    /// What marks the claim.
    pub(crate) claim: Uuid,
    /// When it ends.
    pub(crate) until: i64,
    /// How many events of each entity it is for.
    pub(crate) events: i64,
    pub(crate) progress: Progress,
}

impl Lease {
    /// The condition that its rows `c` of the table of claims meet, by the parameters `$1` and `$2`.
    pub(crate) const CONDITION: &'static str = "c.until = $1 AND c.claim = $2";

    pub(crate) fn values(&self) -> Vec<Value<'static>> {
        vec![self.until.into(), self.claim.into()]
    }
}

/// How long a handler may take.
pub(crate) fn handler_timeout(lease: Duration) -> Duration {
    lease / 2
}

/// For how long the events of a claim are begun, so that those behind do not wait for long.
pub(crate) fn batch_timeout(lease: Duration) -> Duration {
    lease / 3
}
