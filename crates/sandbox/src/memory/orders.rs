//! Orders: from placing to execution, position and cash, and to settlement.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::cash::{TRADING, decimal};
use super::positions::Shares;
use super::resource_type::{ResourceType, Wait};
use super::resource_types::resource_type;
use super::schedule::{Stage, Task};
use super::store::Store;
use super::trade::{LOCK, SETTLE, text};
use crate::call::Call;
use crate::refusal::Refusal;

impl Store {
    /// Accepts an order that names an amount or a number of shares.
    pub(crate) fn place_order(&mut self, call: &Call, answer: Value) -> Result<Value, Refusal> {
        let fields = call.fields();
        if decimal(fields.get("cash_amount")).is_zero() && decimal(fields.get("quantity")).is_zero()
        {
            return Err(Refusal::bad(
                "The body is not as described: neither cash_amount nor quantity says how much",
            ));
        }
        let mut order = answer;
        for (name, value) in [
            ("status", json!("NEW")),
            ("executions", json!([])),
            ("fee", json!(fee(&fields).to_string())),
        ] {
            order[name] = value;
        }
        for name in ["cash_amount", "quantity"] {
            if !fields.contains_key(name) {
                order[name] = json!("0");
            }
        }
        self.begin_order(order.clone());
        Ok(order)
    }

    /// Adds a new order, sets aside what it needs, and publishes an event.
    pub(super) fn begin_order(&mut self, order: Value) {
        let id = order["id"].as_str().unwrap_or_default().to_owned();
        let keys = BTreeMap::from([
            ("account_id".to_owned(), text(&order, "account_id")),
            ("order_id".to_owned(), id.clone()),
        ]);
        self.add(resource_type("order"), keys, order.clone());
        self.emit("ORDER.NEW", &order);
        self.reserve(&id);
        let stage = Stage::Process;
        self.later(Wait::Processing, Task::Order { id, stage });
    }

    /// Cancels a new order; publishes the refusal if it is not new.
    pub(crate) fn cancel_order(
        &mut self,
        kind: &'static ResourceType,
        call: &Call,
    ) -> Result<Value, Refusal> {
        let order = self.named(kind, call)?;
        let (id, value) = (order.id.clone(), order.value.clone());
        if value["status"] == "NEW" {
            self.release(&id);
            self.end_order(&id, "CANCELLED_BY_CLIENT");
        } else {
            self.emit(
                "ORDER_CANCELLATION.REJECTED",
                &json!({ "id": id, "order_id": id }),
            );
        }
        Ok(json!({ "id": id }))
    }

    /// What one share of an instrument costs from now on. Orders that waited for such a price are
    /// executed.
    pub(crate) fn set_price(&mut self, isin: &str, price: Decimal) {
        self.prices.insert(isin.to_owned(), price);
        let waiting = self.all(resource_type("order")).filter(|one| {
            one.value["status"] == "PROCESSING" && one.value["instrument_id"] == isin
        });
        let waiting: Vec<String> = waiting.map(|one| one.id.clone()).collect();
        for id in waiting {
            self.schedule.forget(resource_type("order"), &id);
            let stage = Stage::Fill;
            self.later(Wait::Processing, Task::Order { id, stage });
        }
    }

    pub(super) fn move_order(&mut self, id: &str, stage: Stage) {
        match stage {
            Stage::Process => self.process(id),
            Stage::Fill => self.fill(id),
            Stage::Settle => self.settle(id),
        }
    }

    /// Sets aside the cash or the shares that an order needs, if they are there.
    fn reserve(&mut self, id: &str) {
        let Some(trade) = self.trade(id) else { return };
        if trade.buys {
            let needed = trade.needed();
            if self.cash.amount(&trade.group, &trade.currency, TRADING) >= needed {
                self.set_reserved(id, needed);
                self.change_cash(&trade, LOCK, needed);
            }
        } else if self.sellable(&trade.account, &trade.isin) >= trade.quantity {
            self.set_reserved(id, trade.quantity);
            let locked = trade.quantity;
            self.add_shares(
                &trade.account,
                &trade.isin,
                Shares {
                    locked,
                    ..Shares::default()
                },
            );
        }
    }

    pub(super) fn release(&mut self, id: &str) {
        let Some(trade) = self.trade(id) else { return };
        if trade.reserved.is_zero() {
            return;
        }
        if trade.buys {
            self.change_cash(&trade, LOCK, -trade.reserved);
        } else {
            let locked = -trade.reserved;
            self.add_shares(
                &trade.account,
                &trade.isin,
                Shares {
                    locked,
                    ..Shares::default()
                },
            );
        }
        self.set_reserved(id, Decimal::ZERO);
    }

