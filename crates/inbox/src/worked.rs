use serde::Serialize;

/// What a worker did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Worked {
    /// Events that are done.
    pub done: u64,
    /// Attempts that failed and are repeated after a pause.
    pub failed: u64,
    /// Events that were parked.
    pub parked: u64,
}

impl Worked {
    pub(crate) fn add(&mut self, other: Self) {
        self.done += other.done;
        self.failed += other.failed;
        self.parked += other.parked;
    }
}
