//! Rebalancing: each account that is concerned gets a portfolio order.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use uuid::Uuid;

use super::resource_types::resource_type;
use super::store::Store;
use crate::examples::{described, described_item, moment};

impl Store {
    /// Rebalances the accounts that an execution names, and those of the allocations that it names.
    /// Accounts that do not exist are skipped.
    pub(super) fn rebalance(&mut self, execution: &str) {
        let found = self.find(resource_type("rebalancing execution"), execution);
        let Some(named) = found.map(|one| one.value.clone()) else {
            return;
        };
        for account in self.rebalanced_accounts(&named) {
            let order = Uuid::new_v4().to_string();
            self.add_portfolio_order(&order, &json!({ "account_id": account }), "REBALANCING");
            let id = Uuid::new_v4().to_string();
            let fields = json!({
                "id": id,
                "created_at": moment(self.now),
                "updated_at": moment(self.now),
                "execution_id": execution,
                "account_id": account,
                "portfolio_order_id": order,
                "status": "NEW",
            });
            let list = "list_portfolio_rebalancing_execution_orders";
            let Some(value) = described_item(list, fields) else {
                return;
            };
            let kind = resource_type("rebalancing order");
            self.add(kind, BTreeMap::new(), value);
            self.take_transitions(kind, &id, kind.lifecycle);
        }
    }

    fn rebalanced_accounts(&self, execution: &Value) -> BTreeSet<String> {
        let named = |name: &str| {
            let ids = execution[name].as_array().into_iter().flatten();
            let ids = ids.filter_map(Value::as_str).map(str::to_owned);
            ids.collect::<BTreeSet<String>>()
        };
        let allocations = named("allocations");
        let configured = self
            .all(resource_type("portfolio configuration"))
            .filter(|one| {
                let allocation = one.value["allocation_id"].as_str();
                allocation.is_some_and(|id| allocations.contains(id))
            });
        let configured = configured.filter_map(|one| one.value["account_id"].as_str());
        let mut accounts = named("accounts");
        accounts.extend(configured.map(str::to_owned));
        accounts.retain(|id| self.find(resource_type("account"), id).is_some());
        accounts
    }

    /// A portfolio order that Upvest places by itself, for an account and perhaps for an amount.
    pub(super) fn add_portfolio_order(&mut self, id: &str, of: &Value, type_: &str) {
        let account = of["account_id"].as_str().unwrap_or_default().to_owned();
        let configured = self.find(resource_type("portfolio configuration"), &account);
        let allocation = configured.map(|one| one.value["allocation_id"].clone());
        let fields = json!({
            "id": id,
            "created_at": moment(self.now),
            "updated_at": moment(self.now),
            "account_id": account,
            "user_id": of["user_id"],
            "allocation_id": allocation,
            "cash_amount": of["cash_amount"].as_str().unwrap_or("0"),
            "currency": of["currency"].as_str().unwrap_or("EUR"),
            "status": "NEW",
            "orders": [],
            "client_reference": "",
            "type": type_,
        });
        let kind = resource_type("portfolio order");
        let keys = BTreeMap::from([("account_id".to_owned(), account)]);
        self.add(kind, keys, described("retrieve_portfolios_order", fields));
        self.take_transitions(kind, id, kind.lifecycle);
    }
}
