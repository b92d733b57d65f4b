//! What happens when it is due, and what it does.

use serde_json::{Value, json};

use super::agenda::Task;
use super::cash::decimal;
use super::kind::{Flow, Kind, Step, Wait};
use super::world::World;

impl World {
    /// Does everything that is due by now.
    pub(crate) fn catch_up(&mut self) {
        let now = self.now;
        while let Some((due, task)) = self.agenda.next(now) {
            self.now = due;
            match task {
                Task::Step { kind, id, steps } => self.take_steps(kind, &id, steps),
                Task::Order { id, stage } => self.move_order(&id, stage),
                Task::Invest { id, count } => self.invest(&id, count),
                Task::CloseDay => self.close_day(),
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
