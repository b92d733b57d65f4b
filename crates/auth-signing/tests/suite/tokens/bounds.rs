//! Tokens are kept for a limited number of sets of scopes.

use std::pin::pin;

use futures_util::future::poll_immediate;
use tower::ServiceExt;

use super::api::{Api, Step, hold, request, seconds, service};
use crate::support::ManualClock;

const MAX_SETS: usize = 256;

async fn call(service: &upvest_auth_signing::TokenService<Api>, scopes: &str) {
    let call = service.clone().oneshot(request(scopes));
    assert_eq!(call.await.expect("answered").status(), 200);
}

#[tokio::test]
async fn one_set_more_drops_the_token_that_expires_first() {
    let api = Api::default();
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    api.script([Step::Token("3600"), Step::Token("3500")]);
    for number in 0..MAX_SETS {
        call(&service, &format!("scope-{number}")).await;
    }
    assert_eq!(api.token_requests(), MAX_SETS);
    call(&service, "one-more").await;
    for kept in ["scope-0", "scope-2", "scope-255", "one-more"] {
        call(&service, kept).await;
    }
    assert_eq!(api.token_requests(), MAX_SETS + 1);
    call(&service, "scope-1").await;
    assert_eq!(api.token_requests(), MAX_SETS + 2);
}

#[tokio::test]
async fn expired_tokens_go_before_valid_ones() {
    let api = Api::with([Step::Token("3600"), Step::Token("10"), Step::Token("20")]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    for number in 0..MAX_SETS {
        call(&service, &format!("scope-{number}")).await;
    }
    clock.advance(seconds(30));
    // Both places of the expired are free.
    for number in 0..2 {
        call(&service, &format!("more-{number}")).await;
    }
    call(&service, "scope-3").await;
    assert_eq!(api.token_requests(), MAX_SETS + 2);
}

#[tokio::test]
async fn requests_under_way_are_not_forgotten() {
    let (release, held) = hold();
    let api = Api::with([held]);
    let service = service(&api, &ManualClock::new());
    let mut first = pin!(service.clone().oneshot(request("first")));
    assert!(poll_immediate(&mut first).await.is_none());
    for number in 0..2 * MAX_SETS {
        call(&service, &format!("scope-{number}")).await;
    }
    release.send(()).expect("under way");
    first.await.expect("answered");
    call(&service, "first").await;
    assert_eq!(api.token_requests(), 2 * MAX_SETS + 1);
}
