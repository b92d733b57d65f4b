//! Webhooks, matched by name, or by operation id if the name has changed.

use super::change::{At, Changes, READ};
use super::rules::ChangeKind;
use super::types::Types;
use crate::ir::Webhook;

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

/// Reports the changes of all webhooks.
pub(super) fn compare<'v>(types: &Types<'v>, pairs: &Pairs<'v>, changes: &mut Changes) {
    for one in types.old.webhooks.iter() {
        if !pairs.iter().any(|(old, _)| std::ptr::eq(*old, one)) {
            at(changes, one).tell(ChangeKind::WebhookRemoved, "");
        }
    }
    for (old, new) in pairs {
        let mut at = at(changes, new);
        at.differ(ChangeKind::WebhookRenamed, &old.name, &new.name);
        at.differ(ChangeKind::WebhookRetagged, &old.module, &new.module);
        match types.difference(&old.ty, &new.ty) {
            Some(detail) => at.tell(ChangeKind::WebhookChanged, detail),
            None => at.differ(ChangeKind::WebhookRecognised, variant(old), variant(new)),
        }
    }
    for one in types.new.webhooks.iter() {
        if !pairs.iter().any(|(_, new)| std::ptr::eq(*new, one)) {
            at(changes, one).tell(ChangeKind::WebhookAdded, "");
        }
    }
}

fn at<'c>(changes: &'c mut Changes, webhook: &'c Webhook) -> At<'c> {
    changes.at(READ, &webhook.name, &webhook.pointer)
}

fn variant(webhook: &Webhook) -> &str {
    let event = webhook.event.as_ref();
    event.map_or("none", |event| event.variant.as_str())
}
