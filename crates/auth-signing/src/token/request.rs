//! One token request, and what comes of it.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, Uri};
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use serde::Deserialize;
use serde_json::Value;
use tower::{BoxError, Service, ServiceExt};
use zeroize::{Zeroize, Zeroizing};

use super::{AccessToken, ClientCredentials, TokenError};
use crate::header::UPVEST_CLIENT_ID;
use crate::{Clock, Excerpt, Scopes, retry_after};

/// The largest token response that is read, in bytes. A real one is far smaller.
const MAX_RESPONSE_BYTES: usize = 1024 * 1024;

/// How many characters of an unknown `token_type` are shown.
const MAX_TYPE_CHARS: usize = 40;

/// Requests one token for `scopes` through `service`.
pub(super) async fn send<S, B>(
    service: S,
    request: Request<Bytes>,
    scopes: &Scopes,
    clock: &dyn Clock,
) -> Result<AccessToken, TokenError>
where
    S: Service<Request<Bytes>, Response = Response<B>, Error: Into<BoxError>>,
    B: Body<Error: Into<BoxError>>,
{
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
        let retry_after = retry_after(response.headers(), clock.now());
        return Err(TokenError::refused(response, retry_after));
    }
    let (token, granted) = match read(response.body()) {
        Ok(read) => read,
        Err(found) => return Err(TokenError::unusable(response, found)),
    };

    let (head, body) = response.into_parts();
    wipe(body);
    let missing = granted.map_or_else(Scopes::default, |granted| scopes.without(&granted));
    if !missing.is_empty() {
        let response = Response::from_parts(head, Bytes::new());
        return Err(TokenError::missing_scopes_in(response, missing));
    }
    Ok(token)
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
    let room = room.iter().sum();
    let text = Serializer::new(String::with_capacity(room))
        .extend_pairs(fields)
        .finish();
    debug_assert!(text.len() <= room);
    Bytes::from_owner(Zeroizing::new(text.into_bytes()))
}

/// Wipes a body that nobody else holds, as it carries a token.
fn wipe(body: Bytes) {
    if let Ok(mut body) = body.try_into_mut() {
        body.as_mut().zeroize();
    }
}

/// The token in the body of a token response (RFC 6749 section 5.1) and the scopes that it was
/// granted, if it says; or else what was found instead.
fn read(body: &[u8]) -> Result<(AccessToken, Option<Scopes>), Cow<'static, str>> {
    #[derive(Deserialize)]
    struct TokenResponse {
        access_token: Zeroizing<String>,
        expires_in: Option<Value>,
        token_type: Option<String>,
        scope: Option<String>,
    }

    let response: TokenResponse = serde_json::from_slice(body).map_err(|error| {
        if error.is_data() {
            "`access_token`, `token_type` or `scope` is missing or not a string"
        } else {
            "the body is not JSON"
        }
    })?;
    if let Some(other) = response.token_type
        && !other.eq_ignore_ascii_case("bearer")
    {
        let other = Excerpt::new(&other).limit(MAX_TYPE_CHARS);
        return Err(format!("`token_type` is `{other}`, expected `bearer`").into());
    }
    let mut token = AccessToken::read(&response.access_token)
        .map_err(|found| format!("`access_token` cannot be used: {found}"))?;
    token.lifetime = response.expires_in.as_ref().and_then(lifetime);
    let granted = response.scope.as_deref().map(Scopes::from);
    Ok((token, granted))
}

/// A number of seconds, which some servers write as text. Anything else is not a lifetime.
fn lifetime(expires_in: &Value) -> Option<Duration> {
    let seconds = match expires_in {
        Value::String(text) => text.trim().parse().ok()?,
        value => value.as_f64()?,
    };
    if seconds <= 0.0 {
        return Some(Duration::ZERO);
    }
    // The conversion fails if the number is too large for a duration, or is not a number.
    Duration::try_from_secs_f64(seconds)
        .ok()
        .or((!seconds.is_nan()).then_some(Duration::MAX))
}
