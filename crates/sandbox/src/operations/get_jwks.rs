use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use upvest_models::JsonWebKeySet;

use crate::api::Api;

/// `GET /auth/verify_keys`
pub(crate) async fn get_jwks(State(api): State<Arc<Api>>) -> Json<JsonWebKeySet> {
    Json(api.webhooks.keys().jwks())
}
