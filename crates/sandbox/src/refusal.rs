use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde_json::{Value, json};
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
    /// The last part of the problem's type, if it is not that of the status.
    slug: Option<&'static str>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            slug: None,
        }
    }

    pub(crate) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Gives the problem a type of its own.
    pub(crate) fn slug(mut self, slug: &'static str) -> Self {
        self.slug = Some(slug);
        self
    }

    /// What the response tells.
    pub(crate) fn into_problem(self, request_id: Uuid) -> Value {
        let name = match (self.slug, self.status) {
            (Some(slug), _) => slug.replace('_', " "),
            (None, StatusCode::UNAUTHORIZED) => "unauthorised".to_owned(),
            (None, status) => status.canonical_reason().unwrap_or("error").to_lowercase(),
        };
        let (first, rest) = name.split_at(1);
        json!({
            "type": format!("{ERRORS}{}", name.replace(' ', "_")),
            "status": self.status.as_u16(),
            "title": first.to_uppercase() + rest,
            "detail": self.detail,
            "request_id": request_id,
        })
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
