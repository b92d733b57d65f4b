use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use upvest_models::{CashBalance, Uuid};

use crate::api::Api;
use crate::refusal::Refusal;

/// `GET /account_groups/{account_group_id}/payments/cash_balances/{currency}`
pub(crate) async fn retrieve_cash_balance_with_currency(
    State(api): State<Arc<Api>>,
    path: Result<Path<(Uuid, String)>, PathRejection>,
) -> Result<Json<CashBalance>, Refusal> {
    path.ok()
        .and_then(|Path((id, currency))| {
            let mut balances = api.balances.of(id).into_iter();
            balances.find(|one| one.currency.as_str() == currency)
        })
        .map(Json)
        .ok_or_else(|| {
            let detail = "There is no such account group, or it has no cash in this currency";
            Refusal::new(StatusCode::NOT_FOUND, detail)
        })
}
