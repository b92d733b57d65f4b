//! Positions of accounts in instruments.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::cash::decimal;
use super::resource_types::resource_type;
use super::store::Store;
use crate::description::{description, fit};
use crate::examples::closest;

/// How a trade changes a position.
#[derive(Clone, Copy, Default)]
pub(super) struct Shares {
    pub(super) quantity: Decimal,
    pub(super) locked: Decimal,
    pub(super) pending: Decimal,
}

impl Store {
    /// How much of an instrument an account can sell.
    pub(super) fn sellable(&self, account: &str, isin: &str) -> Decimal {
        let available = |value: &Value| decimal(value.get("available_for_trading"));
        self.position(account, isin)
            .map_or(Decimal::ZERO, available)
    }

    /// The position of an account in an instrument, which may be named as a URN.
    pub(crate) fn position(&self, account: &str, instrument: &str) -> Option<&Value> {
        let isin = instrument
            .trim_start_matches("urn:")
            .trim_start_matches("isin:");
        let found = self.find(resource_type("position"), &name(account, isin))?;
        Some(&found.value)
    }

    /// Adds to a position, which is made if it does not exist, and publishes an event.
    pub(super) fn add_shares(&mut self, account: &str, isin: &str, more: Shares) {
        let id = name(account, isin);
        let kind = resource_type("position");
        if self.find(kind, &id).is_none() {
            let Some(value) = empty(account, isin) else {
                return;
            };
            let keys = [("account_id", account), ("instrument_id", isin)];
            let keys = keys.map(|(name, id)| (name.to_owned(), id.to_owned()));
            self.add_named(kind, id.clone(), BTreeMap::from(keys), value);
        }
        let Some(position) = self.find_mut(kind, &id) else {
            return;
        };
        let sum = |name: &str, more: Decimal| decimal(position.value.get(name)) + more;
        let quantity = sum("quantity", more.quantity);
        let locked = sum("locked_for_trading", more.locked);
        let pending = sum("pending_settlement", more.pending);
        for (name, amount) in [
            ("quantity", quantity),
            ("locked_for_trading", locked),
            ("pending_settlement", pending),
            ("available_for_trading", quantity - locked),
            ("available_for_instruction", quantity - locked - pending),
            ("settled_quantity", quantity - pending),
        ] {
            if position.value.get(name).is_some() {
                position.set(name, json!(amount.normalize().to_string()));
            }
        }
        let value = position.value.clone();
        self.emit("POSITION.UPDATED", &value);
    }
}

fn name(account: &str, isin: &str) -> String {
    format!("{account} {isin}")
}

fn empty(account: &str, isin: &str) -> Option<Value> {
    let content = description().operation("retrieve_position")?.json()?;
    let mut example = closest(content, &Map::new());
    for name in ["quantity", "locked_for_trading", "pending_settlement"] {
        example[name] = json!("0");
    }
    let fields = json!({
        "account_id": account,
        "instrument": instrument(isin),
        "quantity": "0",
        "locked_for_trading": "0",
        "pending_settlement": "0",
        "available_for_trading": "0",
    });
    Some(fit(&content.schema, &example, fields.as_object()?))
}

/// An instrument as resources contain it. It has the same id everywhere.
pub(super) fn instrument(isin: &str) -> Value {
    let hash = isin.bytes().fold(0_u128, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u128::from(byte))
    });
    let uuid = uuid::Builder::from_random_bytes(hash.to_be_bytes()).into_uuid();
    json!({ "isin": isin, "uuid": uuid })
}
