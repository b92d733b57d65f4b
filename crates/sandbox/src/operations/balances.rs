//! Cash balances, which are served as they are.

use serde_json::Value;
use upvest_models::Uuid;

use crate::answer::{Answer, Outcome};
use crate::api::Api;
use crate::call::Call;
use crate::memory::{Balance, main_balance};
use crate::pages::page;
use crate::refusal::Refusal;

const GROUP: &str = "There is no such account group";

/// The balance in euros, or in the first currency if there are no euros.
pub(super) fn main(api: &Api, call: &Call) -> Outcome {
    let balance = main_balance(of(api, call));
    balance.map(answer).ok_or_else(|| Refusal::not_found(GROUP))
}

pub(super) fn all(api: &Api, call: &Call) -> Outcome {
    let balances = of(api, call);
    if balances.is_empty() {
        return Err(Refusal::not_found(GROUP));
    }
    let balances = balances.into_iter().map(Value::from).collect();
    Ok(Answer::json(page(balances, call)))
}

pub(super) fn one(api: &Api, call: &Call) -> Outcome {
    let currency = call.path.get("currency").map(String::as_str);
    let mut balances = of(api, call).into_iter();
    let balance = balances.find(|one| one.get("currency").and_then(Value::as_str) == currency);
    balance
        .map(answer)
        .ok_or_else(|| Refusal::not_found(format!("{GROUP}, or it has no cash in this currency")))
}

/// Those of the account group that the path names. A text that is not a UUID names no account
/// group.
fn of(api: &Api, call: &Call) -> Vec<Balance> {
    let id = call.path.get("account_group_id");
    let id = id.and_then(|id| Uuid::try_parse(id).ok());
    id.map(|id| api.with_store(|store| store.balances(&id.to_string())))
        .unwrap_or_default()
}

fn answer(balance: Balance) -> Answer {
    Answer::json(Value::from(balance))
}
