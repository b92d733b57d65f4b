//! What operations do.
//!
//! Operations for which there is only the description are answered from it.

mod balances;
mod described;
mod keys;
mod orders;
mod products;
mod remembered;
mod reports;
mod subscriptions;
mod token;

use crate::answer::Outcome;
use crate::api::Api;
use crate::call::Call;
use crate::memory::role;

pub(crate) use token::issue as issue_token;

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
        "get_account_valuation" => products::valuation(api, call),
        "retrieve_funding_details" => products::funding_details(api, call),
        "create_bank_transaction" => products::transfer(api, call),
        "retrieve_report" => reports::retrieve(api, call),
        id => match role(id) {
            Some((kind, role)) => remembered::act(api, call, kind, role),
            None => described::act(api, call),
        },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use std::time::Duration;

    use serde_json::Value;
    use upvest_auth_signing::{KeyAlgorithm, Scopes, SystemClock};
    use uuid::Uuid;

    use super::*;
    use crate::client::Client;
    use crate::clock::SkewedClock;
    use crate::description::{Operation, Place, description, sample, violations};
    use crate::memory::Durations;
    use crate::tokens::Tokens;
    use crate::webhooks::{Settings, WebhookKeys};

    fn api() -> Api {
        let scopes = Scopes::new(&description().scopes);
        let secret = "secret".to_owned().into();
        let client = Client::generate(Uuid::new_v4(), secret, scopes, KeyAlgorithm::Ed25519);
        let clock = Arc::new(SkewedClock::new(Arc::new(SystemClock)));
        let tokens = Tokens::new(clock.clone(), Duration::from_secs(60));
        let keys = WebhookKeys::generate().unwrap();
        Api::new(
            client.unwrap(),
            tokens,
            clock,
            Durations::default(),
            keys,
            Settings::default(),
        )
    }

    fn call(api: &Api, operation: &'static Operation, body: Value) -> Call {
        let first = |name: &str| api.with_store(|store| store.first(name));
        let in_path = operation
            .parameters
            .iter()
            .filter(|one| one.place == Place::Path);
        let path = in_path.map(|one| {
            let sample = sample(&one.schema);
            let value = match one.name.as_str() {
                "currency" => Some("EUR".to_owned()),
                "instrument_id" => Some("US0378331005".to_owned()),
                name => first(name),
            };
            let value = value.or(sample.as_str().map(str::to_owned));
            (one.name.clone(), value.unwrap_or_default())
        });
        let mut body = body;
        for (name, value) in body.as_object_mut().into_iter().flatten() {
            let name = name
                .trim_start_matches("source_")
                .trim_start_matches("target_");
            if let Some(id) = first(name) {
                *value = id.into();
            }
            if name == "url" {
                *value = "http://127.0.0.1:1/".into();
            }
        }
        Call {
            operation,
            path: path.collect(),
            query: BTreeMap::new(),
            body,
            accept: "application/json".to_owned(),
            idempotency_key: None,
            client_id: String::new(),
        }
    }

    /// Each answer, to each example of a body, is what the description says.
    #[tokio::test]
    async fn every_answer_is_as_described() {
        let mut wrong = Vec::new();
        for operation in &description().operations {
            let examples = operation.body.as_ref().map(|body| body.examples.clone());
            for body in examples.unwrap_or_else(|| vec![Value::Null]) {
                let api = api();
                let call = call(&api, operation, body);
                let (Ok(answer), Some(content)) = (act(&api, &call), operation.json()) else {
                    continue;
                };
                let response = answer.into_response(operation.answer.status).unwrap();
                let value: Value = serde_json::from_slice(response.body()).unwrap();
                let found = violations(&content.schema, &value);
                wrong.extend(found.iter().map(|one| format!("{}: {one}", operation.id)));
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
