//! What follows from resources of other kinds: valuations, and ways to send cash.

use super::described;
use crate::answer::{Answer, Outcome};
use crate::api::Api;
use crate::call::Call;
use crate::pages::page;

/// `GET /accounts/{account_id}/valuations/current`
pub(super) fn valuation(api: &Api, call: &Call) -> Outcome {
    let account = call.path.get("account_id").map_or("", String::as_str);
    let quality = call.query.get("price_quality").and_then(|one| one.as_str());
    let value = api.with_store(|store| {
        store.check_references(call)?;
        Ok(store.valuation(account, quality.unwrap_or_default()))
    })?;
    Ok(Answer::json(value))
}

/// `GET /account_groups/{account_group_id}/payments/credit_funding_details`
pub(super) fn funding_details(api: &Api, call: &Call) -> Outcome {
    let group = call.path.get("account_group_id").map_or("", String::as_str);
    let all = api.with_store(|store| {
        store.check_references(call)?;
        Ok(store.funding_details(group))
    })?;
    Ok(Answer::json(page(all, call)))
}

/// `POST /tests/payments/transactions`
pub(super) fn transfer(api: &Api, call: &Call) -> Outcome {
    let answer = described::act(api, call)?;
    api.with_store(|store| store.receive_transfer(call));
    Ok(answer)
}
