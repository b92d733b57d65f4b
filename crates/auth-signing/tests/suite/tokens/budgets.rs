//! What a call may cost beyond the first requests is up to its budget.

use std::sync::{Arc, Mutex};

use http::StatusCode;
use tower::{Layer, ServiceExt};
use upvest_auth_signing::{ExtraRequest, RequestBudget, TokenError, TokenService};

use super::api::{Api, Step, answered, layer, request, service};
use crate::support::ManualClock;

/// A call with this budget, and its status.
async fn call(
    service: &TokenService<Api>,
    budget: RequestBudget,
) -> Result<StatusCode, tower::BoxError> {
    let mut request = request("positions:read");
    request.extensions_mut().insert(budget);
    let response = service.clone().oneshot(request).await?;
    Ok(response.status())
}

/// A budget that refuses nothing, and what it was asked for.
fn counting() -> (RequestBudget, Arc<Mutex<Vec<ExtraRequest>>>) {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&asked);
    let budget = RequestBudget::new(move |request| {
        log.lock().expect("not poisoned").push(request);
        true
    });
    (budget, asked)
}

#[tokio::test]
async fn a_refused_replay_leaves_the_401_as_the_answer() {
    let api = Api::default();
    let service = service(&api, &ManualClock::new());
    answered(&service).await;
    api.revoke("token-1");
    let status = call(&service, RequestBudget::at_most(0)).await;
    assert_eq!(status.expect("answered"), StatusCode::UNAUTHORIZED);
    assert_eq!(api.token_requests(), 1, "the token was kept");
    assert_eq!(api.calls(), ["Bearer token-1", "Bearer token-1"]);

    let status = call(&service, RequestBudget::at_most(1)).await;
    assert_eq!(status.expect("answered"), StatusCode::OK);
}

#[tokio::test]
async fn a_refused_token_retry_leaves_the_failure() {
    for (budget, requests) in [(0, 1), (1, 2), (2, 3), (9, 3)] {
        let api = Api::with(std::iter::repeat_with(|| Step::Json(503, "")).take(3));
        let service = layer(&ManualClock::new()).attempts(3).layer(api.clone());
        let error = call(&service, RequestBudget::at_most(budget)).await;
        assert!(error.expect_err("no token").is::<TokenError>());
        assert_eq!(api.token_requests(), requests, "{budget}");
    }
}

#[tokio::test]
async fn replays_and_token_retries_come_out_of_one_budget() {
    let api = Api::with([Step::Break, Step::Token("3600"), Step::Break]);
    let service = layer(&ManualClock::new()).attempts(3).layer(api.clone());
    api.revoke("token-2");
    let (budget, asked) = counting();
    assert_eq!(call(&service, budget).await.expect("answered"), 200);
    assert_eq!(
        *asked.lock().expect("not poisoned"),
        [
            ExtraRequest::TokenRetry,
            ExtraRequest::Replay,
            ExtraRequest::TokenRetry
        ]
    );
    assert_eq!(api.token_requests(), 4);
    assert_eq!(api.calls(), ["Bearer token-2", "Bearer token-4"]);
}

#[tokio::test]
async fn what_will_not_be_sent_again_costs_nothing() {
    let api = Api::with([Step::Json(400, "{}")]);
    let service = layer(&ManualClock::new()).attempts(3).layer(api.clone());
    let (budget, asked) = counting();
    call(&service, budget).await.expect_err("no token");
    assert!(asked.lock().expect("not poisoned").is_empty());
}

#[test]
fn clones_share_what_is_left() {
    let budget = RequestBudget::at_most(2);
    assert!(budget.clone().allows(ExtraRequest::Replay));
    assert!(budget.allows(ExtraRequest::TokenRetry));
    assert!(!budget.clone().allows(ExtraRequest::Replay));
    assert_eq!(format!("{budget:?}"), "RequestBudget");
}
