//! What operations do.
//!
//! An operation that nothing is known of but its description is answered from that.

mod balances;
mod keys;
mod orders;
mod remembered;
mod reports;
mod subscriptions;
mod token;

use bytes::Bytes;
use serde_json::json;

use crate::answer::Answer;
use crate::api::Api;
use crate::call::Call;
use crate::description::{Place, violations};
use crate::examples::{example, items};
use crate::memory::role;
use crate::pages::page;
use crate::refusal::Refusal;

pub(crate) use token::issue as issue_token;

type Outcome = Result<Answer, Refusal>;

/// Answers a call, unless it was answered before or its answer was set.
pub(crate) fn answer(api: &Api, call: &Call) -> Outcome {
    if let Some(answer) = api.scripts.next(&call.operation.id) {
        return Ok(answer);
    }
    if let Some(answer) = api.replays.find(call)? {
        return Ok(answer);
    }
    let answer = act(api, call)?;
    api.replays.keep(call, &answer);
    Ok(answer)
}

fn act(api: &Api, call: &Call) -> Outcome {
    match call.operation.id.as_str() {
        "get_jwks" => keys::publish(api),
        "retrieve_cash_balance" => balances::main(api, call),
        "retrieve_cash_balances" => balances::all(api, call),
        "retrieve_cash_balance_with_currency" => balances::one(api, call),
        "create_webhook" => subscriptions::create(api, call),
        "list_webhooks" => subscriptions::list(api, call),
        "retrieve_webhook" => subscriptions::retrieve(api, call),
        "update_webhook" => subscriptions::update(api, call),
        "delete_webhook" => subscriptions::delete(api, call),
        "test_webhook" => subscriptions::test(api, call),
        "place_order" => orders::place(api, call),
        "cancel_order" => orders::cancel(api, call),
        "retrieve_position" => orders::position(api, call),
        "retrieve_report" => reports::retrieve(api, call),
        id => match role(id) {
            Some((kind, role)) => remembered::act(api, call, kind, role),
            None => described(api, call),
        },
    }
}

/// The answer that the description has an example of.
fn described(api: &Api, call: &Call) -> Outcome {
    check_path(call)?;
    api.with_world(|world| world.check_references(call))?;
    let Some(content) = call.operation.json() else {
        return Ok(match call.operation.answer.content.first() {
            Some(content) => Answer::body(&content.media, Bytes::new()),
            None => Answer::empty(call.operation.answer.status),
        });
    };
    if call.operation.is_list() {
        return Ok(Answer::json(page(items(content, call), call)));
    }
    Ok(Answer::json(example(content, call, api.calendar.now())))
}

/// What is no id names nothing.
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
