//! When steps happen, and what they do.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::cash::decimal;
use super::kind::{Flow, Kind, Step, Wait};
use super::orders::Stage;
use super::world::World;

/// How long things take, by the sandbox's calendar.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    pub(crate) processing: Duration,
    pub(crate) settlement: Duration,
}

impl Default for Pace {
    /// Processing takes no time: the next request finds it done. Settlement takes two days.
    fn default() -> Self {
        Self {
            processing: Duration::ZERO,
            settlement: Duration::from_secs(2 * 24 * 60 * 60),
        }
    }
}

impl Pace {
    pub(super) fn of(self, wait: Wait) -> Duration {
        match wait {
            Wait::Nothing => Duration::ZERO,
            Wait::Processing => self.processing,
            Wait::Settlement => self.settlement,
        }
    }
}

/// What is to happen, in the order in which it is to.
#[derive(Default)]
pub(super) struct Agenda {
    tasks: BTreeMap<(DateTime<Utc>, u64), Task>,
    count: u64,
}

/// Something that is to happen to a resource.
#[derive(Clone)]
pub(super) enum Task {
    /// The first of these steps; the others follow.
    Step {
        kind: &'static Kind,
        id: String,
        steps: &'static [Step],
    },
    Order {
        id: String,
        stage: Stage,
    },
}

impl Agenda {
    pub(super) fn add(&mut self, due: DateTime<Utc>, task: Task) {
        self.count += 1;
        self.tasks.insert((due, self.count), task);
    }

    /// Takes what is due first, if that is at this time or before.
    pub(super) fn next(&mut self, now: DateTime<Utc>) -> Option<(DateTime<Utc>, Task)> {
        let first = self.tasks.first_entry()?;
        let (due, _) = *first.key();
        (due <= now).then(|| (due, first.remove()))
    }

    /// Forgets the steps that a resource was to take.
    pub(super) fn forget(&mut self, forgotten: &str) {
        self.tasks.retain(|_, task| match task {
            Task::Step { id, .. } | Task::Order { id, .. } => id != forgotten,
        });
    }
}

impl World {
    /// Does everything that is due by now.
    pub(crate) fn catch_up(&mut self) {
        let now = self.now;
        while let Some((due, task)) = self.agenda.next(now) {
            self.now = due;
            match task {
                Task::Step { kind, id, steps } => self.take_steps(kind, &id, steps),
                Task::Order { id, stage } => self.move_order(&id, stage),
            }
        }
        self.now = now;
    }

    pub(super) fn later(&mut self, wait: Wait, task: Task) {
        let wait = chrono::TimeDelta::from_std(self.pace.of(wait)).unwrap_or_default();
        let due = self.now.checked_add_signed(wait).unwrap_or(self.now);
        self.agenda.add(due, task);
    }

    /// Takes the first step and all that come together with it, and plans the rest.
    pub(super) fn take_steps(&mut self, kind: &'static Kind, id: &str, steps: &'static [Step]) {
        let mut rest = steps.iter();
        if let Some(step) = rest.next() {
            self.take(kind, id, step);
        }
        if let [next, ..] = rest.as_slice() {
            let task = Task::Step {
                kind,
                id: id.to_owned(),
                steps: rest.as_slice(),
            };
            self.later(next.wait, task);
        }
    }

    fn take(&mut self, kind: &'static Kind, id: &str, step: &Step) {
        let Some(resource) = self.find_mut(kind, id) else {
            return;
        };
        if !step.status.is_empty() {
            resource.set("status", json!(step.status));
        }
        let value = resource.value.clone();
        self.touch(kind, id);
        self.tell(step.event, &value);
        for flow in step.cash {
            self.flow(kind, &value, flow);
        }
        if let [flow, ..] = step.cash
            && flow.change.balance != 0
        {
            self.book_cash(kind, &value, flow);
        }
    }

    fn flow(&mut self, kind: &Kind, value: &Value, flow: &Flow) {
        let Some(group) = value[flow.group].as_str() else {
            return;
        };
        let currency = value["currency"].as_str().unwrap_or("EUR").to_owned();
        let amount = decimal(value.get(kind.amount));
        let group = group.to_owned();
        let balance = self.cash.add(&group, &currency, flow.change, amount);
        self.tell_as_it_is("CASH_BALANCE.UPDATED", balance.into());
    }
}
