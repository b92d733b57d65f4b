//! What is known of one balance, and how an event or a snapshot changes that. The chapter "The
//! inbox" of the book shows why this never stays wrong.

use upvest_models::Uuid;

/// The balance as JSON with what is known about its time, in nanoseconds by Upvest's clock.
///
/// Unless there is a doubt, the balance was true at some moment at which every event up to `as_of` had
/// been reflected.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Known {
    pub(crate) value: Option<Value>,
    /// The balance can be older than what was known before. A snapshot that counts as of this time, or
    /// an event after it, settles that.
    pub(crate) doubt: Option<i64>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Value {
    pub(crate) balance: String,
    pub(crate) as_of: i64,
    pub(crate) source: Source,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Source {
    /// The event with this id, which was created exactly at `as_of`.
    Event(Uuid),
    /// A snapshot, which can have been read at any time from `as_of` until this one.
    Snapshot(i64),
}

impl Value {
    /// The order for values whose order in time is unknown: the result does not depend on which comes
    /// first.
    fn rank(&self) -> (i64, Option<Uuid>) {
        match self.source {
            Source::Event(id) => (self.as_of, Some(id)),
            Source::Snapshot(_) => (self.as_of, None),
        }
    }

    /// The latest time at which it can have been true for the first time.
    fn read_by(&self) -> i64 {
        match self.source {
            Source::Event(_) => self.as_of,
            Source::Snapshot(read_by) => read_by,
        }
    }
}

impl Known {
    /// What is known after a value has arrived. For events and snapshots alike, a value that is
    /// certainly later replaces the other, and one that is certainly earlier is dropped.
    pub(crate) fn after(&self, new: Value) -> Self {
        let Some(old) = &self.value else {
            return self.with(new);
        };
        if new == *old {
            return self.clone();
        }
        if is_earlier(old, &new) {
            return self.with(new);
        }
        if is_earlier(&new, old) {
            return self.clone();
        }
        // It is not known which one is later.
        let read_by = old.read_by().max(new.read_by());
        let later = match new.rank() > old.rank() {
            true => new.clone(),
            false => old.clone(),
        };
        if old.balance == new.balance {
            // Nor does it matter: the balance was true at the later of both times. A change at exactly
            // the time of an event may still be later than it.
            let as_of = match later.source {
                Source::Event(_) => later.as_of.saturating_sub(1),
                Source::Snapshot(_) => later.as_of,
            };
            return self.with(Value {
                balance: later.balance,
                as_of,
                source: Source::Snapshot(read_by),
            });
        }
        Self {
            value: Some(later),
            doubt: self.doubt.max(Some(read_by)),
        }
    }

    fn with(&self, value: Value) -> Self {
        let stays = |doubt: &i64| match value.source {
            Source::Event(_) => value.as_of <= *doubt,
            Source::Snapshot(_) => value.as_of < *doubt,
        };
        Self {
            doubt: self.doubt.filter(stays),
            value: Some(value),
        }
    }
}

/// Whether one is certainly earlier than the other.
fn is_earlier(one: &Value, other: &Value) -> bool {
    match other.source {
        // A snapshot read at the time of an event may or may not reflect it.
        Source::Event(_) => one.read_by() < other.as_of,
        // A snapshot has every event up to `as_of` in it.
        Source::Snapshot(_) => one.read_by() <= other.as_of,
    }
}
