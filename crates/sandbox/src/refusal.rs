use axum::response::{IntoResponse, Response};
use http::StatusCode;
use upvest_models::Problem;
use uuid::Uuid;

/// Where the API documents its errors.
const ERRORS: &str = "https://docs.upvest.co/errors/";

/// A request that is not answered with what it asked for.
///
/// As a response it is only a status, with itself in the extensions. The problem details are
/// filled in where the request id is known.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    detail: String,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
        }
    }

    /// What the response tells.
    pub(crate) fn into_problem(self, request_id: Uuid) -> Problem {
        let name = match self.status {
            StatusCode::UNAUTHORIZED => "unauthorised".to_owned(),
            status => status.canonical_reason().unwrap_or("error").to_lowercase(),
        };
        let (first, rest) = name.split_at(1);
        Problem {
            type_: format!("{ERRORS}{}", name.replace(' ', "_")),
            status: self.status.as_u16().into(),
            title: Some(first.to_uppercase() + rest),
            detail: Some(self.detail),
            instance: None,
            request_id: Some(request_id.to_string()),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
