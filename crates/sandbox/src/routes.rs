use std::sync::Arc;
use std::sync::atomic::Ordering;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, StatusCode, Uri};
use uuid::Uuid;

use crate::api::Api;
use crate::guard::{Access, admit};
use crate::operations::{
    get_jwks, issue_token, retrieve_cash_balance, retrieve_cash_balance_with_currency,
    retrieve_cash_balances,
};
use crate::refusal::Refusal;

const UPVEST_REQUEST_ID: HeaderName = HeaderName::from_static("upvest-request-id");

/// All operations, each behind its checks.
pub(crate) fn router(api: Arc<Api>) -> Router {
    let guard = |access| from_fn_with_state((Arc::clone(&api), access), admit);
    Router::new()
        .route(
            "/auth/token",
            post(issue_token)
                .route_layer(guard(Access::Credentials))
                .route_layer(from_fn_with_state(Arc::clone(&api), count_token_request)),
        )
        .route(
            "/auth/verify_keys",
            get(get_jwks).route_layer(guard(Access::Token(&["webhooks:read", "webhooks:admin"]))),
        )
        .route(
            "/account_groups/{account_group_id}/payments/cash_balance",
            get(retrieve_cash_balance).route_layer(guard(Access::Token(&["positions:read"]))),
        )
        .route(
            "/account_groups/{account_group_id}/payments/cash_balances",
            get(retrieve_cash_balances).route_layer(guard(Access::Token(&["positions:read"]))),
        )
        .route(
            "/account_groups/{account_group_id}/payments/cash_balances/{currency}",
            get(retrieve_cash_balance_with_currency)
                .route_layer(guard(Access::Token(&["positions:read"]))),
        )
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(from_fn_with_state(Arc::clone(&api), identify))
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

async fn count_token_request(
    State(api): State<Arc<Api>>,
    request: Request,
    next: Next,
) -> Response {
    api.token_requests.fetch_add(1, Ordering::Relaxed);
    next.run(request).await
}

/// Counts the request and gives its response an id, and problem details if it was refused.
async fn identify(State(api): State<Arc<Api>>, request: Request, next: Next) -> Response {
    api.requests.fetch_add(1, Ordering::Relaxed);
    let request_id = Uuid::new_v4();
    let mut response = next.run(request).await;
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
