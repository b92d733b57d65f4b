//! Webhooks: by name, or by operation id where the name has changed.

use std::collections::BTreeSet;

use super::types::Types;
use super::{Changes, Kind, READ};
use crate::ir::{Event, Webhook};

/// The webhooks that both versions have: old and new.
pub(super) type Pairs<'v> = Vec<(&'v Webhook, &'v Webhook)>;

/// Matches the webhooks of both versions.
pub(super) fn pairs<'v>(types: &Types<'v>) -> Pairs<'v> {
    let (old, new) = (&types.old.webhooks, &types.new.webhooks);
    let found = old.iter().filter_map(|one| {
        let named = new.iter().find(|other| other.name == one.name);
        let same = named.or_else(|| new.iter().find(|other| other.id == one.id))?;
        Some((one, same))
    });
    found.collect()
}

/// Tells of all webhooks.
pub(super) fn compare<'v>(types: &Types<'v>, pairs: &Pairs<'v>, changes: &mut Changes) {
    let (was, is): (BTreeSet<&str>, BTreeSet<&str>) = pairs
        .iter()
        .map(|(old, new)| (old.name.as_str(), new.name.as_str()))
        .unzip();
    let mut tell = |kind, of: &Webhook, detail: String| {
        changes.tell(kind, READ, &of.name, detail, &of.pointer);
    };
    for one in types.old.webhooks.iter() {
        if !was.contains(one.name.as_str()) {
            tell(Kind::WebhookRemoved, one, String::new());
        }
    }
    for (old, new) in pairs {
        if old.name != new.name {
            tell(
                Kind::WebhookRenamed,
                new,
                format!("{} → {}", old.name, new.name),
            );
        }
        if old.module != new.module {
            tell(
                Kind::WebhookRetagged,
                new,
                format!("{} → {}", old.module, new.module),
            );
        }
        if let Some(detail) = types.difference(&old.ty, &new.ty) {
            tell(Kind::WebhookChanged, new, detail);
        } else if variant(old) != variant(new) {
            let name = |webhook| variant(webhook).unwrap_or("none").to_owned();
            let detail = format!("{} → {}", name(old), name(new));
            tell(Kind::WebhookRecognised, new, detail);
        }
    }
    for one in types.new.webhooks.iter() {
        if !is.contains(one.name.as_str()) {
            tell(Kind::WebhookAdded, one, String::new());
        }
    }
}

fn variant(webhook: &Webhook) -> Option<&str> {
    let event: Option<&Event> = webhook.event.as_ref();
    event.map(|event| event.variant.as_str())
}
