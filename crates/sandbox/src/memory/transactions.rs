//! What is booked: transactions of cash and of securities.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use uuid::Uuid;

use super::cash::decimal;
use super::resource_type::{Flow, ResourceType};
use super::resource_types::resource_type;
use super::store::Store;
use crate::description::{description, fit, sample};
use crate::examples::moment;

/// The types of the transactions, and of their references, by what they are for.
const TYPES: [(&str, &str, &str); 5] = [
    ("direct debit", "SEPA_DIRECT_DEBIT", "DIRECT_DEBIT"),
    ("top-up", "TOPUP", "TOPUP"),
    ("withdrawal", "WITHDRAWAL", "WITHDRAWAL"),
    ("credit funding", "CREDIT_FUNDING", "CREDIT_FUNDING"),
    (
        "cash balance transfer",
        "INTERNAL_CASH_TRANSFER",
        "CASH_BALANCE_TRANSFER",
    ),
];

impl Store {
    /// Books the cash that a resource moves.
    pub(super) fn book_cash(&mut self, of: &ResourceType, value: &Value, flow: &Flow) {
        let Some((_, type_, reference)) = TYPES.iter().find(|(name, ..)| *name == of.name) else {
            return;
        };
        let Some(group) = value[flow.group].as_str() else {
            return;
        };
        let amount = decimal(value.get(of.amount)) * Decimal::from(flow.change.balance);
        let currency = value["currency"].as_str().unwrap_or("EUR");
        self.book(
            "cash transaction",
            "CASH_TRANSACTION.EXECUTED",
            &BTreeMap::from([("account_group_id", group)]),
            json!({
                "account_group_id": group,
                "type": type_,
                "delta": { "amount": amount.to_string(), "currency": currency },
                "references": [{ "id": value["id"], "type": reference }],
                "taxes": [],
            }),
        );
    }

    /// Books a transaction, and publishes an event, unless the description has no event of this
    /// type.
    pub(super) fn book(
        &mut self,
        name: &str,
        event: &str,
        keys: &BTreeMap<&str, &str>,
        fields: Value,
    ) {
        let kind = resource_type(name);
        let list = kind
            .lists
            .first()
            .and_then(|id| description().operation(id));
        let content = list.and_then(|list| list.json());
        let item = content.and_then(|content| {
            let data = description().property(&content.schema, "data")?;
            Some((content, description().items(data)?))
        });
        let Some((content, schema)) = item else {
            return;
        };
        let now = moment(self.now);
        let mut known = fields.as_object().cloned().unwrap_or_default();
        known.insert("id".to_owned(), json!(Uuid::new_v4()));
        for moment in ["created_at", "updated_at", "booking_date", "value_date"] {
            known.insert(moment.to_owned(), now.clone());
        }
        let examples = content.examples.iter().filter_map(|one| one["data"].get(0));
        let of_type = examples.clone().find(|one| one["type"] == fields["type"]);
        let example = of_type.or(examples.clone().next()).cloned();
        let value = fit(schema, &example.unwrap_or_else(|| sample(schema)), &known);
        if value["type"] != fields["type"] {
            return;
        }
        let keys = keys
            .iter()
            .map(|(name, id)| ((*name).to_owned(), (*id).to_owned()));
        self.emit(event, &value);
        self.add(kind, keys.collect(), value);
    }
}
