use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use upvest_models::Uuid;

use super::webhook_id::find;
use crate::api::Api;
use crate::balances::DEMO_ACCOUNT_GROUP;
use crate::refusal::Refusal;

/// `POST /webhooks/{webhook_id}/test`
pub(crate) async fn test_webhook(
    State(api): State<Arc<Api>>,
    webhook_id: Result<Path<Uuid>, PathRejection>,
) -> Result<StatusCode, Refusal> {
    find(webhook_id, |id| {
        let balance = api.balances.main(DEMO_ACCOUNT_GROUP)?;
        let is_there = api.webhooks.test(id, &balance);
        is_there.then_some(StatusCode::ACCEPTED)
    })
}
