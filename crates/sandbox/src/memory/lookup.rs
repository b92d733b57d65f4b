//! The resources that requests name.

use serde_json::Value;

use super::resource_type::ResourceType;
use super::resource_types::resource_type;
use super::store::{Resource, Store};
use crate::call::Call;
use crate::refusal::Refusal;

impl Store {
    /// The resource that a path names. It must also belong to the other resources in the path.
    pub(super) fn named(
        &self,
        kind: &'static ResourceType,
        call: &Call,
    ) -> Result<&Resource, Refusal> {
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
    pub(crate) fn value(&self, kind: &'static ResourceType, call: &Call) -> Result<Value, Refusal> {
        self.named(kind, call).map(|found| found.value.clone())
    }

    /// All resources of a kind that belong to those that the request names.
    pub(crate) fn matching(&self, kind: &'static ResourceType, call: &Call) -> Vec<Value> {
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
                .map(|name| resource_type(name))
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
}

/// The ids in a body whose resources must exist.
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
