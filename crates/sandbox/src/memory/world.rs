use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::agenda::{Agenda, Pace};
use super::cash::{Balance, Cash, WITHDRAWAL, decimal};
use super::kind::{Kind, Step};
use super::kinds::kind;
use crate::call::Call;
use crate::description::{description, fit, merge, sample};
use crate::examples::{closest, moment};
use crate::refusal::Refusal;

/// Everything that is remembered.
pub(crate) struct World {
    /// The time of the calendar.
    pub(super) now: DateTime<Utc>,
    pub(super) pace: Pace,
    pub(super) cash: Cash,
    pub(super) agenda: Agenda,
    pub(super) prices: BTreeMap<String, Decimal>,
    resources: Vec<Resource>,
    told: Vec<Told>,
}

/// Something that webhooks are to tell of.
pub(crate) struct Told {
    pub(crate) type_: String,
    pub(crate) object: Value,
    pub(crate) at: DateTime<Utc>,
}

/// Something that was made, and has an id.
pub(super) struct Resource {
    pub(super) kind: &'static Kind,
    pub(super) id: String,
    /// The ids that it belongs to, by their names, whether or not it tells them.
    pub(super) keys: BTreeMap<String, String>,
    pub(super) value: Value,
}

impl Resource {
    pub(super) fn set(&mut self, name: &str, value: Value) {
        if let Some(members) = self.value.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
    }

    /// Whether it belongs to, or has in a field of this name or of its plural, this very thing.
    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        let several = self.value[format!("{name}s")].as_array();
        self.keys.get(name).is_some_and(|key| key == value)
            || self.value[name] == value
            || several.is_some_and(|all| all.contains(&json!(value)))
    }
}

impl World {
    pub(crate) fn new(now: DateTime<Utc>, pace: Pace) -> Self {
        let mut world = Self {
            now,
            pace,
            cash: Cash::default(),
            agenda: Agenda::default(),
            prices: BTreeMap::new(),
            resources: Vec::new(),
            told: Vec::new(),
        };
        world.seed();
        world
    }

    /// Sets the time. What is due happens when the world [catches up](Self::catch_up).
    pub(crate) fn set_time(&mut self, now: DateTime<Utc>) {
        self.now = now;
    }

    /// What there is to tell since this was last asked for.
    pub(crate) fn take_told(&mut self) -> Vec<Told> {
        std::mem::take(&mut self.told)
    }

    /// Adds a resource as it is, and returns its id. One without an id has that of what it is about,
    /// and takes the place of the one before.
    pub(super) fn add(
        &mut self,
        kind: &'static Kind,
        keys: BTreeMap<String, String>,
        value: Value,
    ) -> String {
        let own = value["id"].as_str().map(str::to_owned);
        let id = own.or_else(|| keys.get(kind.id).cloned());
        let id = id.unwrap_or_default();
        self.forget(kind, &id);
        self.add_named(kind, id.clone(), keys, value);
        id
    }

    /// Adds a resource that is known by another id than it tells.
    pub(super) fn add_named(
        &mut self,
        kind: &'static Kind,
        id: String,
        keys: BTreeMap<String, String>,
        value: Value,
    ) {
        self.resources.push(Resource {
            kind,
            id,
            keys,
            value,
        });
    }

    pub(super) fn find(&self, kind: &Kind, id: &str) -> Option<&Resource> {
        let mut resources = self.resources.iter();
        resources.find(|one| one.kind.name == kind.name && one.id == id)
    }

    pub(super) fn find_mut(&mut self, kind: &Kind, id: &str) -> Option<&mut Resource> {
        let mut resources = self.resources.iter_mut();
        resources.find(|one| one.kind.name == kind.name && one.id == id)
    }

    pub(super) fn all(&self, kind: &Kind) -> impl Iterator<Item = &Resource> {
        let name = kind.name;
        self.resources
            .iter()
            .filter(move |one| one.kind.name == name)
    }

    pub(super) fn forget(&mut self, kind: &Kind, id: &str) {
        self.agenda.forget(kind, id);
        let is_it = |one: &Resource| one.kind.name == kind.name && one.id == id;
        self.resources.retain(|one| !is_it(one));
    }

    /// Notes that a resource has changed now.
    pub(super) fn touch(&mut self, kind: &Kind, id: &str) {
        let now = moment(self.now);
        if let Some(resource) = self.find_mut(kind, id)
            && resource.value.get("updated_at").is_some()
        {
            resource.set("updated_at", now);
        }
    }

    /// The resource that a path names, which also has to belong to what else the path names.
    pub(super) fn named(&self, kind: &'static Kind, call: &Call) -> Result<&Resource, Refusal> {
        let not_found = || Refusal::not_found(format!("There is no such {}", kind.name));
        let id = call.path.get(kind.id).ok_or_else(not_found)?;
        let others = call.path.iter().filter(|(name, _)| *name != kind.id);
        self.find(kind, id)
            .filter(|found| {
                others
                    .into_iter()
                    .all(|(name, value)| found.has(name, value))
            })
            .ok_or_else(not_found)
    }

    /// The resource that a path names, as it is.
    pub(crate) fn value(&self, kind: &'static Kind, call: &Call) -> Result<Value, Refusal> {
        self.named(kind, call).map(|found| found.value.clone())
    }

