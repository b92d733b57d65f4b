//! HTTP: from a request to the operation that it is for, and back.

mod guard;
mod injection;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use http::header::{ALLOW, CONTENT_LENGTH, DATE, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body;
use upvest_auth_signing::Clock;
use uuid::Uuid;

use crate::api::Api;
use crate::call::Call;
use crate::connection_handle::ConnectionHandle;
use crate::description::{Operation, Parameters, Route, description};
use crate::fault::Fault;
use crate::listener::Server;
use crate::operations::{answer, issue_token};
use crate::refusal::Refusal;
use crate::request_body::RequestBody;
use crate::response_body::ResponseBody;
use guard::{MAX_BODY_BYTES, admit};
use injection::inject;

const UPVEST_REQUEST_ID: HeaderName = HeaderName::from_static("upvest-request-id");

impl Server for Api {
    fn takes_connection(&self) -> bool {
        self.counters.connected();
        self.faults.take(Fault::is_for_connection).is_none()
    }

    fn respond(
        self: Arc<Self>,
        connection: ConnectionHandle,
        request: Request<RequestBody>,
    ) -> BoxFuture<'static, Response<ResponseBody>> {
        async move { respond(&self, &connection, request).await }.boxed()
    }
}

/// Counts the request, dates its response, and injects a fault if there is one for it.
async fn respond(
    api: &Api,
    connection: &ConnectionHandle,
    request: Request<RequestBody>,
) -> Response<ResponseBody> {
    let is_head = request.method() == Method::HEAD;
    let path = request.uri().path();
    let operation = match description().route(request.method(), path) {
        Route::Operation(operation, _) => Some(operation),
        Route::OtherMethods(_) | Route::Nothing => None,
    };
    let _in_flight = api.counters.begin(operation, request.headers());
    let fault = api
        .faults
        .take(|fault| fault.is_for_request(operation, path));
    let mut response = match fault {
        Some(fault) => inject(fault, api, connection, request).await,
        None => serve(api, request).await.map(ResponseBody::from),
    };
    let date = HeaderValue::from_str(&httpdate::fmt_http_date(api.clock.now()));
    response
        .headers_mut()
        .insert(DATE, date.expect("a date is visible ASCII"));
    frame(&mut response, is_head);
    response
}

/// Checks the request, executes its operation, and answers.
async fn serve(api: &Api, request: Request<RequestBody>) -> Response<Bytes> {
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

/// The response to a request, with a new id.
fn identified(outcome: Result<Response<Bytes>, Refusal>) -> Response<Bytes> {
    let request_id = Uuid::new_v4();
    let mut response = outcome.unwrap_or_else(|refusal| refusal.into_response(request_id));
    let value = HeaderValue::from_str(&request_id.to_string()).expect("a UUID is visible ASCII");
    response.headers_mut().insert(UPVEST_REQUEST_ID, value);
    response
}

/// Makes `content-length` and the body as HTTP requires. A length that was set stays.
fn frame(response: &mut Response<ResponseBody>, is_head: bool) {
    let length = response.body().size_hint().exact();
    if !has_body(response.status()) {
        response.headers_mut().remove(CONTENT_LENGTH);
    } else if let Some(length) = length {
        let headers = response.headers_mut();
        headers.entry(CONTENT_LENGTH).or_insert(length.into());
    }
    if is_head || !has_body(response.status()) {
        *response.body_mut() = ResponseBody::default();
    }
}

/// Whether responses of this status have a body, by RFC 9110, section 6.4.1.
fn has_body(status: StatusCode) -> bool {
    !status.is_informational()
        && !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}
