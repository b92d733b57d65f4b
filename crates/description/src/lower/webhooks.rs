//! The events of webhooks, which are distinguished by their `type`.
//!
//! ```yaml
//! # before                                     # after
//! required: [id, created_at, type, webhook_id]   WebhookEvent::CashBalance, for
//! properties:                                    `CASH_BALANCE.UPDATED`
//!   type: {enum: [CASH_BALANCE.UPDATED]}
//!   ...
//! ```

use super::name::Name;
use super::operations::{Reader, tag};
use crate::error::Result;
use crate::ir::{Api, DefId, EVENT, Event, Id, LeftOut, Presence, Ty, TypeKind, Webhook};
use crate::names;
use crate::read::cursor::Cursor;

impl Reader<'_> {
    pub(super) fn webhook(&mut self, name: &str, post: &Cursor<'_>) -> Result<()> {
        let body = post.require("requestBody")?.resolved()?;
        let content = body.require("content")?;
        let [("application/json", media)] = &content.entries()?[..] else {
            return Err(
                content.unsupported("an event of several media types, or of one that is not JSON")
            );
        };
        let webhook = Webhook {
            name: name.to_owned(),
            id: self.id(post)?,
            module: tag(post)?,
            ty: self.media(media, &Name::of(names::event_name(name)))?,
            event: None,
            pointer: post.pointer().clone(),
        };
        self.api.webhooks.push(webhook);
        Ok(())
    }
}

/// Finds out how the events of each webhook are distinguished. Webhooks for which that is
/// impossible are reported.
pub(super) fn find_events(api: &mut Api) {
    let events: Vec<Result<Event, String>> = api
        .webhooks
        .iter()
        .map(|webhook| event(api, &webhook.ty))
        .collect();
    for (webhook, event) in api.webhooks.iter_mut().zip(events) {
        match event {
            Ok(event) => webhook.event = Some(event),
            Err(reason) => api.left_out.push(LeftOut {
                pointer: webhook.pointer.clone(),
                reason: format!("no variant of `{EVENT}`: {reason}"),
            }),
        }
    }
}

fn event(api: &Api, ty: &Ty) -> Result<Event, String> {
    let (def, structure) = api
        .structure(ty)
        .ok_or("what it delivers is not an object")?;
    let required = |wire: &str| match structure.field(wire) {
        Some(field) if field.presence == Presence::Required => Ok(&field.ty),
        _ => Err(format!("`{wire}` may be missing from its events")),
    };
    for wire in ["id", "webhook_id"] {
        if !is_uuid(api, required(wire)?) {
            return Err(format!("`{wire}` of its events is not a UUID"));
        }
    }
    if *required("created_at")? != Ty::DateTime {
        return Err("`created_at` of its events is not a date and time".to_owned());
    }
    let listed = required("type")?.def().map(|id| &api.def(id).kind);
    let Some(TypeKind::Enum(values)) = listed else {
        return Err("the values of `type` are not listed".to_owned());
    };
    Ok(Event {
        def: ty.def().unwrap_or(DefId(0)),
        variant: names::event_variant(&def.name).to_owned(),
        types: values.iter().map(|value| value.wire.clone()).collect(),
    })
}

fn is_uuid(api: &Api, ty: &Ty) -> bool {
    *ty == Ty::Uuid
        || ty
            .def()
            .is_some_and(|id| matches!(api.def(id).kind, TypeKind::Id(Id::Uuid)))
}
