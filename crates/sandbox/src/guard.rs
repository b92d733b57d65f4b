//! What every request must pass before its operation sees it.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, AsHeaderName};
use http::{HeaderMap, StatusCode};
use upvest_auth_signing::{VerifyError, header};

use crate::api::Api;
use crate::refusal::Refusal;
use crate::tokens::InvalidToken;

/// No request of the API is nearly as long.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// What is said of a token that is none.
pub(crate) const TOKEN_UNKNOWN: &str = "The access token is unknown or was revoked";

const UPVEST_API_VERSION: &str = "upvest-api-version";

/// What an operation wants to know of its caller.
#[derive(Clone, Copy)]
pub(crate) enum Access {
    /// No token; the operation itself checks the credentials.
    Credentials,
    /// A token with one of these scopes.
    Token(&'static [&'static str]),
}

/// Lets a request through to its operation if there is nothing wrong with it.
pub(crate) async fn admit(
    State((api, access)): State<(Arc<Api>, Access)>,
    request: Request,
    next: Next,
) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| {
        let detail = format!("The body is incomplete or longer than {MAX_BODY_BYTES} bytes");
        Refusal::new(StatusCode::BAD_REQUEST, detail)
    })?;
    let request = http::Request::from_parts(head, body);

    expect_signature(&api, &request)?;
    expect_client(&api, request.headers())?;
    if let Access::Token(scopes) = access {
        expect_token(&api, scopes, request.headers())?;
    }
    expect_media_type(request.headers())?;
    expect_api_version(request.headers())?;
    Ok(next.run(request.map(Body::from)).await)
}

fn expect_signature(api: &Api, request: &http::Request<Bytes>) -> Result<(), Refusal> {
    // Where there is none it is the token that is missing, not the signature that is wrong.
    let required: &[&str] = if request.headers().contains_key(AUTHORIZATION) {
        &[AUTHORIZATION.as_str()]
    } else {
        &[]
    };
    let error = match api.verifier.verify_requiring(request, required) {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    let mut detail = format!("Signature is incorrect: {error}");
    if let VerifyError::Version { .. } = error {
        detail.push_str(" (this sandbox does not check signatures of version 6)");
    }
    Err(unauthorised(detail))
}

fn expect_client(api: &Api, headers: &HeaderMap) -> Result<(), Refusal> {
    if single(headers, header::UPVEST_CLIENT_ID) == Some(&api.client.id) {
        return Ok(());
    }
    Err(unauthorised("No client is known by this upvest-client-id"))
}

fn expect_token(
    api: &Api,
    accepted: &'static [&'static str],
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
    let granted = api.tokens.scopes(token).map_err(|reason| {
        unauthorised(match reason {
            InvalidToken::Unknown => TOKEN_UNKNOWN,
            InvalidToken::Expired => "The access token has expired",
        })
    })?;
    if accepted.iter().any(|scope| granted.contains(scope)) {
        return Ok(());
    }
    let detail = format!(
        "The access token has none of the scopes that this operation takes: {}",
        accepted.join(", ")
    );
    Err(Refusal::new(StatusCode::FORBIDDEN, detail))
}

fn expect_media_type(headers: &HeaderMap) -> Result<(), Refusal> {
    match single(headers, ACCEPT) {
        Some("application/json" | "*/*") => Ok(()),
        _ => Err(Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            "The accept header is neither application/json nor */*",
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
