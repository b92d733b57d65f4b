//! Requests that make, change and remove resources.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::cash::{WITHDRAWAL, decimal};
use super::resource_type::{Consequence, ResourceType, Transition};
use super::store::Store;
use crate::call::Call;
use crate::description::{description, fit, merge};
use crate::examples::closest;
use crate::refusal::Refusal;

impl Store {
    /// Makes a resource from the answer of an operation, and begins its lifecycle. Returns the answer.
    ///
    /// # Errors
    ///
    /// When there is not enough cash for it.
    pub(crate) fn create(
        &mut self,
        kind: &'static ResourceType,
        call: &Call,
        answer: Value,
    ) -> Result<Value, Refusal> {
        self.check_cash(kind, call)?;
        let value = complete(kind, call, answer);
        let id = self.add(kind, keys(call, &value), value);
        if kind.id == "account_group_id" {
            let _ = self.cash.open(&id, "EUR");
        }
        self.take_transitions(kind, &id, kind.lifecycle);
        self.follow(kind.begins, &id);
        let made = self.find(kind, &id).map(|made| made.value.clone());
        Ok(made.unwrap_or_default())
    }

    fn check_cash(&self, kind: &ResourceType, call: &Call) -> Result<(), Refusal> {
        let flows = kind
            .lifecycle
            .first()
            .map_or(&[][..], |transition| transition.cash);
        for flow in flows.iter().filter(|flow| flow.change.withdrawal < 0) {
            let group = call.body[flow.group].as_str().unwrap_or_default();
            let currency = call.body["currency"].as_str().unwrap_or("EUR");
            let available = self.cash.amount(group, currency, WITHDRAWAL);
            if decimal(call.body.get(kind.amount)) > available {
                let detail = format!(
                    "The {} is for more than is available for withdrawal, {available} {currency}",
                    kind.name
                );
                return Err(Refusal::new(call.operation.impossible(), detail));
            }
        }
        Ok(())
    }

    /// Changes the fields that a request names.
    pub(crate) fn update(
        &mut self,
        kind: &'static ResourceType,
        call: &Call,
    ) -> Result<Value, Refusal> {
        let id = self.named(kind, call)?.id.clone();
        if let (Some(resource), Some(content)) = (self.find_mut(kind, &id), call.operation.json()) {
            merge(&content.schema, &mut resource.value, &call.fields());
        }
        self.touch(kind, &id);
        let value = self.named(kind, call)?.value.clone();
        self.emit(kind.update.1, &value);
        Ok(value)
    }

    /// Removes a resource, if its state allows that.
    pub(crate) fn remove(
        &mut self,
        kind: &'static ResourceType,
        call: &Call,
    ) -> Result<Value, Refusal> {
        let resource = self.named(kind, call)?;
        let (id, value) = (resource.id.clone(), resource.value.clone());
        let status = value["status"].as_str().unwrap_or_default();
        let states = kind.removal.states;
        if !states.is_empty() && !states.contains(&status) {
            let detail = format!(
                "The {} is {status}; expected {}",
                kind.name,
                states.join(", ")
            );
            let conflict = call.operation.impossible();
            return Err(Refusal::new(conflict, detail));
        }
        let transitions: &'static [Transition] = kind.removal.transitions;
        if transitions.is_empty() {
            self.forget(kind, &id);
        } else {
            self.schedule.forget(kind, &id);
            self.take_transitions(kind, &id, transitions);
        }
        self.follow(kind.ends, &id);
        Ok(value)
    }

    fn follow(&mut self, consequence: Consequence, id: &str) {
        match consequence {
            Consequence::Nothing => {}
            Consequence::BeginPlan => self.begin_plan(id),
            Consequence::CancelOrder => self.cancel_order_of(id),
            Consequence::Rebalance => self.rebalance(id),
        }
    }
}

/// The ids that a request says the new resource belongs to.
fn keys(call: &Call, value: &Value) -> BTreeMap<String, String> {
    let named = |(name, id): (&String, &Value)| Some((name.clone(), id.as_str()?.to_owned()));
    let fields = call
        .body
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(named);
    let own = value.as_object().into_iter().flatten().filter_map(named);
    own.chain(fields)
        .filter(|(name, _)| name.ends_with("_id"))
        .chain(call.path.clone())
        .collect()
}

/// The whole resource, of which an answer may contain only the id.
fn complete(kind: &ResourceType, call: &Call, answer: Value) -> Value {
    let mut value = answer;
    if let Some(retrieve) = description().operation(kind.retrieve)
        && let Some(content) = retrieve.json()
    {
        let fields = call.fields();
        let example = closest(content, &fields);
        let mut known: Map<String, Value> = fields;
        known.extend(call.path.iter().map(|(name, id)| (name.clone(), json!(id))));
        known.extend(value.as_object().cloned().unwrap_or_default());
        value = fit(&content.schema, &example, &known);
    }
    if let Some(iban) = value["iban"].as_str()
        && iban.len() > 8
        && iban.is_ascii()
    {
        let masked = format!("{}**********{}", &iban[..6], &iban[iban.len() - 4..]);
        value["iban"] = json!(masked);
    }
    let user = call.body["user_id"].as_str();
    if let (Some(user), Some(Value::Array(users))) = (user, value.get_mut("users")) {
        users.truncate(1);
        if let Some(owner) = users.first_mut() {
            owner["id"] = json!(user);
        }
    }
    value
}
