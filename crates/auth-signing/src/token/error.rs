use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::InvalidHeaderValue;
use http::{Response, StatusCode};
use http_body_util::LengthLimitError;
use serde::Deserialize;
use tower::BoxError;

use crate::unauthorized::is_signature_problem;
use crate::{Excerpt, Scopes, SignError};

/// How many characters of a reason are shown. The body has all of it.
const MAX_REASON_CHARS: usize = 500;

/// Why there is no access token. It is cheap to clone: all callers that waited for one token
/// request get the same failure.
///
/// `Display` is one line with the scopes, the status and the reason that the server gave. `Debug`
/// shows the same, and no body.
#[derive(Clone)]
pub struct TokenError {
    kind: Arc<TokenErrorKind>,
    /// The scopes that were asked for; empty if no request was made.
    scopes: Scopes,
    attempts: u32,
}

enum TokenErrorKind {
    /// The client id does not fit into a header.
    ClientId(InvalidHeaderValue),
    /// The service below failed, or the response broke off.
    NoResponse(BoxError),
    /// The time limit of one attempt was over.
    Timeout(Duration),
    /// A response other than 2xx.
    Refused {
        response: Response<Bytes>,
        reason: Option<String>,
        retry_after: Option<Duration>,
    },
    /// A 2xx response without a token. No parser error is kept, as it may quote the token.
    Unusable {
        response: Response<Bytes>,
        found: Cow<'static, str>,
    },
    /// A token that does not allow all that was asked for.
    MissingScopes {
        response: Response<Bytes>,
        missing: Scopes,
    },
    /// A text that is not a token.
    Invalid(&'static str),
    /// The token source failed.
    Source(BoxError),
}

impl TokenError {
    pub(super) fn client_id(source: InvalidHeaderValue) -> Self {
        Self::new(TokenErrorKind::ClientId(source))
    }

    pub(super) fn no_response(source: BoxError) -> Self {
        Self::new(TokenErrorKind::NoResponse(source))
    }

    pub(super) fn timeout(limit: Duration) -> Self {
        Self::new(TokenErrorKind::Timeout(limit))
    }

    pub(super) fn refused(response: Response<Bytes>, retry_after: Option<Duration>) -> Self {
        let reason = reason(response.body());
        Self::new(TokenErrorKind::Refused {
            response,
            reason,
            retry_after,
        })
    }

    pub(super) fn unusable(response: Response<Bytes>, found: Cow<'static, str>) -> Self {
        Self::new(TokenErrorKind::Unusable { response, found })
    }

    pub(super) fn missing_scopes_in(response: Response<Bytes>, missing: Scopes) -> Self {
        Self::new(TokenErrorKind::MissingScopes { response, missing })
    }

    pub(super) fn invalid(found: &'static str) -> Self {
        Self::new(TokenErrorKind::Invalid(found))
    }

    /// What a token source failed with.
    pub(super) fn from_source(source: BoxError) -> Self {
        match source.downcast::<Self>() {
            Ok(error) => *error,
            Err(source) => Self::new(TokenErrorKind::Source(source)),
        }
    }

    fn new(kind: TokenErrorKind) -> Self {
        Self {
            kind: Arc::new(kind),
            scopes: Scopes::default(),
            attempts: 1,
        }
    }

    /// What was asked for, and how often.
    pub(super) fn of(mut self, scopes: &Scopes, attempts: u32) -> Self {
        self.scopes = scopes.clone();
        self.attempts = attempts;
        self
    }

    /// The kind of failure, as a value of `error.type`: the status if there is one.
    pub(super) fn class(&self) -> Cow<'static, str> {
        match &*self.kind {
            TokenErrorKind::Refused { response, .. } => {
                response.status().as_str().to_owned().into()
            }
            TokenErrorKind::Unusable { .. } | TokenErrorKind::Invalid(_) => "decode".into(),
            TokenErrorKind::MissingScopes { .. } => "missing_scopes".into(),
            TokenErrorKind::NoResponse(_) => "transport".into(),
            TokenErrorKind::Timeout(_) => "timeout".into(),
            TokenErrorKind::ClientId(_) => "configuration".into(),
            TokenErrorKind::Source(_) => "source".into(),
        }
    }

    /// In the form that `tracing` records with its sources.
    pub(super) fn logged(&self) -> &(dyn Error + 'static) {
        self
    }

