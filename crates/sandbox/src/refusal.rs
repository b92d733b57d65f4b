use axum::response::{IntoResponse, Response};
use http::StatusCode;
use upvest_models::Problem;
use uuid::Uuid;

/// Where the API documents its errors.
const ERRORS: &str = "https://docs.upvest.co/errors/";

/// The kinds of errors that the sandbox answers with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    BadRequest,
    Unauthorised,
    Forbidden,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
}

impl Kind {
    /// Status, last segment of the type, and title.
    fn parts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "bad_request", "Bad request"),
            Self::Unauthorised => (StatusCode::UNAUTHORIZED, "unauthorised", "Unauthorised"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not_found", "Not found"),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "Method not allowed",
            ),
            Self::NotAcceptable => (
                StatusCode::NOT_ACCEPTABLE,
                "not_acceptable",
                "Not acceptable",
            ),
        }
    }
}

/// A request that is not answered with what it asked for.
///
/// As a response it is only a status, with itself in the extensions. The problem details are
/// filled in where the request id is known.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    kind: Kind,
    detail: String,
}

impl Refusal {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
        }
    }

    /// What the response tells.
    pub(crate) fn into_problem(self, request_id: Uuid) -> Problem {
        let (status, slug, title) = self.kind.parts();
        Problem {
            type_: format!("{ERRORS}{slug}"),
            status: status.as_u16().into(),
            title: Some(title.to_owned()),
            detail: Some(self.detail),
            instance: None,
            request_id: Some(request_id.to_string()),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, ..) = self.kind.parts();
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
