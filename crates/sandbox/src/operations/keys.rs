use super::Outcome;
use crate::answer::Answer;
use crate::api::Api;

/// `GET /auth/verify_keys`
pub(super) fn publish(api: &Api) -> Outcome {
    Ok(Answer::json(api.webhooks.keys().jwks()))
}
