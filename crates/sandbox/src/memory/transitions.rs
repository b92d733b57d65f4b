//! The transitions of resources, and how they change cash.

use serde_json::{Value, json};

use super::cash::decimal;
use super::resource_type::{Flow, ResourceType, Transition, Wait};
use super::schedule::Task;
use super::store::Store;

impl Store {
    /// Plans a task for when this is over.
    pub(super) fn later(&mut self, wait: Wait, task: Task) {
        let wait = chrono::TimeDelta::from_std(self.durations.of(wait)).unwrap_or_default();
        let due = self.now.checked_add_signed(wait).unwrap_or(self.now);
        self.schedule.add(due, task);
    }

    /// Takes the first transition and all that come together with it, and plans the rest.
    pub(super) fn take_transitions(
        &mut self,
        kind: &'static ResourceType,
        id: &str,
        transitions: &'static [Transition],
    ) {
        let mut rest = transitions.iter();
        if let Some(transition) = rest.next() {
            self.take(kind, id, transition);
        }
        if let [next, ..] = rest.as_slice() {
            let task = Task::Transition {
                kind,
                id: id.to_owned(),
                transitions: rest.as_slice(),
            };
            self.later(next.wait, task);
        }
    }

    fn take(&mut self, kind: &'static ResourceType, id: &str, transition: &Transition) {
        let Some(resource) = self.find_mut(kind, id) else {
            return;
        };
        if !transition.status.is_empty() {
            resource.set("status", json!(transition.status));
        }
        let value = resource.value.clone();
        self.touch(kind, id);
        self.emit(transition.event, &value);
        for flow in transition.cash {
            self.flow(kind, &value, flow);
        }
        if let [flow, ..] = transition.cash
            && flow.change.balance != 0
        {
            self.book_cash(kind, &value, flow);
        }
    }

    fn flow(&mut self, kind: &ResourceType, value: &Value, flow: &Flow) {
        let Some(group) = value[flow.group].as_str() else {
            return;
        };
        let currency = value["currency"].as_str().unwrap_or("EUR").to_owned();
        let amount = decimal(value.get(kind.amount));
        let group = group.to_owned();
        let balance = self.cash.add(&group, &currency, flow.change, amount);
        self.emit_as_it_is("CASH_BALANCE.UPDATED", balance.into());
    }
}
