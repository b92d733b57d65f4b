//! The value of the positions of an account, now and at the end of each day, and its return.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveTime};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::cash::decimal;
use super::resource_types::resource_type;
use super::schedule::Task;
use super::store::Store;
use crate::examples::{described, described_item, moment};

/// How many decimal places the shares of positions, and returns, have.
const DIGITS: u32 = 10;

impl Store {
    /// What the positions of an account are worth at the prices of today.
    pub(crate) fn valuation(&self, account: &str, quality: &str) -> Value {
        let positions = self.all(resource_type("position"));
        let positions = positions.filter(|one| one.has("account_id", account));
        let held: Vec<(&Value, Decimal, Decimal)> = positions
            .map(|one| {
                let quantity = decimal(one.value.get("quantity"));
                let price =
                    self.price(one.value["instrument"]["isin"].as_str().unwrap_or_default());
                (
                    &one.value["instrument"],
                    quantity,
                    (quantity * price).round_dp(2),
                )
            })
            .filter(|(_, quantity, _)| !quantity.is_zero())
            .collect();
        let total: Decimal = held.iter().map(|(_, _, worth)| *worth).sum();
        let now = moment(self.now);
        let money =
            |amount: Decimal| json!({ "amount": format!("{amount:.2}"), "currency": "EUR" });
        let valued = held.iter().map(|(instrument, quantity, worth)| {
            let mut value = money(*worth);
            value["price_time"] = now.clone();
            let weight = worth
                .checked_div(total)
                .map(|weight| weight.round_dp(DIGITS));
            json!({
                "instrument": instrument,
                "quantity": quantity.normalize().to_string(),
                "value": value,
                "weight": weight.map(|weight| weight.normalize().to_string()),
            })
        });
        let fields = json!({
            "id": Uuid::new_v4(),
            "created_at": now,
            "updated_at": now,
            "valuation_time": now,
            "account_id": account,
            "price_quality": if quality == "EOD" { "EOD" } else { "REALTIME" },
            "total_security_value": money(total),
            "security_positions": valued.collect::<Vec<_>>(),
        });
        described("get_account_valuation", fields)
    }

    /// Values all accounts with positions, and publishes events of the valuation and of the return
    /// since the day before.
    pub(super) fn close_day(&mut self) {
        let positions = self.all(resource_type("position"));
        let held = positions.filter(|one| !decimal(one.value.get("quantity")).is_zero());
        let accounts = held.filter_map(|one| one.keys.get("account_id").cloned());
        for account in accounts.collect::<BTreeSet<String>>() {
            let value = self.valuation(&account, "EOD");
            self.add_return(&account);
            self.emit("ACCOUNT_VALUATION.CREATED", &value);
            let returned = self.last("account return", &account).cloned();
            self.emit("ACCOUNT_RETURNS.CREATED", &returned.unwrap_or_default());
            self.add(resource_type("account valuation"), BTreeMap::new(), value);
        }
        let tomorrow = self.now.date_naive().checked_add_days(Days::new(1));
        if let Some(tomorrow) = tomorrow {
            let due = tomorrow.and_time(NaiveTime::MIN).and_utc();
            self.schedule.add(due, Task::CloseDay);
        }
    }

    /// The time-weighted return since the last valuation: by the prices of what was held then.
    fn add_return(&mut self, account: &str) {
        let before = self.last("account valuation", account);
        let daily = before.map_or(Decimal::ZERO, |before| {
            let worth = decimal(before.pointer("/total_security_value/amount"));
            let held = before["security_positions"]
                .as_array()
                .into_iter()
                .flatten();
            let now: Decimal = held
                .map(|one| {
                    let isin = one["instrument"]["isin"].as_str().unwrap_or_default();
                    decimal(one.get("quantity")) * self.price(isin)
                })
                .sum();
            now.checked_div(worth)
                .map_or(Decimal::ZERO, |factor| factor - Decimal::ONE)
        });
        let daily = daily.round_dp(DIGITS);
        let last = self.last("account return", account);
        let (so_far, start) = match last {
            Some(last) => (
                decimal(last.pointer("/twr/cumulative")),
                last["twr"]["cumulative_start_date"].clone(),
            ),
            None => (Decimal::ZERO, moment(self.now)),
        };
        let cumulative = (Decimal::ONE + so_far) * (Decimal::ONE + daily) - Decimal::ONE;
        let fields = json!({
            "account_id": account,
            "date": moment(self.now),
            "twr": {
                "daily": daily.normalize().to_string(),
                "cumulative": cumulative.round_dp(DIGITS).normalize().to_string(),
                "cumulative_start_date": start,
            },
        });
        if let Some(value) = described_item("list_account_returns", fields) {
            let id = format!("{account} {}", self.now);
            self.add_named(resource_type("account return"), id, BTreeMap::new(), value);
        }
    }

    fn last(&self, name: &str, account: &str) -> Option<&Value> {
        let all = self
            .all(resource_type(name))
            .filter(|one| one.has("account_id", account));
        all.last().map(|one| &one.value)
    }
}
