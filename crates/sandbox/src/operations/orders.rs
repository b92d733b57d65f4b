use super::described;
use crate::answer::{Answer, Outcome};
use crate::api::Api;
use crate::call::Call;
use crate::examples::example;
use crate::memory::role;
use crate::refusal::Refusal;

/// `POST /orders`
pub(super) fn place(api: &Api, call: &Call) -> Outcome {
    let Some(content) = call.operation.json() else {
        return described::act(api, call);
    };
    let answer = example(content, call, api.calendar.now());
    let order = api.with_store(|store| {
        store.check_references(call)?;
        store.place_order(call, answer)
    })?;
    Ok(Answer::json(order))
}

/// `DELETE /orders/{order_id}`
pub(super) fn cancel(api: &Api, call: &Call) -> Outcome {
    let Some((kind, _)) = role("retrieve_order") else {
        return described::act(api, call);
    };
    api.with_store(|store| store.cancel_order(kind, call))
        .map(Answer::json)
}

/// `GET /accounts/{account_id}/positions/{instrument_id}`
pub(super) fn position(api: &Api, call: &Call) -> Outcome {
    let text = |name: &str| call.path.get(name).map_or("", String::as_str);
    let position = api.with_store(|store| {
        let found = store.position(text("account_id"), text("instrument_id"));
        found.cloned()
    });
    position
        .map(Answer::json)
        .ok_or_else(|| Refusal::not_found("There is no such account, or it has no such position"))
}
