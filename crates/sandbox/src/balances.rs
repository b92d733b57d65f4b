use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use upvest_models::{CashBalance, Currency, Decimal, Uuid};

/// The account group of the published examples.
pub(crate) const DEMO_ACCOUNT_GROUP: Uuid = Uuid::from_u128(0xd0fc0305_97b7_4e3b_bddf_66d3c434898c);

/// The cash of all account groups, by currency. A group exists once it has a balance.
pub(crate) struct Balances(Mutex<BTreeMap<Uuid, BTreeMap<String, CashBalance>>>);

impl Balances {
    /// All balances of an account group in the order of their currencies; none if it does not exist.
    pub(crate) fn of(&self, account_group_id: Uuid) -> Vec<CashBalance> {
        let balances = self.balances();
        let group = balances.get(&account_group_id);
        group
            .into_iter()
            .flat_map(BTreeMap::values)
            .cloned()
            .collect()
    }

    /// The balance in euros, or in the first currency there is if there are no euros.
    pub(crate) fn main(&self, account_group_id: Uuid) -> Option<CashBalance> {
        let balances = self.of(account_group_id);
        let euros = balances.iter().find(|one| one.currency == Currency::Eur);
        euros.or(balances.first()).cloned()
    }

    pub(crate) fn set(&self, balance: CashBalance) {
        let mut balances = self.balances();
        let group = balances.entry(balance.account_group_id).or_default();
        group.insert(balance.currency.to_string(), balance);
    }

    fn balances(&self) -> MutexGuard<'_, BTreeMap<Uuid, BTreeMap<String, CashBalance>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The demo account group alone, with the balance of the published example.
impl Default for Balances {
    fn default() -> Self {
        let demo = CashBalance {
            account_group_id: DEMO_ACCOUNT_GROUP,
            currency: Currency::Eur,
            balance: Decimal::new(10_025, 2),
            locked_for_trading: Decimal::TEN,
            pending_settlement: Decimal::TEN,
            available_for_withdrawal: Decimal::new(80, 0),
            available_for_trading: Decimal::new(80, 0),
        };
        let balances = Self(Mutex::default());
        balances.set(demo);
        balances
    }
}
