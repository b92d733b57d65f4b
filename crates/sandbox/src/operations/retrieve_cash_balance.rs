use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use upvest_models::{CashBalance, Uuid};

use crate::api::Api;
use crate::refusal::Refusal;

/// `GET /account_groups/{account_group_id}/payments/cash_balance`
pub(crate) async fn retrieve_cash_balance(
    State(api): State<Arc<Api>>,
    account_group_id: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<CashBalance>, Refusal> {
    // The description has no 400 for this operation: what is no UUID names no account group.
    account_group_id
        .ok()
        .and_then(|Path(id)| api.balances.main(id))
        .map(Json)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "There is no such account group"))
}
