//! The id of each request, and the problem details that tell it.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use uuid::Uuid;

use crate::refusal::Refusal;

const UPVEST_REQUEST_ID: HeaderName = HeaderName::from_static("upvest-request-id");

pub(super) async fn identify(request: Request, next: Next) -> Response {
    identified(next.run(request).await)
}

/// Gives a response an id, and problem details if it is a refusal.
pub(super) fn identified(mut response: Response) -> Response {
    let request_id = Uuid::new_v4();
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        let problem = refusal.into_problem(request_id).to_string();
        *response.body_mut() = Body::from(problem);
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
    }
    let value = HeaderValue::from_str(&request_id.to_string()).expect("a UUID is visible ASCII");
    response.headers_mut().insert(UPVEST_REQUEST_ID, value);
    response
}
