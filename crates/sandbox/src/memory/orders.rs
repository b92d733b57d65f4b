//! Orders: from placing to execution, position and cash, and to settlement.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::cash::{TRADING, decimal};
use super::kind::{Change, Kind, Wait};
use super::kinds::{NOTHING, kind};
use super::positions::Shares;
use super::steps::Task;
use super::world::World;
use crate::call::Call;
use crate::description::{description, fit};
use crate::examples::{closest, moment};
use crate::refusal::Refusal;

/// The price of one share of every instrument whose price was not set.
const PRICE: Decimal = Decimal::ONE_HUNDRED;

/// So many digits of a share are traded.
const SHARE_DIGITS: u32 = 9;

/// What an order goes through.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stage {
    Process,
    Fill,
    Settle,
}

/// An order as far as trading needs it.
struct Trade {
    id: String,
    account: String,
    group: String,
    isin: String,
    currency: String,
    buys: bool,
    /// Whether it is for an amount of cash, not for a number of shares.
    is_nominal: bool,
    quantity: Decimal,
    /// What the shares cost, without fees.
    worth: Decimal,
    fee: Decimal,
    /// What was set aside of the cash for it.
    reserved: Decimal,
}

impl World {
    /// Takes an order, sets aside what it needs, and tells of it.
    pub(crate) fn place_order(&mut self, call: &Call, answer: Value) -> Result<Value, Refusal> {
        let fields = call.fields();
        if decimal(fields.get("cash_amount")).is_zero() && decimal(fields.get("quantity")).is_zero()
        {
            return Err(Refusal::bad(
                "The body is not as described: neither cash_amount nor quantity says how much",
            ));
        }
        let kind = kind("order");
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
        let id = order["id"].as_str().unwrap_or_default().to_owned();
        let keys = BTreeMap::from([
            ("account_id".to_owned(), text(&order, "account_id")),
            ("order_id".to_owned(), id.clone()),
        ]);
        self.add(kind, keys, order.clone());
        self.tell("ORDER.NEW", &order);
        self.reserve(&id);
        let stage = Stage::Process;
        self.later(Wait::Processing, Task::Order { id, stage });
        Ok(order)
    }

