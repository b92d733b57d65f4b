use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::MethodFilter;
use http::header::{CONTENT_TYPE, DATE, HeaderName, HeaderValue};
use http::{Method, StatusCode, Uri};
use upvest_auth_signing::Clock;
use uuid::Uuid;

use crate::api::Api;
use crate::guard::admit;
use crate::line::Line;
use crate::operations::{OPERATIONS, Operation};
use crate::refusal::Refusal;

const UPVEST_REQUEST_ID: HeaderName = HeaderName::from_static("upvest-request-id");

/// All operations, each behind its checks.
pub(crate) fn router(api: Arc<Api>) -> Router {
    let mut router = Router::new();
    for operation in OPERATIONS {
        let method = MethodFilter::try_from(operation.method.clone()).expect("a usual method");
        let guard = from_fn_with_state((Arc::clone(&api), operation.access), admit);
        let handler = (operation.handler)(method).route_layer(guard);
        router = router.route(operation.path, handler);
    }
    router
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn(identify))
        .layer(from_fn_with_state(Arc::clone(&api), receive))
        .with_state(api)
}

async fn not_found(uri: Uri) -> Refusal {
    Refusal::new(
        StatusCode::NOT_FOUND,
        format!("There is nothing at {}", uri.path()),
    )
}

async fn method_not_allowed(method: Method, uri: Uri) -> Refusal {
    let detail = format!("{} does not take {method}", uri.path());
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, detail)
}

/// Counts the request, dates its response, and lets a fault have it if there is one for it.
async fn receive(
    State(api): State<Arc<Api>>,
    ConnectInfo(line): ConnectInfo<Line>,
    route: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let operation = route.and_then(|route| Operation::at(request.method(), route.as_str()));
    let _in_flight = api.tally.begin(operation, request.headers());
    let path = request.uri().path();
    let fault = api
        .faults
        .take(|fault| fault.is_for_request(operation, path));
    let mut response = match fault {
        Some(fault) => fault.strike(&line, request, next).await,
        None => next.run(request).await,
    };
    let date = HeaderValue::from_str(&httpdate::fmt_http_date(api.clock.now()));
    response
        .headers_mut()
        .insert(DATE, date.expect("a date is visible ASCII"));
    response
}

async fn identify(request: Request, next: Next) -> Response {
    identified(next.run(request).await)
}

/// Gives a response an id, and problem details if it is a refusal.
pub(crate) fn identified(mut response: Response) -> Response {
    let request_id = Uuid::new_v4();
    if let Some(refusal) = response.extensions_mut().remove::<Refusal>() {
        let problem = serde_json::to_vec(&refusal.into_problem(request_id))
            .expect("problem details are plain text and numbers");
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
