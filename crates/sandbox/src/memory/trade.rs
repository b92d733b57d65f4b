//! The results of orders: prices, executions, cash and bookings.

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Value, json};
use uuid::Uuid;

use super::cash::decimal;
use super::flows::NOTHING;
use super::positions::{Shares, instrument};
use super::resource_type::Change;
use super::resource_types::resource_type;
use super::store::Store;
use crate::examples::{described, moment};

/// The price of one share of every instrument whose price was not set.
const PRICE: Decimal = Decimal::ONE_HUNDRED;

/// How many decimal places of a share are traded.
const SHARE_DIGITS: u32 = 9;

/// An order as far as trading needs it.
pub(super) struct Trade {
    pub(super) id: String,
    pub(super) account: String,
    pub(super) group: String,
    pub(super) isin: String,
    pub(super) currency: String,
    pub(super) buys: bool,
    /// Whether it is for an amount of cash, not for a number of shares.
    pub(super) is_nominal: bool,
    pub(super) quantity: Decimal,
    /// What the shares cost, without fees.
    pub(super) worth: Decimal,
    pub(super) fee: Decimal,
    /// What was set aside of the cash for it.
    pub(super) reserved: Decimal,
}

impl Store {
    /// The order, computed at today's price.
    pub(super) fn trade(&self, id: &str) -> Option<Trade> {
        let order = self.find(resource_type("order"), id)?;
        let value = &order.value;
        let account = text(value, "account_id");
        let group = self.find(resource_type("account"), &account)?;
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

    pub(super) fn execute(&mut self, trade: &Trade, price: Decimal) -> Value {
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
        let execution = described("retrieve_order_execution", fields);
        let keys = BTreeMap::from([("order_id".to_owned(), trade.id.clone())]);
        self.add(resource_type("execution"), keys, execution.clone());
        execution
    }

    /// Shares for cash, or cash for shares.
    pub(super) fn exchange(&mut self, trade: &Trade) {
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

    pub(super) fn book_trade(&mut self, trade: &Trade, execution: &Value) {
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
                "instrument": instrument(&trade.isin),
                "delta": { "amount": (-sign * trade.quantity).normalize().to_string() },
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

    pub(super) fn price(&self, isin: &str) -> Decimal {
        self.prices.get(isin).copied().unwrap_or(PRICE)
    }

    pub(super) fn change_cash(&mut self, trade: &Trade, change: Change, amount: Decimal) {
        let balance = self.cash.add(&trade.group, &trade.currency, change, amount);
        self.emit_as_it_is("CASH_BALANCE.UPDATED", balance.into());
    }

    pub(super) fn set_reserved(&mut self, id: &str, amount: Decimal) {
        if let Some(order) = self.find_mut(resource_type("order"), id) {
            order.keys.insert(RESERVED.to_owned(), amount.to_string());
        }
    }
}

impl Trade {
    /// What a purchase sets aside. If the order names only a number of shares, that is a tenth
    /// more than they cost now.
    pub(super) fn needed(&self) -> Decimal {
        let worth = match self.is_nominal {
            true => self.worth,
            false => (self.worth * Decimal::new(11, 1)).round_dp(2),
        };
        worth + self.fee
    }
}

/// Where the amount that was set aside is kept, beside the ids that the order belongs to.
const RESERVED: &str = "reserved";

pub(super) const LOCK: Change = Change {
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
pub(super) const SETTLE: Change = Change {
    pending: -1,
    withdrawal: 1,
    ..NOTHING
};

pub(super) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_default().to_owned()
}
