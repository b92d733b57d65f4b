//! What is planned, and when.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::resource_type::{ResourceType, Transition, Wait};

/// How long things take, by the sandbox's calendar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Durations {
    pub(crate) processing: Duration,
    pub(crate) settlement: Duration,
}

impl Default for Durations {
    /// Processing takes no time: the next request finds it done. Settlement takes two days.
    fn default() -> Self {
        Self {
            processing: Duration::ZERO,
            settlement: Duration::from_secs(2 * 24 * 60 * 60),
        }
    }
}

impl Durations {
    pub(super) fn of(self, wait: Wait) -> Duration {
        match wait {
            Wait::Nothing => Duration::ZERO,
            Wait::Processing => self.processing,
            Wait::Settlement => self.settlement,
        }
    }
}

/// The planned tasks, in order of time.
#[derive(Default)]
pub(super) struct Schedule {
    tasks: BTreeMap<(DateTime<Utc>, u64), Task>,
    count: u64,
}

/// A planned task of a resource.
#[derive(Clone)]
pub(super) enum Task {
    /// The first of these transitions; the others follow.
    Transition {
        kind: &'static ResourceType,
        id: String,
        transitions: &'static [Transition],
    },
    Order {
        id: String,
        stage: Stage,
    },
    /// An execution of a savings plan, counted from 0.
    Invest {
        id: String,
        count: u32,
    },
    /// The end of a day.
    CloseDay,
}

impl Schedule {
    pub(super) fn add(&mut self, due: DateTime<Utc>, task: Task) {
        self.count += 1;
        self.tasks.insert((due, self.count), task);
    }

    /// Removes and returns the first task, if it is due at this time or before.
    pub(super) fn next(&mut self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Task)> {
        let first = self.tasks.first_entry()?;
        let (due, _) = *first.key();
        (due <= now).then(|| (due, first.remove()))
    }

    /// Removes the planned transitions of a resource.
    pub(super) fn forget(&mut self, forgotten: &ResourceType, its: &str) {
        self.tasks.retain(|_, task| match task {
            Task::Transition { kind, id, .. } => kind.name != forgotten.name || id != its,
            Task::Order { id, .. } | Task::Invest { id, .. } => id != its,
            Task::CloseDay => true,
        });
    }
}

/// The states of an order.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    Process,
    Fill,
    Settle,
}
