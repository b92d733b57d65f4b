//! One token request, and what comes of it.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, Uri};
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use serde::Deserialize;
use tower::{BoxError, Service, ServiceExt};
use zeroize::{Zeroize, Zeroizing};

use super::{ClientCredentials, TokenError};
use crate::header::UPVEST_CLIENT_ID;
use crate::{Clock, Scopes};

/// A token response is far smaller; what is longer is no token response.
const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

/// What a response without `expires_in`, or without a number there, is taken to say.
const DEFAULT_LIFETIME: Duration = Duration::from_secs(60);

/// However short the lifetime in a response is: the token serves for this long after it came,
/// so that there cannot be a token request for every call.
const MIN_LIFETIME: Duration = Duration::from_secs(1);

/// However long the lifetime in a response is: the token serves no longer than the longest
/// lifetime that the API's description mentions.
const MAX_LIFETIME: Duration = Duration::from_secs(86_400);

/// An access token and the time it serves.
pub(super) struct Token {
    /// `Bearer ...`, marked as sensitive, wiped from memory when the last copy is dropped.
    pub(super) authorization: HeaderValue,
    /// From when on a new one should be fetched.
    pub(super) refresh_at: SystemTime,
    /// From when on it must not be used.
    pub(super) expires_at: SystemTime,
}

/// Requests one token through `service`.
pub(super) async fn fetch<S, B>(
    service: S,
    request: Request<Bytes>,
    clock: &dyn Clock,
    refresh_ahead: Duration,
) -> Result<Token, TokenError>
where
    S: Service<Request<Bytes>, Response = Response<B>, Error: Into<BoxError>>,
    B: Body<Error: Into<BoxError>>,
{
    let requested_at = clock.now();
    let (head, body) = service
        .oneshot(request)
        .await
        .map_err(|error| TokenError::no_response(error.into()))?
        .into_parts();
    let body = Limited::new(body, MAX_RESPONSE_BYTES)
        .collect()
        .await
        .map_err(TokenError::no_response)?
        .to_bytes();
    let response = Response::from_parts(head, body);
    if !response.status().is_success() {
        return Err(TokenError::refused(response));
    }
    let (authorization, lifetime) = match read(response.body()) {
        Ok(token) => token,
        Err(found) => return Err(TokenError::unusable(response, found)),
    };

    wipe(response.into_body());

    let received_at = clock.now();
    let expires_at = (requested_at + lifetime).max(received_at + MIN_LIFETIME);
    let lifetime = expires_at
        .duration_since(requested_at)
        .unwrap_or(MIN_LIFETIME);
    Ok(Token {
        authorization,
        refresh_at: expires_at - refresh_ahead.min(lifetime / 2),
        expires_at,
    })
}

/// The token request for these scopes. It carries no token itself.
pub(super) fn build(
    credentials: &ClientCredentials,
    client_id: HeaderValue,
    token_url: &Uri,
    scopes: &Scopes,
) -> Request<Bytes> {
    let mut request = Request::new(form(credentials, scopes));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = token_url.clone();
    let headers = request.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers.insert(UPVEST_CLIENT_ID, client_id);
    request
}

/// The form, in memory that is wiped when the last copy of it is dropped.
fn form(credentials: &ClientCredentials, scopes: &Scopes) -> Bytes {
    let fields = [
        ("client_id", credentials.client_id()),
        ("client_secret", credentials.client_secret()),
        ("grant_type", "client_credentials"),
        ("scope", scopes.as_str()),
    ];
    // Room for every byte encoded as three: growing would leave copies of the secret behind.
    let room = fields.map(|(name, value)| name.len() + 3 * value.len() + 2);
    let text = Serializer::new(String::with_capacity(room.iter().sum()))
        .extend_pairs(fields)
        .finish();
    Bytes::from_owner(Zeroizing::new(text.into_bytes()))
}

/// Wipes a body that nobody else holds, as it carries a token.
fn wipe(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body.as_mut().zeroize();
    }
}

/// The `authorization` value and the lifetime in the body of a token response, or what was found
/// instead.
fn read(body: &[u8]) -> Result<(HeaderValue, Duration), &'static str> {
    #[derive(Deserialize)]
    struct TokenResponse {
        access_token: Zeroizing<String>,
        expires_in: Option<serde_json::Value>,
    }

    let response: TokenResponse = serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            "the body has no text `access_token`"
        } else {
            "the body is not JSON"
        }
    })?;
    if response.access_token.is_empty() {
        return Err("`access_token` is empty");
    }
    let bearer = Zeroizing::new(["Bearer ", &response.access_token].concat().into_bytes());
    let mut authorization = HeaderValue::from_maybe_shared(Bytes::from_owner(bearer))
        .map_err(|_| "`access_token` has characters that no header can carry")?;
    authorization.set_sensitive(true);

    let lifetime = match response.expires_in.and_then(|value| value.as_f64()) {
        Some(seconds) => Duration::from_secs_f64(seconds.clamp(0.0, MAX_LIFETIME.as_secs_f64())),
        None => DEFAULT_LIFETIME,
    };
    Ok((authorization, lifetime))
}
