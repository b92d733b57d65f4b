//! Operations on what is remembered.

use serde_json::Value;

use super::Outcome;
use crate::answer::Answer;
use crate::api::Api;
use crate::call::Call;
use crate::description::fit;
use crate::examples::{closest, example};
use crate::memory::{Kind, Role};
use crate::pages::page;

/// Does what an operation does to a kind of resource.
pub(super) fn act(api: &Api, call: &Call, kind: &'static Kind, role: Role) -> Outcome {
    let value = match role {
        Role::Create => create(api, call, kind)?,
        Role::Retrieve => api.with_world(|world| world.value(kind, call))?,
        Role::Update => api.with_world(|world| world.update(kind, call))?,
        Role::Remove => api.with_world(|world| world.remove(kind, call))?,
        Role::List => {
            let all = api.with_world(|world| {
                world.check_references(call)?;
                Ok(world.matching(kind, call))
            })?;
            return Ok(Answer::json(page(all, call)));
        }
    };
    Ok(answer(call, &value))
}

fn create(api: &Api, call: &Call, kind: &'static Kind) -> Result<Value, crate::refusal::Refusal> {
    let now = api.calendar.now();
    let described = call
        .operation
        .json()
        .map(|content| example(content, call, now));
    api.with_world(|world| {
        world.check_references(call)?;
        world.create(kind, call, described.unwrap_or_default())
    })
}

/// As much of a resource as the operation answers.
fn answer(call: &Call, value: &Value) -> Answer {
    let Some(content) = call.operation.json() else {
        return Answer::empty(call.operation.answer.status);
    };
    let fields = value.as_object().cloned().unwrap_or_default();
    Answer::json(fit(&content.schema, &closest(content, &fields), &fields))
}