    /// Cancels an order that is new; tells of the refusal if it is not.
    pub(crate) fn cancel_order(
        &mut self,
        kind: &'static Kind,
        call: &Call,
    ) -> Result<Value, Refusal> {
        let order = self.named(kind, call)?;
        let (id, value) = (order.id.clone(), order.value.clone());
        if value["status"] == "NEW" {
            self.release(&id);
            self.end_order(&id, "CANCELLED_BY_CLIENT");
        } else {
            self.tell(
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
        let waiting = self.all(kind("order")).filter(|one| {
            one.value["status"] == "PROCESSING" && one.value["instrument_id"] == isin
        });
        let waiting: Vec<String> = waiting.map(|one| one.id.clone()).collect();
        for id in waiting {
            self.agenda.forget(&id);
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

    fn release(&mut self, id: &str) {
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

    /// Executes an order whole, if its price allows.
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
        self.tell("EXECUTION.FILLED", &execution);
        if let Some(order) = self.find_mut(kind("order"), id) {
            order.set("executions", json!([execution]));
        }
        self.set_status(id, "FILLED");
        self.exchange(&trade);
        self.book_trade(&trade, &execution);
        let (id, stage) = (id.to_owned(), Stage::Settle);
        self.later(Wait::Settlement, Task::Order { id, stage });
    }

    /// Shares for cash, or cash for shares.
    fn exchange(&mut self, trade: &Trade) {
        let (quantity, worth) = (trade.quantity, trade.worth);
        if trade.buys {
            let cost = worth + trade.fee;
            let shares = Shares {
                quantity,
                pending: quantity,
                ..Shares::default()
            };
            self.add_shares(&trade.account, &trade.isin, shares);
            let group = (&trade.group, &trade.currency);
            self.cash.add(group.0, group.1, LOCK, -trade.reserved);
            self.change_cash(trade, SPEND, cost);
        } else {
            let shares = Shares {
                quantity: -quantity,
                locked: -quantity,
                ..Shares::default()
            };
            self.add_shares(&trade.account, &trade.isin, shares);
            self.change_cash(trade, EARN, worth - trade.fee);
        }
        self.set_reserved(&trade.id, Decimal::ZERO);
    }

    fn settle(&mut self, id: &str) {
        let Some(order) = self.find_mut(kind("order"), id) else {
            return;
        };
        let Some(execution) = order.value.pointer_mut("/executions/0") else {
            return;
        };
        execution["status"] = json!("SETTLED");
        let execution = execution.clone();
        let Some(trade) = self.trade(id) else { return };
        let execution_id = text(&execution, "id");
        if let Some(kept) = self.find_mut(kind("execution"), &execution_id) {
            kept.set("status", json!("SETTLED"));
        }
        self.tell("EXECUTION.SETTLED", &execution);
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

    /// The order with what it amounts to at today's price.
    fn trade(&self, id: &str) -> Option<Trade> {
        let order = self.find(kind("order"), id)?;
        let value = &order.value;
        let account = text(value, "account_id");
        let group = self.find(kind("account"), &account)?;
        let isin = text(value, "instrument_id");
        let price = self.price(&isin);
        let by_quantity = decimal(value.get("quantity"));
        let (quantity, worth) = if by_quantity.is_zero() {
            let worth = decimal(value.get("cash_amount"));
            let quantity = worth / price;
            let quantity = quantity.round_dp_with_strategy(SHARE_DIGITS, RoundingStrategy::ToZero);
            (quantity, worth)
        } else {
            (by_quantity, (by_quantity * price).round_dp(2))
        };
        Some(Trade {
            id: id.to_owned(),
            group: text(&group.value, "account_group_id"),
            currency: value["currency"].as_str().unwrap_or("EUR").to_owned(),
            buys: value["side"] == "BUY",
            is_nominal: by_quantity.is_zero(),
            fee: decimal(value.get("fee")),
            reserved: order
                .keys
                .get(RESERVED)
                .and_then(|text| text.parse().ok())
                .unwrap_or_default(),
            account,
            isin,
            quantity,
            worth,
        })
    }

    fn execute(&mut self, trade: &Trade, price: Decimal) -> Value {
        let fields = json!({
            "id": Uuid::new_v4(),
            "order_id": trade.id,
            "side": if trade.buys { "BUY" } else { "SELL" },
            "currency": trade.currency,
            "status": "FILLED",
            "cash_amount": trade.worth.normalize().to_string(),
            "share_quantity": trade.quantity.normalize().to_string(),
            "price": price.normalize().to_string(),
            "transaction_time": moment(self.now),
            "taxes": [{ "type": "TOTAL", "amount": "0" }],
        });
        let retrieve = description().operation("retrieve_order_execution");
        let Some(content) = retrieve.and_then(|one| one.json()) else {
            return fields;
        };
        let known = fields.as_object().cloned().unwrap_or_default();
        let execution = fit(&content.schema, &closest(content, &known), &known);
        let keys = BTreeMap::from([("order_id".to_owned(), trade.id.clone())]);
        self.add(kind("execution"), keys, execution.clone());
        execution
    }

    fn book_trade(&mut self, trade: &Trade, execution: &Value) {
        let sign = if trade.buys {
            Decimal::NEGATIVE_ONE
        } else {
            Decimal::ONE
        };
        let references = json!([
            { "id": execution["id"], "type": "ORDER_EXECUTION" },
            { "id": trade.id, "type": "ORDER" },
        ]);
        let keys = BTreeMap::from([
            ("account_id", trade.account.as_str()),
            ("account_group_id", trade.group.as_str()),
        ]);
        self.book(
            "security transaction",
            "SECURITY_TRANSACTION.EXECUTED",
            &keys,
            json!({
                "account_id": trade.account,
                "account_group_id": trade.group,
                "instrument_id": trade.isin,
                "instrument_id_type": "ISIN",
                "delta": { "quantity": (-sign * trade.quantity).to_string() },
                "quantity": (-sign * trade.quantity).to_string(),
                "references": references,
                "type": "ORDER_EXECUTION",
            }),
        );
        let amount = sign * trade.worth - trade.fee;
        self.book(
            "cash transaction",
            "CASH_TRANSACTION.EXECUTED",
            &keys,
            json!({
                "account_group_id": trade.group,
                "delta": { "amount": amount.to_string(), "currency": trade.currency },
                "references": references,
                "taxes": [],
                "type": "ORDER_EXECUTION",
            }),
        );
    }

    fn price(&self, isin: &str) -> Decimal {
        self.prices.get(isin).copied().unwrap_or(PRICE)
    }

    /// Whether the limit or stop of an order allows this price.
    fn is_executable(&self, id: &str, price: Decimal, buys: bool) -> bool {
        let Some(order) = self.find(kind("order"), id) else {
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

    fn change_cash(&mut self, trade: &Trade, change: Change, amount: Decimal) {
        let balance = self.cash.add(&trade.group, &trade.currency, change, amount);
        self.tell_as_it_is("CASH_BALANCE.UPDATED", balance.into());
    }

    fn set_reserved(&mut self, id: &str, amount: Decimal) {
        if let Some(order) = self.find_mut(kind("order"), id) {
            order.keys.insert(RESERVED.to_owned(), amount.to_string());
        }
    }

    fn set_status(&mut self, id: &str, status: &str) {
        let kind = kind("order");
        if let Some(order) = self.find_mut(kind, id) {
            order.set("status", json!(status));
        }
        self.touch(kind, id);
        if let Some(order) = self.find(kind, id) {
            let value = order.value.clone();
            self.tell(&format!("ORDER.{status}"), &value);
        }
    }

    fn end_order(&mut self, id: &str, reason: &str) {
        self.agenda.forget(id);
        if let Some(order) = self.find_mut(kind("order"), id) {
            order.set("cancellation_reason", json!(reason));
        }
        self.set_status(id, "CANCELLED");
    }
}

impl Trade {
    /// What a purchase sets aside. Where only the number of shares is said, that is a tenth more
    /// than they cost now.
    fn needed(&self) -> Decimal {
        let worth = match self.is_nominal {
            true => self.worth,
            false => (self.worth * Decimal::new(11, 1)).round_dp(2),
        };
        worth + self.fee
    }
}

/// Where the amount that was set aside is kept, beside the ids that the order belongs to.
const RESERVED: &str = "reserved";

const LOCK: Change = Change {
    locked: 1,
    withdrawal: -1,
    trading: -1,
    ..NOTHING
};
const SPEND: Change = Change {
    balance: -1,
    withdrawal: -1,
    trading: -1,
    ..NOTHING
};
const EARN: Change = Change {
    balance: 1,
    pending: 1,
    trading: 1,
    ..NOTHING
};
const SETTLE: Change = Change {
    pending: -1,
    withdrawal: 1,
    ..NOTHING
};

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

fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
