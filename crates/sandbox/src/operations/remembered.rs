//! Operations on what is remembered.

use serde_json::Value;

use crate::answer::{Answer, Outcome};
use crate::api::Api;
use crate::call::Call;
use crate::description::fit;
use crate::examples::{closest, example};
use crate::memory::{ResourceType, Role};
use crate::pages::page;
use crate::refusal::Refusal;

/// Does what an operation does to a kind of resource.
pub(super) fn act(api: &Api, call: &Call, kind: &'static ResourceType, role: Role) -> Outcome {
    let value = match role {
        Role::Create => create(api, call, kind)?,
        Role::Retrieve => api.with_store(|store| store.value(kind, call))?,
        Role::Update => api.with_store(|store| store.update(kind, call))?,
        Role::Remove => api.with_store(|store| store.remove(kind, call))?,
        Role::List => {
            let all = api.with_store(|store| {
                store.check_references(call)?;
                Ok(store.matching(kind, call))
            })?;
            return Ok(Answer::json(page(all, call)));
        }
    };
    Ok(answer(call, &value))
}

fn create(api: &Api, call: &Call, kind: &'static ResourceType) -> Result<Value, Refusal> {
    let now = api.calendar.now();
    let described = call
        .operation
        .json()
        .map(|content| example(content, call, now));
    api.with_store(|store| {
        store.check_references(call)?;
        store.create(kind, call, described.unwrap_or_default())
    })
}

/// The part of a resource that the operation returns.
fn answer(call: &Call, value: &Value) -> Answer {
    let Some(content) = call.operation.json() else {
        return Answer::empty(call.operation.answer.status);
    };
    let fields = value.as_object().cloned().unwrap_or_default();
    Answer::json(fit(&content.schema, &closest(content, &fields), &fields))
}
