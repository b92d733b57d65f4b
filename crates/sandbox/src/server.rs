//! HTTP: from a request to the operation that it is for, and back.

mod guard;
mod identity;
mod injection;
mod listener;

use std::sync::Arc;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{ALLOW, DATE, HeaderValue};
use http::{Method, StatusCode};
use upvest_auth_signing::Clock;

use crate::api::Api;
use crate::call::Call;
use crate::connection_handle::ConnectionHandle;
use crate::description::{Operation, Parameters, Route, description};
use crate::operations::{answer, issue_token};
use crate::refusal::Refusal;
use guard::{MAX_BODY_BYTES, admit};
use identity::identify;
use injection::inject;

pub(crate) use listener::ConnectionListener;

/// All operations, each behind its checks.
pub(crate) fn router(api: Arc<Api>) -> Router {
    Router::new()
        .fallback(serve)
        .layer(from_fn(identify))
        .layer(from_fn_with_state(Arc::clone(&api), receive))
        .with_state(api)
}

/// Counts the request, dates its response, and injects a fault if there is one for it.
async fn receive(
    State(api): State<Arc<Api>>,
    ConnectInfo(connection): ConnectInfo<ConnectionHandle>,
    request: Request,
    next: Next,
) -> Response {
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
        Some(fault) => inject(fault, &connection, request, next).await,
        None => next.run(request).await,
    };
    let date = HeaderValue::from_str(&httpdate::fmt_http_date(api.clock.now()));
    response
        .headers_mut()
        .insert(DATE, date.expect("a date is visible ASCII"));
    response
}

async fn serve(State(api): State<Arc<Api>>, request: Request) -> Response {
    let path = request.uri().path();
    match description().route(request.method(), path) {
        Route::Operation(operation, parameters) => {
            let outcome = operate(&api, operation, parameters, request).await;
            outcome.unwrap_or_else(IntoResponse::into_response)
        }
        Route::OtherMethods(methods) => other_methods(&methods, request.method(), path),
        Route::Nothing => Refusal::not_found(format!("There is nothing at {path}")).into_response(),
    }
}

async fn operate(
    api: &Api,
    operation: &'static Operation,
    parameters: Parameters,
    request: Request,
) -> Result<Response, Refusal> {
    let (head, body) = request.into_parts();
    let body: Bytes = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| {
        Refusal::bad(format!(
            "The body is incomplete or longer than {MAX_BODY_BYTES} bytes"
        ))
    })?;
    let request = http::Request::from_parts(head, body);
    let client = admit(api, operation, &request)?;
    let answer = if operation.issues_tokens() {
        issue_token(api, operation, &client, &request)?
    } else {
        let call = Call::read(operation, parameters, client.id(), &request)?;
        answer(api, &call)?
    };
    Ok(answer.into_response(operation.answer.status))
}

fn other_methods(allowed: &[&Method], method: &Method, path: &str) -> Response {
    let detail = format!("{path} does not take {method}");
    let mut response = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, detail).into_response();
    let names = allowed.iter().flat_map(|method| match **method {
        Method::GET => vec!["GET", "HEAD"],
        ref method => vec![method.as_str()],
    });
    let allow = names.collect::<Vec<_>>().join(",");
    let allow = HeaderValue::from_str(&allow).expect("methods are visible ASCII");
    response.headers_mut().insert(ALLOW, allow);
    response
}
