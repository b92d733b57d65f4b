//! How transitions change cash.

use super::resource_type::{Change, Flow};

/// Cash that can be traded with at once, and withdrawn once it is settled.
pub(super) const RECEIVED: &[Flow] = &[own(Change {
    balance: 1,
    pending: 1,
    trading: 1,
    ..NOTHING
})];
pub(super) const SETTLED: &[Flow] = &[own(Change {
    pending: -1,
    withdrawal: 1,
    ..NOTHING
})];
pub(super) const RETURNED: &[Flow] = &[own(Change {
    balance: -1,
    pending: -1,
    trading: -1,
    ..NOTHING
})];

/// Cash that is about to leave: it is there, and available for nothing else.
pub(super) const RESERVED: &[Flow] = &[own(RESERVE)];
pub(super) const RELEASED: &[Flow] = &[own(RELEASE)];
pub(super) const PAID: &[Flow] = &[own(PAY)];
pub(super) const GAINED: &[Flow] = &[own(GAIN)];

pub(super) const RESERVE: Change = Change {
    withdrawal: -1,
    trading: -1,
    ..NOTHING
};
pub(super) const RELEASE: Change = Change {
    withdrawal: 1,
    trading: 1,
    ..NOTHING
};
pub(super) const PAY: Change = Change {
    balance: -1,
    ..NOTHING
};
pub(super) const GAIN: Change = Change {
    balance: 1,
    withdrawal: 1,
    trading: 1,
    ..NOTHING
};

pub(super) const NOTHING: Change = Change {
    balance: 0,
    locked: 0,
    pending: 0,
    withdrawal: 0,
    trading: 0,
};

const fn own(change: Change) -> Flow {
    Flow {
        group: "account_group_id",
        change,
    }
}