    /// The whole response to the token request, if one came: status, headers and body. After a 2xx
    /// status its body may hold a token in a form that was not understood: do not log it. If the
    /// token lacks scopes, it is removed from the body.
    pub fn response(&self) -> Option<&Response<Bytes>> {
        match &*self.kind {
            TokenErrorKind::Refused { response, .. }
            | TokenErrorKind::Unusable { response, .. }
            | TokenErrorKind::MissingScopes { response, .. } => Some(response),
            TokenErrorKind::ClientId(_)
            | TokenErrorKind::NoResponse(_)
            | TokenErrorKind::Timeout(_)
            | TokenErrorKind::Invalid(_)
            | TokenErrorKind::Source(_) => None,
        }
    }

    /// Whether the same may succeed a little later: no response came, or a response with 429, 502,
    /// 503 or 504. The error of a [`TokenSource`](crate::TokenSource) does not count, since only
    /// the source knows whether it passes.
    pub fn is_transient(&self) -> bool {
        match &*self.kind {
            TokenErrorKind::NoResponse(source) => {
                !source.is::<SignError>() && !source.is::<LengthLimitError>()
            }
            TokenErrorKind::Timeout(_) => true,
            TokenErrorKind::Refused { response, .. } => matches!(
                response.status(),
                StatusCode::TOO_MANY_REQUESTS
                    | StatusCode::BAD_GATEWAY
                    | StatusCode::SERVICE_UNAVAILABLE
                    | StatusCode::GATEWAY_TIMEOUT
            ),
            _ => false,
        }
    }

    /// How long the server asked to wait (`retry-after`, in seconds or as a date), counted from the
    /// arrival of the response.
    pub fn retry_after(&self) -> Option<Duration> {
        match &*self.kind {
            TokenErrorKind::Refused { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// The scopes that were asked for and not granted, when a token came without them. A client
    /// that may not have a scope at all is refused with 401 instead; the API does not say which
    /// scope that is.
    pub fn missing_scopes(&self) -> Option<&Scopes> {
        match &*self.kind {
            TokenErrorKind::MissingScopes { missing, .. } => Some(missing),
            _ => None,
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scopes = &self.scopes;
        match &*self.kind {
            TokenErrorKind::ClientId(_) => {
                f.write_str("the client id cannot be sent as a header: expected visible ASCII")?;
            }
            TokenErrorKind::NoResponse(source) => {
                let what = match source.is::<SignError>() {
                    true => "was not sent, as it cannot be signed",
                    false => "got no complete response",
                };
                write!(f, "the token request for `{scopes}` {what}")?;
            }
            TokenErrorKind::Timeout(limit) => {
                write!(
                    f,
                    "the token request for `{scopes}` took longer than {limit:?}"
                )?;
            }
            TokenErrorKind::Refused {
                response, reason, ..
            } => {
                let status = response.status();
                write!(f, "the token request for `{scopes}` was refused: {status}")?;
                if let Some(reason) = reason {
                    write!(f, ": {reason}")?;
                }
                if status == StatusCode::UNAUTHORIZED && !is_signature_problem(response.body()) {
                    f.write_str(
                        "; check client id and secret, and that the client has the scopes",
                    )?;
                }
            }
            TokenErrorKind::Unusable { response, found } => {
                let status = response.status();
                write!(
                    f,
                    "the token request for `{scopes}` was answered without a usable token: {status}, but {found}"
                )?;
            }
            TokenErrorKind::MissingScopes { missing, .. } => {
                write!(
                    f,
                    "the token request for `{scopes}` was granted without `{missing}`: \
                     have the client given these scopes, or ask for fewer"
                )?;
            }
            TokenErrorKind::Invalid(found) => {
                write!(f, "the access token cannot be used: {found}")?
            }
            TokenErrorKind::Source(_) => write!(f, "the token source has no token for `{scopes}`")?,
        }
        match self.attempts {
            0 | 1 => Ok(()),
            attempts => write!(f, " ({attempts} attempts)"),
        }
    }
}

impl fmt::Debug for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenError({self})")
    }
}

impl Error for TokenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &*self.kind {
            TokenErrorKind::ClientId(source) => Some(source),
            TokenErrorKind::NoResponse(source) | TokenErrorKind::Source(source) => Some(&**source),
            _ => None,
        }
    }
}

/// What the body gives as the reason: problem details (RFC 9457) or an OAuth error (RFC 6749
/// section 5.2), in one line.
fn reason(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Reason {
        title: Option<String>,
        detail: Option<String>,
        r#type: Option<String>,
        error: Option<String>,
        error_description: Option<String>,
    }

    let reason: Reason = serde_json::from_slice(body).ok()?;
    let mut text = [
        reason.title,
        reason.detail,
        reason.error,
        reason.error_description,
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join(": ");
    if let Some(kind) = reason.r#type {
        text.push_str(&format!(" ({kind})"));
    }
    let text = Excerpt::new(text.trim())
        .limit(MAX_REASON_CHARS)
        .to_string();
    (!text.is_empty()).then_some(text)
}
