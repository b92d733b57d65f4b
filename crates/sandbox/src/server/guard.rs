//! What every request must pass before its operation sees it.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, AsHeaderName};
use http::{HeaderMap, Request, StatusCode};
use upvest_auth_signing::{VerifyError, header};

use crate::api::Api;
use crate::client::Client;
use crate::description::Operation;
use crate::refusal::Refusal;
use crate::tokens::{InvalidToken, TOKEN_UNKNOWN};

/// No request of the API is nearly as long.
pub(super) const MAX_BODY_BYTES: usize = 1024 * 1024;

const UPVEST_API_VERSION: &str = "upvest-api-version";

/// Returns the client that sent a valid request.
pub(super) fn admit(
    api: &Api,
    operation: &Operation,
    request: &Request<Bytes>,
) -> Result<Client, Refusal> {
    let key_id = expect_signature(api, request)?;
    let client = expect_client(api, &key_id, request.headers())?;
    if let Some(scopes) = &operation.scopes {
        expect_token(api, &client, scopes, request.headers())?;
    }
    expect_media_type(operation, request.headers())?;
    expect_api_version(request.headers())?;
    Ok(client)
}

/// Returns the id of the key that signed.
fn expect_signature(api: &Api, request: &Request<Bytes>) -> Result<String, Refusal> {
    // Without it, the error is the missing token, not the signature.
    let required: &[&str] = if request.headers().contains_key(AUTHORIZATION) {
        &[AUTHORIZATION.as_str()]
    } else {
        &[]
    };
    let error = match api.verifier.verify_requiring(request, required) {
        Ok(verified) => return Ok(verified.key_id),
        Err(error) => error,
    };
    let mut detail = format!("Signature is incorrect: {error}");
    if let VerifyError::Version { .. } = error {
        detail.push_str(" (this sandbox does not check signatures of version 6)");
    }
    Err(unauthorised(detail))
}

fn expect_client(api: &Api, key_id: &str, headers: &HeaderMap) -> Result<Client, Refusal> {
    let id = single(headers, header::UPVEST_CLIENT_ID);
    let client = api
        .clients
        .find(|client| id == Some(client.id()))
        .ok_or_else(|| unauthorised("No client is known by this upvest-client-id"))?;
    if client.key(key_id).is_some() {
        Ok(client)
    } else {
        Err(unauthorised(
            "Signature is incorrect: the key belongs to another client",
        ))
    }
}

fn expect_token(
    api: &Api,
    client: &Client,
    accepted: &[String],
    headers: &HeaderMap,
) -> Result<(), Refusal> {
    if !headers.contains_key(AUTHORIZATION) {
        return Err(unauthorised("The access token is missing"));
    }
    let token = single(headers, AUTHORIZATION)
        .and_then(|value| value.strip_prefix("Bearer "))
        .ok_or_else(|| {
            unauthorised("The authorization header is malformed; expected `Bearer` and a token")
        })?;
    let granted = api.tokens.granted(token).map_err(|reason| {
        unauthorised(match reason {
            InvalidToken::Unknown => TOKEN_UNKNOWN,
            InvalidToken::Expired => "The access token has expired",
        })
    })?;
    if granted.client_id != client.id() {
        return Err(unauthorised("The access token belongs to another client"));
    }
    if accepted.iter().any(|scope| granted.scopes.contains(scope)) {
        return Ok(());
    }
    let detail = format!(
        "The access token has none of the scopes that this operation takes: {}",
        accepted.join(", ")
    );
    Err(Refusal::new(StatusCode::FORBIDDEN, detail))
}

fn expect_media_type(operation: &Operation, headers: &HeaderMap) -> Result<(), Refusal> {
    let contents = operation.answer.content.iter();
    let mut media: Vec<&str> = contents.map(|content| content.media.as_str()).collect();
    if media.is_empty() {
        media.push("application/json");
    }
    match single(headers, ACCEPT) {
        Some(accept) if accept == "*/*" || media.contains(&accept) => Ok(()),
        _ => Err(Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            format!(
                "The accept header is neither {} nor */*",
                media.join(" nor ")
            ),
        )),
    }
}

fn expect_api_version(headers: &HeaderMap) -> Result<(), Refusal> {
    if !headers.contains_key(UPVEST_API_VERSION) || single(headers, UPVEST_API_VERSION) == Some("1")
    {
        return Ok(());
    }
    Err(Refusal::new(
        StatusCode::BAD_REQUEST,
        "upvest-api-version is not 1, the only version there is",
    ))
}

/// The value of a header that is given once.
fn single(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    let mut lines = headers.get_all(name).iter();
    match (lines.next(), lines.next()) {
        (Some(line), None) => line.to_str().ok(),
        _ => None,
    }
}

fn unauthorised(detail: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::UNAUTHORIZED, detail)
}
