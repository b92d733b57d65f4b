//! The initial resources: the examples of the description, made to belong to each other.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::cash::{DEMO_ACCOUNT_GROUP, decimal};
use super::positions::Shares;
use super::resource_types::resource_types;
use super::schedule::Durations;
use super::store::Store;
use crate::description::{description, merge};
use crate::examples::closest;

/// The types of resources that other resources belong to, with the names of their ids.
const OWNERS: [(&str, &str); 5] = [
    ("user", "user_id"),
    ("account group", "account_group_id"),
    ("account", "account_id"),
    ("order", "order_id"),
    ("savings plan", "savings_plan_id"),
];

impl Store {
    /// A store with the initial resources.
    pub(crate) fn new(now: DateTime<Utc>, durations: Durations) -> Self {
        let mut store = Self::empty(now, durations);
        store.seed();
        store
    }

    /// Adds one resource of each kind that can be retrieved: its example.
    fn seed(&mut self) {
        let mut owners: BTreeMap<String, String> = BTreeMap::new();
        for kind in resource_types() {
            let retrieve = description().operation(kind.retrieve);
            let Some(content) = retrieve.and_then(|one| one.json()) else {
                continue;
            };
            let mut value = closest(content, &Map::new());
            if kind.name == "account group" {
                value["id"] = json!(DEMO_ACCOUNT_GROUP);
            }
            let fields = owners.iter().filter(|(name, _)| value.get(name).is_some());
            let fields: Map<String, Value> =
                fields.map(|(name, id)| (name.clone(), json!(id))).collect();
            merge(&content.schema, &mut value, &fields);
            if let Some(user) = owners.get("user_id")
                && let Some(owner) = value.pointer_mut("/users/0")
            {
                owner["id"] = json!(user);
            }
            let owner = OWNERS.iter().find(|(name, _)| *name == kind.name);
            if let (Some((_, name)), Some(id)) = (owner, value["id"].as_str()) {
                owners.insert((*name).to_owned(), id.to_owned());
            }
            if kind.name == "position" {
                let shares = decimal(value.get("quantity"));
                self.seed_position(&owners, &value, shares);
            } else {
                self.add(kind, owners.clone(), value);
            }
        }
        self.close_day();
        self.take_events();
        let demo = self.cash.open(&DEMO_ACCOUNT_GROUP.to_string(), "EUR");
        for (name, amount) in [
            ("balance", "100.25"),
            ("locked_for_trading", "10"),
            ("pending_settlement", "10"),
            ("available_for_withdrawal", "80"),
            ("available_for_trading", "80"),
        ] {
            demo.insert(name.to_owned(), json!(amount));
        }
    }

    fn seed_position(
        &mut self,
        owners: &BTreeMap<String, String>,
        value: &Value,
        quantity: Decimal,
    ) {
        let account = owners.get("account_id");
        if let (Some(account), Some(isin)) = (account, value["instrument"]["isin"].as_str()) {
            let shares = Shares {
                quantity,
                ..Shares::default()
            };
            self.add_shares(account, isin, shares);
        }
    }

    /// The id of the first resource that has its id by this name in paths.
    pub(crate) fn first(&self, parameter: &str) -> Option<String> {
        let kind = resource_types().find(|kind| kind.id == parameter)?;
        self.all(kind).next().map(|one| one.id.clone())
    }
}
