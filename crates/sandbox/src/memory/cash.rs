//! The cash of account groups.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};
use upvest_models::Uuid;

use super::resource_type::Change;

/// The account group of the published examples.
pub(crate) const DEMO_ACCOUNT_GROUP: Uuid = Uuid::from_u128(0xd0fc0305_97b7_4e3b_bddf_66d3c434898c);

/// One balance, as the API has it.
pub(crate) type Balance = Map<String, Value>;

const ACCOUNT_GROUP: &str = "account_group_id";
const CURRENCY: &str = "currency";
pub(super) const LOCKED: &str = "locked_for_trading";
pub(super) const WITHDRAWAL: &str = "available_for_withdrawal";
pub(super) const TRADING: &str = "available_for_trading";

/// The cash of all account groups, by currency. A group exists once it has a balance.
///
/// A balance is the one that was set, digit for digit, plus what was added since: no amount is computed
/// from another.
#[derive(Default)]
pub(super) struct Cash(BTreeMap<String, BTreeMap<String, Balance>>);

impl Cash {
    /// All balances of an account group in the order of their currencies; none if it does not exist.
    pub(super) fn of(&self, account_group_id: &str) -> Vec<Balance> {
        let group = self.0.get(account_group_id);
        let balances = group.into_iter().flat_map(BTreeMap::values);
        balances.cloned().collect()
    }

    /// Takes a balance as it is.
    pub(super) fn set(&mut self, balance: Balance) {
        let text = |name: &str| balance.get(name).and_then(Value::as_str).map(str::to_owned);
        if let (Some(group), Some(currency)) = (text(ACCOUNT_GROUP), text(CURRENCY)) {
            self.0.entry(group).or_default().insert(currency, balance);
        }
    }

    /// Makes an account group exist, with nothing in this currency unless it has something.
    pub(super) fn open(&mut self, group: &str, currency: &str) -> &mut Balance {
        let balances = self.0.entry(group.to_owned()).or_default();
        let empty = || {
            let zero = json!("0");
            Map::from_iter([
                (ACCOUNT_GROUP.to_owned(), json!(group)),
                (CURRENCY.to_owned(), json!(currency)),
                ("balance".to_owned(), zero.clone()),
                (LOCKED.to_owned(), zero.clone()),
                ("pending_settlement".to_owned(), zero.clone()),
                (WITHDRAWAL.to_owned(), zero.clone()),
                (TRADING.to_owned(), zero),
            ])
        };
        balances.entry(currency.to_owned()).or_insert_with(empty)
    }

    /// One amount of a balance; 0 if there is no such balance.
    pub(super) fn amount(&self, group: &str, currency: &str, name: &str) -> Decimal {
        let balance = self.0.get(group).and_then(|group| group.get(currency));
        balance.map_or(Decimal::ZERO, |balance| decimal(balance.get(name)))
    }

    /// Adds multiples of an amount. Returns the balance as it is now.
    pub(super) fn add(
        &mut self,
        group: &str,
        currency: &str,
        change: Change,
        amount: Decimal,
    ) -> Balance {
        let balance = self.open(group, currency);
        for (name, times) in [
            ("balance", change.balance),
            (LOCKED, change.locked),
            ("pending_settlement", change.pending),
            (WITHDRAWAL, change.withdrawal),
            (TRADING, change.trading),
        ] {
            if times != 0 {
                let sum = decimal(balance.get(name)) + amount * Decimal::from(times);
                balance.insert(name.to_owned(), json!(sum.normalize().to_string()));
            }
        }
        balance.clone()
    }
}

/// The balance in euros, or in the first currency if there are no euros.
pub(crate) fn main_balance(balances: Vec<Balance>) -> Option<Balance> {
    let is_in_euros = |one: &Balance| one.get(CURRENCY).is_some_and(|currency| currency == "EUR");
    let euros = balances.iter().position(is_in_euros);
    balances.into_iter().nth(euros.unwrap_or(0))
}

/// The number in a text; 0 if there is no number.
pub(super) fn decimal(value: Option<&Value>) -> Decimal {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    text.parse().unwrap_or_default()
}