    /// An order for which enough was set aside goes to the market.
    fn process(&mut self, id: &str) {
        let Some(trade) = self.trade(id) else { return };
        if trade.reserved.is_zero() {
            self.end_order(id, "CANCELLED_BY_UPVEST_PLATFORM");
            return;
        }
        self.set_status(id, "PROCESSING");
        let (id, stage) = (id.to_owned(), Stage::Fill);
        self.later(Wait::Processing, Task::Order { id, stage });
    }

    /// Executes a whole order, if its price allows.
    fn fill(&mut self, id: &str) {
        let Some(trade) = self.trade(id) else { return };
        let price = self.price(&trade.isin);
        if !self.is_executable(id, price, trade.buys) {
            return;
        }
        if trade.buys && trade.worth + trade.fee > trade.reserved {
            self.release(id);
            self.end_order(id, "CANCELLED_BY_UPVEST_PLATFORM");
            return;
        }
        let execution = self.execute(&trade, price);
        self.emit("EXECUTION.FILLED", &execution);
        if let Some(order) = self.find_mut(resource_type("order"), id) {
            order.set("executions", json!([execution]));
        }
        self.set_status(id, "FILLED");
        self.exchange(&trade);
        self.book_trade(&trade, &execution);
        let (id, stage) = (id.to_owned(), Stage::Settle);
        self.later(Wait::Settlement, Task::Order { id, stage });
    }

    fn settle(&mut self, id: &str) {
        let Some(order) = self.find_mut(resource_type("order"), id) else {
            return;
        };
        let Some(execution) = order.value.pointer_mut("/executions/0") else {
            return;
        };
        execution["status"] = json!("SETTLED");
        let execution = execution.clone();
        let Some(trade) = self.trade(id) else { return };
        let execution_id = text(&execution, "id");
        if let Some(kept) = self.find_mut(resource_type("execution"), &execution_id) {
            kept.set("status", json!("SETTLED"));
        }
        self.emit("EXECUTION.SETTLED", &execution);
        self.follow_order(id, "SETTLED");
        if trade.buys {
            let pending = -decimal(execution.get("share_quantity"));
            self.add_shares(
                &trade.account,
                &trade.isin,
                Shares {
                    pending,
                    ..Shares::default()
                },
            );
        } else {
            let worth = decimal(execution.get("cash_amount"));
            self.change_cash(&trade, SETTLE, worth - trade.fee);
        }
    }

    /// Whether the limit or stop of an order allows this price.
    fn is_executable(&self, id: &str, price: Decimal, buys: bool) -> bool {
        let Some(order) = self.find(resource_type("order"), id) else {
            return false;
        };
        let limit = decimal(order.value.get("limit_price"));
        let stop = decimal(order.value.get("stop_price"));
        match order.value["order_type"].as_str() {
            Some("LIMIT") if buys => price <= limit,
            Some("LIMIT") => price >= limit,
            Some("STOP") if buys => price >= stop,
            Some("STOP") => price <= stop,
            _ => true,
        }
    }

    fn set_status(&mut self, id: &str, status: &str) {
        let kind = resource_type("order");
        if let Some(order) = self.find_mut(kind, id) {
            order.set("status", json!(status));
        }
        self.touch(kind, id);
        if let Some(order) = self.find(kind, id) {
            let value = order.value.clone();
            self.emit(&format!("ORDER.{status}"), &value);
        }
        self.follow_order(id, status);
    }

    pub(super) fn end_order(&mut self, id: &str, reason: &str) {
        self.schedule.forget(resource_type("order"), id);
        if let Some(order) = self.find_mut(resource_type("order"), id) {
            order.set("cancellation_reason", json!(reason));
        }
        self.set_status(id, "CANCELLED");
    }
}

/// The absolute fees that Upvest is to collect with an order.
fn fee(fields: &Map<String, Value>) -> Decimal {
    let fees = fields.get("fee_configuration").and_then(Value::as_array);
    let collected = fees.into_iter().flatten().flat_map(|one| match one {
        Value::Array(inner) => inner.as_slice(),
        one => std::slice::from_ref(one),
    });
    collected
        .filter(|fee| fee["charge_method"] != "CHARGED_BY_CLIENT")
        .map(|fee| decimal(fee.get("cash_amount")))
        .sum()
}
