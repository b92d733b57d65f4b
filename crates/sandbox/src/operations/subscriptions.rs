//! Webhook subscriptions.

use serde_json::{Value, json};
use upvest_models::Uuid;

use crate::answer::{Answer, Outcome};
use crate::api::Api;
use crate::call::Call;
use crate::description::merge;
use crate::examples::closest;
use crate::memory::{DEMO_ACCOUNT_GROUP, main_balance};
use crate::pages::page;
use crate::refusal::Refusal;

/// `POST /webhooks`
pub(super) fn create(api: &Api, call: &Call) -> Outcome {
    api.webhooks.check(&call.fields()).map_err(Refusal::bad)?;
    Ok(Answer::json(api.webhooks.create(&call.fields())))
}

/// `GET /webhooks`
pub(super) fn list(api: &Api, call: &Call) -> Outcome {
    Ok(Answer::json(page(api.webhooks.all(), call)))
}

/// `GET /webhooks/{webhook_id}`
pub(super) fn retrieve(api: &Api, call: &Call) -> Outcome {
    find(call, |id| api.webhooks.get(id)).map(Answer::json)
}

/// `PATCH /webhooks/{webhook_id}`
pub(super) fn update(api: &Api, call: &Call) -> Outcome {
    api.webhooks.check(&call.fields()).map_err(Refusal::bad)?;
    find(call, |id| api.webhooks.update(id, &call.fields())).map(Answer::json)
}

/// `DELETE /webhooks/{webhook_id}`
pub(super) fn delete(api: &Api, call: &Call) -> Outcome {
    let status = call.operation.answer.status;
    find(call, |id| {
        api.webhooks.delete(id).then(|| Answer::empty(status))
    })
}

/// `POST /webhooks/{webhook_id}/test`: an event about the demo account group's balance.
pub(super) fn test(api: &Api, call: &Call) -> Outcome {
    let url = find(call, |id| {
        let balances = api.with_store(|store| store.balances(&DEMO_ACCOUNT_GROUP.to_string()));
        let balance = main_balance(balances)?;
        let is_there = api.webhooks.test(id, &balance.into());
        is_there
            .then(|| api.webhooks.get(id))?
            .map(|webhook| webhook["url"].clone())
    })?;
    let Some(content) = call.operation.json() else {
        return Ok(Answer::empty(call.operation.answer.status));
    };
    let fields = json!({ "url": url });
    let fields = fields.as_object().cloned().unwrap_or_default();
    let mut value: Value = closest(content, &fields);
    merge(&content.schema, &mut value, &fields);
    Ok(Answer::json(value))
}

/// What is known of the subscription that the path names. Text that is not a UUID names no subscription.
fn find<T>(call: &Call, look: impl FnOnce(Uuid) -> Option<T>) -> Result<T, Refusal> {
    let id = call
        .path
        .get("webhook_id")
        .and_then(|id| Uuid::try_parse(id).ok());
    let found = id.and_then(look);
    found.ok_or_else(|| Refusal::not_found("There is no such webhook"))
}
