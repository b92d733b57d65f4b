//! The subscription that a path names.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use http::StatusCode;
use upvest_models::Uuid;

use crate::refusal::Refusal;

/// What is known of the subscription. What is no UUID names none.
pub(crate) fn find<T>(
    webhook_id: Result<Path<Uuid>, PathRejection>,
    look: impl FnOnce(Uuid) -> Option<T>,
) -> Result<T, Refusal> {
    let found = webhook_id.ok().and_then(|Path(id)| look(id));
    found.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "There is no such webhook"))
}
