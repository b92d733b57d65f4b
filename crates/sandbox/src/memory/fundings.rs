//! Credit fundings: cash that is transferred to a virtual bank account.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use super::resource_types::resource_type;
use super::store::{Resource, Store};
use crate::call::Call;
use crate::examples::{described, described_item, moment};

impl Store {
    /// Books a bank transfer. A transfer to a virtual bank account is a credit funding of its
    /// account group.
    pub(crate) fn receive_transfer(&mut self, call: &Call) {
        let body = &call.body;
        let bank_account = self.all(resource_type("virtual bank account")).find(|one| {
            let iban = one.value.pointer("/identification/swift/iban");
            match body["virtual_bank_account_id"].as_str() {
                Some(id) => one.id == id,
                None => iban.is_some_and(|iban| *iban == body["account"]["iban"]),
            }
        });
        let Some(bank_account) = bank_account else {
            return;
        };
        let fields = json!({
            "id": Uuid::new_v4(),
            "created_at": moment(self.now),
            "account_group_id": bank_account.value["account_group_id"],
            "virtual_bank_account_id": bank_account.id,
            "cash_amount": body["amount"],
            "currency": body["currency"],
            "remittance_information": body["remittance_information"],
            "purpose_code": body["purpose_code"],
            "counterparty": {
                "identification": { "name": body["counterparty_name"] },
                "account": { "identification": { "iban": body["counterparty_account"]["iban"] } },
            },
        });
        let kind = resource_type("credit funding");
        let id = self.add(
            kind,
            BTreeMap::new(),
            described("retrieve_credit_funding", fields),
        );
        self.take_transitions(kind, &id, kind.lifecycle);
    }

    /// Where to transfer cash to for an account group: its virtual bank accounts.
    pub(crate) fn funding_details(&self, account_group: &str) -> Vec<Value> {
        let all = self.all(resource_type("virtual bank account"));
        let own = all.filter(|one| one.has("account_group_id", account_group));
        let details = |one: &Resource| {
            let digits: String = one
                .id
                .chars()
                .filter(char::is_ascii_digit)
                .take(9)
                .collect();
            let fields = json!({
                "currency": "EUR",
                "owner": one.value["owner"],
                "identification": one.value["identification"],
                "virtual_bank_account_id": one.id,
                "name": one.value["name"],
                "remittance_information": format!("CF{digits}"),
            });
            described_item("retrieve_funding_details", fields)
        };
        own.filter_map(details).collect()
    }
}
