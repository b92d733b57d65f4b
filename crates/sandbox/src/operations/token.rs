use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, StatusCode};
use serde::Deserialize;
use serde::de::{self, value::MapDeserializer};
use serde_json::json;
use upvest_auth_signing::Scopes;
use upvest_models::Secret;

use crate::answer::{Answer, Outcome};
use crate::api::Api;
use crate::client::Client;
use crate::description::{Body, Operation, description, violations};
use crate::refusal::Refusal;

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
pub(crate) fn issue(
    api: &Api,
    operation: &Operation,
    client: &Client,
    request: &Request<Bytes>,
) -> Outcome {
    let form = read(operation.body.as_ref(), request.headers(), request.body());
    let form = form.map_err(Refusal::bad)?;
    if !client.has_credentials(&form.client_id, &form.client_secret) {
        let detail = "The client id or the client secret is wrong";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, detail));
    }
    let scopes = Scopes::from(form.scope.as_str());
    if let Some(scope) = client.lacks(&scopes) {
        let detail = format!("The client does not have the scope `{scope}`");
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, detail));
    }
    Ok(Answer::json(api.tokens.issue(client.id(), scopes)))
}

/// A complete form whose values are of the expected kinds.
fn read(described: Option<&Body>, headers: &HeaderMap, body: &[u8]) -> Result<Form, String> {
    let media_type = headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    if media_type != Some(b"application/x-www-form-urlencoded") {
        return Err("The content type is not application/x-www-form-urlencoded".to_owned());
    }
    let fields = MapDeserializer::<_, de::value::Error>::new(form_urlencoded::parse(body));
    let form =
        Form::deserialize(fields).map_err(|error| format!("The form is malformed: {error}"))?;
    if form.grant_type != "client_credentials" {
        return Err("grant_type is not client_credentials".to_owned());
    }
    for (name, value) in [
        ("client_secret", form.client_secret.expose()),
        ("scope", &form.scope),
    ] {
        let schema = described.and_then(|body| description().property(&body.schema, name));
        // Errors about a secret do not contain it.
        if schema.is_some_and(|schema| !violations(schema, &json!(value)).is_empty()) {
            return Err(format!("{name} has more than 1000 characters"));
        }
    }
    if form.scope.trim().is_empty() {
        return Err("scope is empty".to_owned());
    }
    Ok(form)
}
