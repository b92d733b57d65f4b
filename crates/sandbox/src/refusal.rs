use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

/// Where the API documents its errors.
const ERRORS: &str = "https://docs.upvest.co/errors/";

/// A request that is refused.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    detail: String,
    /// The last part of the problem's type, if it is not that of the status.
    slug: Option<&'static str>,
    /// In a box, since a refusal is the error of most functions.
    headers: Box<HeaderMap>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            status,
            detail: detail.into(),
            slug: None,
            headers: Box::default(),
        }
    }

    pub(crate) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    pub(crate) fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Sets the type of the problem.
    pub(crate) fn slug(mut self, slug: &'static str) -> Self {
        self.slug = Some(slug);
        self
    }

    /// Adds headers to the response, and replaces any of their names.
    pub(crate) fn headers(mut self, headers: HeaderMap) -> Self {
        self.headers.extend(headers);
        self
    }

    /// The response, with problem details that name the request.
    pub(crate) fn into_response(self, request_id: Uuid) -> Response<Bytes> {
        let problem = self.problem(request_id).to_string();
        let mut response = Response::new(Bytes::from(problem));
        *response.status_mut() = self.status;
        *response.headers_mut() = *self.headers;
        let media_type = HeaderValue::from_static("application/problem+json");
        response.headers_mut().insert(CONTENT_TYPE, media_type);
        response
    }

    fn problem(&self, request_id: Uuid) -> Value {
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
