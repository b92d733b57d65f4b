use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::pauses;

/// What happens to the later events of an entity after one of its events was parked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterParked {
    /// They wait until it is replayed or given up. The order is kept, and an operator must act.
    #[default]
    Wait,
    /// They go on without it. This suits handlers that need no order, such as the
    /// [`BalanceMirror`](crate::BalanceMirror).
    GoOn,
}

impl AfterParked {
    /// The SQL that leaves out events that others do not have to wait for.
    pub(crate) fn condition(self, table: &str) -> String {
        match self {
            Self::Wait => String::new(),
            Self::GoOn => format!("AND {table}.parked_at IS NULL"),
        }
    }
}

/// How a worker works.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) batch: u32,
    pub(crate) lease: Duration,
    pub(crate) attempts: u32,
    pub(crate) after_parked: AfterParked,
    pub(crate) poll: Duration,
    pub(crate) concurrency: usize,
    pub(crate) pauses: Arc<dyn Fn(u32) -> Duration + Send + Sync>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            batch: 50,
            lease: Duration::from_secs(60),
            attempts: 10,
            after_parked: AfterParked::default(),
            poll: Duration::from_secs(1),
            concurrency: 1,
            pauses: Arc::new(pauses::growing),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("batch", &self.batch)
            .field("lease", &self.lease)
            .field("attempts", &self.attempts)
            .field("after_parked", &self.after_parked)
            .field("poll", &self.poll)
            .field("concurrency", &self.concurrency)
            .finish_non_exhaustive()
    }
}
