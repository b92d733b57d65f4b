use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use upvest_auth_signing::Scopes;
use upvest_models::{AccessToken, Secret};

use crate::api::Api;
use crate::refusal::Refusal;

/// The longest secret and the longest list of scopes, by the API's description.
const MAX_CHARS: usize = 1000;

/// The form as the description has it: each field once, and no other.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    client_id: String,
    client_secret: Secret,
    grant_type: String,
    scope: String,
}

/// `POST /auth/token`
pub(crate) async fn issue_token(
    State(api): State<Arc<Api>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<AccessToken>, Refusal> {
    let form =
        read(&headers, &body).map_err(|detail| Refusal::new(StatusCode::BAD_REQUEST, detail))?;
    let client = &api.client;
    if !client.has_credentials(&form.client_id, &form.client_secret) {
        let detail = "The client id or the client secret is wrong";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, detail));
    }
    let scopes = Scopes::from(form.scope.as_str());
    if let Some(scope) = client.lacks(&scopes) {
        let detail = format!("The client does not have the scope `{scope}`");
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, detail));
    }
    Ok(Json(api.tokens.issue(scopes)))
}

/// A form in which nothing is missing or of another kind than it should be.
fn read(headers: &HeaderMap, body: &[u8]) -> Result<Form, String> {
    let media_type = headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    if media_type != Some(b"application/x-www-form-urlencoded") {
        return Err("The content type is not application/x-www-form-urlencoded".to_owned());
    }
    let form: Form = serde_urlencoded::from_bytes(body)
        .map_err(|error| format!("The form is malformed: {error}"))?;
    if form.grant_type != "client_credentials" {
        return Err("grant_type is not client_credentials".to_owned());
    }
    for (name, value) in [
        ("client_secret", form.client_secret.expose()),
        ("scope", &form.scope),
    ] {
        if value.chars().count() > MAX_CHARS {
            return Err(format!("{name} has more than {MAX_CHARS} characters"));
        }
    }
    if form.scope.trim().is_empty() {
        return Err("scope names no scope".to_owned());
    }
    Ok(form)
}
