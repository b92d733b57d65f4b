use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use upvest_models::{CashBalances, ListMeta, Uuid};

use crate::api::Api;
use crate::refusal::Refusal;

/// `GET /account_groups/{account_group_id}/payments/cash_balances`
pub(crate) async fn retrieve_cash_balances(
    State(api): State<Arc<Api>>,
    account_group_id: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<CashBalances>, Refusal> {
    // As for one balance, there is no 400: what is no UUID names no account group.
    let data = account_group_id
        .map(|Path(id)| api.balances.of(id))
        .unwrap_or_default();
    if data.is_empty() {
        return Err(Refusal::new(
            StatusCode::NOT_FOUND,
            "There is no such account group",
        ));
    }
    let count = i64::try_from(data.len()).expect("there are few currencies");
    let meta = ListMeta {
        offset: 0,
        limit: 100,
        count,
        total_count: count,
        sort: None,
        order: None,
    };
    Ok(Json(CashBalances { meta, data }))
}
