//! From a request to the operation that it is for, and back.

use bytes::Bytes;
use http::header::{ALLOW, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use uuid::Uuid;

use super::guard::{MAX_BODY_BYTES, admit};
use crate::api::Api;
use crate::call::Call;
use crate::description::{Operation, Parameters, Route, description};
use crate::operations::{answer, issue_token};
use crate::refusal::Refusal;
use crate::request_body::RequestBody;

const UPVEST_REQUEST_ID: HeaderName = HeaderName::from_static("upvest-request-id");

/// Checks the request, executes its operation, and answers.
pub(super) async fn serve(api: &Api, request: Request<RequestBody>) -> Response<Bytes> {
    let path = request.uri().path();
    identified(match description().route(request.method(), path) {
        Route::Operation(operation, parameters) => {
            operate(api, operation, parameters, request).await
        }
        Route::OtherMethods(methods) => Err(other_methods(&methods, request.method(), path)),
        Route::Nothing => Err(Refusal::not_found(format!("There is nothing at {path}"))),
    })
}

async fn operate(
    api: &Api,
    operation: &'static Operation,
    parameters: Parameters,
    request: Request<RequestBody>,
) -> Result<Response<Bytes>, Refusal> {
    let (head, body) = request.into_parts();
    let body = body.read(MAX_BODY_BYTES).await.ok_or_else(|| {
        Refusal::bad(format!(
            "The body is incomplete or longer than {MAX_BODY_BYTES} bytes"
        ))
    })?;
    let request = Request::from_parts(head, body);
    let client = admit(api, operation, &request)?;
    let answer = if operation.issues_tokens() {
        issue_token(api, operation, &client, &request)?
    } else {
        let call = Call::read(operation, parameters, client.id(), &request)?;
        answer(api, &call)?
    };
    answer.into_response(operation.answer.status)
}

fn other_methods(allowed: &[&Method], method: &Method, path: &str) -> Refusal {
    let names = allowed.iter().flat_map(|method| match **method {
        Method::GET => vec!["GET", "HEAD"],
        ref method => vec![method.as_str()],
    });
    let allow = names.collect::<Vec<_>>().join(",");
    let allow = HeaderValue::from_str(&allow).expect("methods are visible ASCII");
    let detail = format!("{path} does not take {method}");
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, detail)
        .headers(HeaderMap::from_iter([(ALLOW, allow)]))
}

/// The response to a request, with an id of its own.
pub(super) fn identified(outcome: Result<Response<Bytes>, Refusal>) -> Response<Bytes> {
    let request_id = Uuid::new_v4();
    let mut response = outcome.unwrap_or_else(|refusal| refusal.into_response(request_id));
    let value = HeaderValue::from_str(&request_id.to_string()).expect("a UUID is visible ASCII");
    response.headers_mut().insert(UPVEST_REQUEST_ID, value);
    response
}
