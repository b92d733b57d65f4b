//! Webhooks: by name, or by operation id where the name has changed.

use std::collections::BTreeSet;

use serde_json::Value;

use super::types::{Comparison, is_deprecated, text};
use super::{Change, Kind, Usage, Version};
use crate::error::Pointer;

/// All webhooks.
pub(super) fn compare(old: &Version, new: &Version, types: &Comparison) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut tell = |kind, name: &str, detail: String| {
        let pointer = Pointer::root().join("x-webhooks").join(name);
        changes.push(Change::new(kind, Usage::READ, name, detail, pointer));
    };
    let (before, after) = (
        &old.outcome.description.webhooks,
        &new.outcome.description.webhooks,
    );
    let mut met = BTreeSet::new();
    for webhook in before {
        let by_name = after.iter().find(|other| other.name == webhook.name);
        let Some(same) = by_name.or_else(|| after.iter().find(|other| other.id == webhook.id))
        else {
            tell(Kind::WebhookRemoved, &webhook.name, String::new());
            continue;
        };
        met.insert(&same.name);
        if webhook.name != same.name {
            tell(
                Kind::WebhookRenamed,
                &same.name,
                format!("{} → {}", webhook.name, same.name),
            );
        }
        if let Some(detail) = types.names.difference(&webhook.schema, &same.schema) {
            tell(Kind::WebhookChanged, &same.name, detail);
        }
        let post = |version: &Version, name: &str| {
            version.document.root["x-webhooks"][name]["post"].clone()
        };
        let (was, is) = (post(old, &webhook.name), post(new, &same.name));
        match (is_deprecated(&was), is_deprecated(&is)) {
            (false, true) => tell(Kind::WebhookDeprecated, &same.name, String::new()),
            (true, false) => tell(Kind::WebhookRestored, &same.name, String::new()),
            _ => {}
        }
        let docs = |post: &Value| {
            [
                text(post["summary"].as_str()).to_owned(),
                text(post["description"].as_str()).to_owned(),
            ]
        };
        if docs(&was) != docs(&is) {
            tell(Kind::WebhookDescribed, &same.name, String::new());
        }
    }
    for webhook in after.iter().filter(|webhook| !met.contains(&webhook.name)) {
        tell(Kind::WebhookAdded, &webhook.name, String::new());
    }
    changes
}
