use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use http::StatusCode;
use upvest_models::Uuid;

use super::webhook_id::find;
use crate::api::Api;
use crate::refusal::Refusal;

/// `DELETE /webhooks/{webhook_id}`
pub(crate) async fn delete_webhook(
    State(api): State<Arc<Api>>,
    webhook_id: Result<Path<Uuid>, PathRejection>,
) -> Result<StatusCode, Refusal> {
    find(webhook_id, |id| {
        api.webhooks.delete(id).then_some(StatusCode::NO_CONTENT)
    })
}
