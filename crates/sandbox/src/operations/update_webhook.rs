use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use bytes::Bytes;
use http::HeaderMap;
use upvest_models::{UpdateWebhookRequest, Uuid, Webhook};

use super::json::read;
use super::webhook_id::find;
use crate::api::Api;
use crate::refusal::Refusal;
use crate::webhooks::check_change;

/// `PATCH /webhooks/{webhook_id}`
pub(crate) async fn update_webhook(
    State(api): State<Arc<Api>>,
    webhook_id: Result<Path<Uuid>, PathRejection>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Webhook>, Refusal> {
    let request: UpdateWebhookRequest = read(&headers, &body, check_change)?;
    find(webhook_id, |id| api.webhooks.update(id, request)).map(Json)
}