    /// All of a kind that belong to what the request names.
    pub(crate) fn matching(&self, kind: &'static Kind, call: &Call) -> Vec<Value> {
        let queried = call
            .query
            .iter()
            .filter_map(|(name, value)| Some((name, value.as_str()?)));
        let filters: Vec<(&str, &str)> = queried
            .filter(|(name, _)| {
                name.ends_with("_id") || ["type", "status"].contains(&name.as_str())
            })
            .map(|(name, value)| (name.as_str(), value))
            .chain(
                call.path
                    .iter()
                    .map(|(name, value)| (name.as_str(), value.as_str())),
            )
            .collect();
        let wanted = |one: &&Resource| filters.iter().all(|(name, value)| one.has(name, value));
        self.all(kind)
            .filter(wanted)
            .map(|one| one.value.clone())
            .collect()
    }

    /// Whether everything exists that a request names in its path or body.
    pub(crate) fn check_references(&self, call: &Call) -> Result<(), Refusal> {
        let own = call.operation.own_parameter();
        let in_path = call
            .path
            .iter()
            .map(|(name, id)| (name.as_str(), id.as_str()));
        let in_body = call.body.as_object().into_iter().flatten();
        let in_body = in_body.filter_map(|(name, id)| Some((name.as_str(), id.as_str()?)));
        for (name, id) in in_path
            .filter(|(name, _)| Some(*name) != own)
            .chain(in_body)
        {
            let name = name
                .trim_start_matches("source_")
                .trim_start_matches("target_");
            if let Some(kind) = REFERENCES
                .iter()
                .map(|name| kind(name))
                .find(|one| one.id == name)
                && self.find(kind, id).is_none()
            {
                return Err(Refusal::not_found(format!(
                    "There is no such {}",
                    kind.name
                )));
            }
        }
        Ok(())
    }

    /// Makes a resource of what an operation answers, and begins its life. Returns what there is to
    /// answer.
    ///
    /// # Errors
    ///
    /// When there is not enough cash for it.
    pub(crate) fn create(
        &mut self,
        kind: &'static Kind,
        call: &Call,
        answer: Value,
    ) -> Result<Value, Refusal> {
        self.check_cash(kind, call)?;
        let value = complete(kind, call, answer);
        let id = self.add(kind, keys(call, &value), value);
        if kind.id == "account_group_id" {
            let _ = self.cash.open(&id, "EUR");
        }
        self.take_steps(kind, &id, kind.life);
        (kind.begins)(self, &id);
        let made = self.find(kind, &id).map(|made| made.value.clone());
        Ok(made.unwrap_or_default())
    }

    fn check_cash(&self, kind: &Kind, call: &Call) -> Result<(), Refusal> {
        let flows = kind.life.first().map_or(&[][..], |step| step.cash);
        for flow in flows.iter().filter(|flow| flow.change.withdrawal < 0) {
            let group = call.body[flow.group].as_str().unwrap_or_default();
            let currency = call.body["currency"].as_str().unwrap_or("EUR");
            let available = self.cash.amount(group, currency, WITHDRAWAL);
            if decimal(call.body.get(kind.amount)) > available {
                let detail = format!(
                    "The {} is of more than what is available for withdrawal, {available} {currency}",
                    kind.name
                );
                return Err(Refusal::new(call.operation.impossible(), detail));
            }
        }
        Ok(())
    }

    /// Changes the fields that a request names.
    pub(crate) fn update(&mut self, kind: &'static Kind, call: &Call) -> Result<Value, Refusal> {
        let id = self.named(kind, call)?.id.clone();
        if let (Some(resource), Some(content)) = (self.find_mut(kind, &id), call.operation.json()) {
            merge(&content.schema, &mut resource.value, &call.fields());
        }
        self.touch(kind, &id);
        let value = self.named(kind, call)?.value.clone();
        self.tell(kind.update.1, &value);
        Ok(value)
    }

    /// Ends a resource's life, if it is in a state in which that can be.
    pub(crate) fn remove(&mut self, kind: &'static Kind, call: &Call) -> Result<Value, Refusal> {
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
        let steps: &'static [Step] = kind.removal.steps;
        if steps.is_empty() {
            self.forget(kind, &id);
        } else {
            self.agenda.forget(kind, &id);
            self.take_steps(kind, &id, steps);
        }
        (kind.ends)(self, &id);
        Ok(value)
    }

    /// Tells of a resource, if there is an event of this type: as its schema has it.
    pub(super) fn tell(&mut self, type_: &str, value: &Value) {
        let Some(event) = description().event(type_) else {
            return;
        };
        let Some(schema) = description().property(&event.schema, "object") else {
            return;
        };
        let of_type = event
            .examples
            .iter()
            .find(|example| example["type"] == type_);
        let example = of_type
            .or(event.examples.first())
            .map(|example| &example["object"]);
        let example = example.cloned().unwrap_or_else(|| sample(schema));
        let fields = value.as_object().cloned().unwrap_or_default();
        self.tell_as_it_is(type_, fit(schema, &example, &fields));
    }

    pub(super) fn tell_as_it_is(&mut self, type_: &str, object: Value) {
        self.told.push(Told {
            type_: type_.to_owned(),
            object,
            at: self.now,
        });
    }

    /// The balances of an account group.
    pub(crate) fn balances(&self, account_group_id: &str) -> Vec<Balance> {
        self.cash.of(account_group_id)
    }

    /// Sets a balance, and tells of it.
    pub(crate) fn set_balance(&mut self, balance: Balance) {
        self.cash.set(balance.clone());
        self.tell_as_it_is("CASH_BALANCE.UPDATED", balance.into());
    }
}

/// What a body refers to by an id that has to exist.
const REFERENCES: [&str; 9] = [
    "user",
    "business",
    "account group",
    "account",
    "reference account",
    "mandate",
    "savings plan",
    "rebalancing execution",
    "virtual bank account",
];

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

/// The whole resource, of which an answer may tell no more than the id.
fn complete(kind: &Kind, call: &Call, answer: Value) -> Value {
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
