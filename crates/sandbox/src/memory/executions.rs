//! Executions of savings plans, which go with their orders.

use serde_json::json;

use super::resource_types::resource_type;
use super::store::{Resource, Store};
use super::trade::text;

impl Store {
    /// Changes the execution of a savings plan with its order.
    pub(super) fn follow_order(&mut self, order: &str, status: &str) {
        let kind = resource_type("savings plan execution");
        let is_its = |one: &&Resource| {
            text(&one.value, "order_id") == order && one.value["status"] != status
        };
        let found = self.all(kind).find(is_its);
        let Some(id) = found.map(|one| one.id.clone()) else {
            return;
        };
        if let Some(execution) = self.find_mut(kind, &id) {
            execution.set("status", json!(status));
        }
        self.touch(kind, &id);
        let value = self.find(kind, &id).map(|one| one.value.clone());
        let event = format!("SAVINGS_PLAN_EXECUTION.{status}");
        self.emit(&event, &value.unwrap_or_default());
    }
}
