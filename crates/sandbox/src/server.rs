//! HTTP: counts, disturbs and dates each exchange.

mod guard;
mod injection;
mod serve;

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use http::header::{CONTENT_LENGTH, DATE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use upvest_auth_signing::Clock;

use crate::api::Api;
use crate::connection_handle::ConnectionHandle;
use crate::description::{Route, description};
use crate::fault::Fault;
use crate::listener::Server;
use crate::request_body::RequestBody;
use crate::response_body::ResponseBody;
use injection::inject;
use serve::serve;

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
