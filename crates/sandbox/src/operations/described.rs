//! Operations for which there is only the description.

use bytes::Bytes;
use serde_json::json;

use crate::answer::{Answer, Outcome};
use crate::api::Api;
use crate::call::Call;
use crate::description::{Place, description, violations};
use crate::examples::{example, items};
use crate::pages::page;
use crate::refusal::Refusal;

/// The answer of which the description has an example.
pub(super) fn act(api: &Api, call: &Call) -> Outcome {
    check_path(call)?;
    api.with_store(|store| store.check_references(call))?;
    let Some(content) = call.operation.json() else {
        return Ok(match call.operation.answer.content.first() {
            Some(content) => Answer::body(&content.media, Bytes::new()),
            None => Answer::empty(call.operation.answer.status),
        });
    };
    if description().is_list(call.operation) {
        return Ok(Answer::json(page(items(content, call), call)));
    }
    Ok(Answer::json(example(content, call, api.calendar.now())))
}

/// A text that is not an id names nothing.
fn check_path(call: &Call) -> Result<(), Refusal> {
    for (name, value) in &call.path {
        let parameter = call.operation.parameter(Place::Path, name);
        let found = parameter.map(|one| violations(&one.schema, &json!(value)));
        if found.is_some_and(|found| !found.is_empty()) {
            let name = name.trim_end_matches("_id").replace('_', " ");
            return Err(Refusal::not_found(format!("There is no such {name}")));
        }
    }
    Ok(())
}
