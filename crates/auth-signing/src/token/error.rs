use std::error::Error;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use http::header::InvalidHeaderValue;
use serde::Deserialize;
use tower::BoxError;

/// So much of a reason is shown; the whole is in the body.
const MAX_REASON_CHARS: usize = 500;

/// Why there is no access token. Cheap to clone: everybody who waited for one token request
/// gets the same failure.
///
/// `Display` is one line with the status and what the server gave as its reason. `Debug` shows
/// the same and no body.
#[derive(Clone)]
pub struct TokenError(Arc<Kind>);

enum Kind {
    /// The client id does not fit into a header.
    ClientId(InvalidHeaderValue),
    /// The service below failed, or the response broke off.
    NoResponse(BoxError),
    /// A response other than 2xx.
    Refused {
        response: Response<Bytes>,
        reason: Option<String>,
    },
    /// A 2xx response without a token. No parser error is kept, as it may quote the token.
    Unusable {
        response: Response<Bytes>,
        found: &'static str,
    },
}

impl TokenError {
    pub(super) fn client_id(source: InvalidHeaderValue) -> Self {
        Self(Arc::new(Kind::ClientId(source)))
    }

    pub(super) fn no_response(source: BoxError) -> Self {
        Self(Arc::new(Kind::NoResponse(source)))
    }

    pub(super) fn refused(response: Response<Bytes>) -> Self {
        let reason = reason(response.body());
        Self(Arc::new(Kind::Refused { response, reason }))
    }

    pub(super) fn unusable(response: Response<Bytes>, found: &'static str) -> Self {
        Self(Arc::new(Kind::Unusable { response, found }))
    }

    /// The response to the token request, whole, if one came: status, headers and body. After a
    /// 2xx status its body may hold a token in a form that was not understood: do not log it.
    pub fn response(&self) -> Option<&Response<Bytes>> {
        match &*self.0 {
            Kind::Refused { response, .. } | Kind::Unusable { response, .. } => Some(response),
            Kind::ClientId(_) | Kind::NoResponse(_) => None,
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Kind::ClientId(_) => {
                f.write_str("the client id cannot be sent as a header: expected visible ASCII")
            }
            Kind::NoResponse(_) => f.write_str("the token request got no complete response"),
            Kind::Refused { response, reason } => {
                write!(f, "the token request was refused: {}", response.status())?;
                reason
                    .as_ref()
                    .map_or(Ok(()), |reason| write!(f, ": {reason}"))
            }
            Kind::Unusable { response, found } => write!(
                f,
                "the token request was answered without a token: {}, but {found}",
                response.status()
            ),
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
        match &*self.0 {
            Kind::ClientId(source) => Some(source),
            Kind::NoResponse(source) => Some(&**source),
            Kind::Refused { .. } | Kind::Unusable { .. } => None,
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
    let line: String = text
        .trim()
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(MAX_REASON_CHARS)
        .collect();
    (!line.is_empty()).then_some(line)
}
