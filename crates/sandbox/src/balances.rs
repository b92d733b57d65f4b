use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use upvest_models::{CashBalance, Currency, Decimal, Uuid};

/// The account group of the published examples.
pub(crate) const DEMO_ACCOUNT_GROUP: Uuid = Uuid::from_u128(0xd0fc0305_97b7_4e3b_bddf_66d3c434898c);

/// The cash of all account groups. A group exists once it has a balance.
pub(crate) struct Balances(Mutex<HashMap<Uuid, CashBalance>>);

impl Balances {
    pub(crate) fn get(&self, account_group_id: Uuid) -> Option<CashBalance> {
        self.balances().get(&account_group_id).cloned()
    }

    pub(crate) fn set(&self, balance: CashBalance) {
        self.balances().insert(balance.account_group_id, balance);
    }

    fn balances(&self) -> MutexGuard<'_, HashMap<Uuid, CashBalance>> {
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
        Self(Mutex::new(HashMap::from([(DEMO_ACCOUNT_GROUP, demo)])))
    }
}
