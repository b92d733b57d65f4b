use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use upvest_models::{Uuid, Webhook};

use super::webhook_id::find;
use crate::api::Api;
use crate::refusal::Refusal;

/// `GET /webhooks/{webhook_id}`
pub(crate) async fn retrieve_webhook(
    State(api): State<Arc<Api>>,
    webhook_id: Result<Path<Uuid>, PathRejection>,
) -> Result<Json<Webhook>, Refusal> {
    find(webhook_id, |id| api.webhooks.get(id)).map(Json)
}
