use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use upvest_models::{CreateWebhookRequest, Webhook};

use super::json::read;
use crate::api::Api;
use crate::refusal::Refusal;
use crate::webhooks::check_new;

/// `POST /webhooks`
pub(crate) async fn create_webhook(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<(StatusCode, Json<Webhook>), Refusal> {
    let request: CreateWebhookRequest = read(&headers, &body, check_new)?;
    Ok((StatusCode::CREATED, Json(api.webhooks.create(request))))
}
