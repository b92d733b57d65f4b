//! The resources with their values, the cash, and the events about them.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::cash::{Balance, Cash};
use super::resource_type::ResourceType;
use super::schedule::{Durations, Schedule};
use crate::description::{description, fit, sample};
use crate::examples::moment;

/// Everything that is remembered.
pub(crate) struct Store {
    /// The time of the calendar.
    pub(super) now: DateTime<Utc>,
    pub(super) durations: Durations,
    pub(super) cash: Cash,
    pub(super) schedule: Schedule,
    pub(super) prices: BTreeMap<String, Decimal>,
    resources: Vec<Resource>,
    events: Vec<PendingEvent>,
}

/// Something that webhooks report.
pub(crate) struct PendingEvent {
    pub(crate) type_: String,
    pub(crate) object: Value,
    pub(crate) at: DateTime<Utc>,
}

/// A resource with its id.
pub(super) struct Resource {
    pub(super) kind: &'static ResourceType,
    pub(super) id: String,
    /// The ids that it belongs to, by their names, whether or not its value has them.
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

impl Store {
    /// An empty store.
    pub(super) fn empty(now: DateTime<Utc>, durations: Durations) -> Self {
        Self {
            now,
            durations,
            cash: Cash::default(),
            schedule: Schedule::default(),
            prices: BTreeMap::new(),
            resources: Vec::new(),
            events: Vec::new(),
        }
    }

    /// Sets the time. What is due happens when the store [catches up](Self::catch_up).
    pub(crate) fn set_time(&mut self, now: DateTime<Utc>) {
        self.now = now;
    }

    /// The events since this was last called.
    pub(crate) fn take_events(&mut self) -> Vec<PendingEvent> {
        std::mem::take(&mut self.events)
    }

    /// Adds a resource as it is, and returns its id. One without an id has that of what it is about,
    /// and takes the place of the one before.
    pub(super) fn add(
        &mut self,
        kind: &'static ResourceType,
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

    /// Adds a resource that is known by another id than the one in its value.
    pub(super) fn add_named(
        &mut self,
        kind: &'static ResourceType,
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

    pub(super) fn find(&self, kind: &ResourceType, id: &str) -> Option<&Resource> {
        let mut resources = self.resources.iter();
        resources.find(|one| one.kind.name == kind.name && one.id == id)
    }

    pub(super) fn find_mut(&mut self, kind: &ResourceType, id: &str) -> Option<&mut Resource> {
        let mut resources = self.resources.iter_mut();
        resources.find(|one| one.kind.name == kind.name && one.id == id)
    }

    pub(super) fn all(&self, kind: &ResourceType) -> impl Iterator<Item = &Resource> {
        let name = kind.name;
        self.resources
            .iter()
            .filter(move |one| one.kind.name == name)
    }

    pub(super) fn forget(&mut self, kind: &ResourceType, id: &str) {
        self.schedule.forget(kind, id);
        let is_it = |one: &Resource| one.kind.name == kind.name && one.id == id;
        self.resources.retain(|one| !is_it(one));
    }

    /// Records that a resource has changed now.
    pub(super) fn touch(&mut self, kind: &ResourceType, id: &str) {
        let now = moment(self.now);
        if let Some(resource) = self.find_mut(kind, id)
            && resource.value.get("updated_at").is_some()
        {
            resource.set("updated_at", now);
        }
    }

    /// Publishes an event about a resource, in the form of its schema, if there is an event of this type.
    pub(super) fn emit(&mut self, type_: &str, value: &Value) {
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
        self.emit_as_it_is(type_, fit(schema, &example, &fields));
    }

    pub(super) fn emit_as_it_is(&mut self, type_: &str, object: Value) {
        self.events.push(PendingEvent {
            type_: type_.to_owned(),
            object,
            at: self.now,
        });
    }

    /// The balances of an account group.
    pub(crate) fn balances(&self, account_group_id: &str) -> Vec<Balance> {
        self.cash.of(account_group_id)
    }

    /// Sets a balance, and publishes an event.
    pub(crate) fn set_balance(&mut self, balance: Balance) {
        self.cash.set(balance.clone());
        self.emit_as_it_is("CASH_BALANCE.UPDATED", balance.into());
    }
}
