//! Savings plans: on each of its days a plan places an order, and an execution shows the state of that.

use std::collections::BTreeMap;

use chrono::{Days, Months, NaiveDate, NaiveTime};
use serde_json::{Value, json};
use uuid::Uuid;

use super::resource_types::resource_type;
use super::schedule::Task;
use super::store::Store;
use super::trade::text;
use crate::examples::{described, moment};

impl Store {
    /// Plans the first execution of a savings plan: on its first day that is not over.
    pub(super) fn begin_plan(&mut self, id: &str) {
        self.plan_execution(id, 0);
    }

    /// Plans the next execution, after at least this many.
    fn plan_execution(&mut self, id: &str, from: u32) {
        let Some(plan) = self.find(resource_type("savings plan"), id) else {
            return;
        };
        let today = self.now.date_naive();
        let days = (from..).map_while(|count| Some((count, day(&plan.value, count)?)));
        let Some((count, day)) = days.into_iter().find(|(_, day)| *day >= today) else {
            return;
        };
        let due = day.and_time(NaiveTime::MIN).and_utc().max(self.now);
        let id = id.to_owned();
        self.schedule.add(due, Task::Invest { id, count });
    }

    /// Executes a savings plan, and plans the next execution.
    pub(super) fn invest(&mut self, id: &str, count: u32) {
        let plan = self.find(resource_type("savings plan"), id);
        let Some(plan) = plan.map(|plan| plan.value.clone()) else {
            return;
        };
        self.plan_execution(id, count + 1);
        let (execution, order) = (Uuid::new_v4().to_string(), Uuid::new_v4().to_string());
        let is_of_instrument = plan["type"] == "INSTRUMENT";
        let mut fields = plan.as_object().cloned().unwrap_or_default();
        for (name, value) in [
            ("id", json!(execution)),
            ("created_at", moment(self.now)),
            ("updated_at", moment(self.now)),
            ("savings_plan_id", json!(id)),
            ("order_id", json!(order)),
            ("status", json!("NEW")),
            ("execution_date", json!(self.now.date_naive())),
        ] {
            fields.insert(name.to_owned(), value);
        }
        let made = described("retrieve_savings_plan_execution", fields.into());
        let keys = [("savings_plan_id", id), ("order_id", order.as_str())];
        let keys = keys.map(|(name, id)| (name.to_owned(), id.to_owned()));
        let kind = resource_type("savings plan execution");
        self.add(kind, BTreeMap::from(keys), made);
        if is_of_instrument {
            // From here on, its order changes its state.
            self.take_transitions(kind, &execution, &kind.lifecycle[..1]);
            self.begin_order(self.order_of_plan(&plan, &execution, &order));
        } else {
            self.add_portfolio_order(&order, &plan, "BUY");
            self.take_transitions(kind, &execution, kind.lifecycle);
        }
    }

    fn order_of_plan(&self, plan: &Value, execution: &str, id: &str) -> Value {
        let fields = json!({
            "id": id,
            "created_at": moment(self.now),
            "updated_at": moment(self.now),
            "account_id": plan["account_id"],
            "user_id": plan["user_id"],
            "side": "BUY",
            "order_type": "MARKET",
            "instrument_id": plan["instrument_id"],
            "instrument_id_type": "ISIN",
            "cash_amount": plan["cash_amount"],
            "currency": plan["currency"],
            "quantity": "0",
            "fee": "0",
            "status": "NEW",
            "executions": [],
            "initiation_flow": "SAVINGS_PLAN",
            "client_reference": execution,
        });
        described("retrieve_order", fields)
    }

    /// A client that cancels an execution cancels its order.
    pub(super) fn cancel_order_of(&mut self, execution: &str) {
        let found = self.find(resource_type("savings plan execution"), execution);
        let order = found.map(|one| text(&one.value, "order_id"));
        if let Some(order) = order.filter(|id| self.find(resource_type("order"), id).is_some()) {
            self.release(&order);
            self.end_order(&order, "CANCELLED_BY_CLIENT");
        }
    }
}

/// The day of an execution, counted from 0.
fn day(plan: &Value, count: u32) -> Option<NaiveDate> {
    let start: NaiveDate = plan["start_date"].as_str()?.parse().ok()?;
    let interval = u32::try_from(plan["interval"].as_u64()?).ok()?;
    let periods = count.checked_mul(interval.max(1))?;
    let months = |each: u32| start.checked_add_months(Months::new(periods.checked_mul(each)?));
    match plan["period"].as_str()? {
        "WEEK" => start.checked_add_days(Days::new(u64::from(periods) * 7)),
        "YEAR" => months(12),
        _ => months(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_counted_from_the_first_day() {
        let plan = |period: &str, interval: u32| json!({ "start_date": "2024-01-31", "period": period, "interval": interval });
        let days = |plan: Value| [0, 1, 2].map(|count| day(&plan, count).unwrap().to_string());
        assert_eq!(
            days(plan("MONTH", 1)),
            ["2024-01-31", "2024-02-29", "2024-03-31"]
        );
        assert_eq!(
            days(plan("WEEK", 2)),
            ["2024-01-31", "2024-02-14", "2024-02-28"]
        );
        assert_eq!(
            days(plan("YEAR", 1)),
            ["2024-01-31", "2025-01-31", "2026-01-31"]
        );
    }
}
