//! However many want a token, one request is made; and it does not depend on any one of them.

use std::pin::pin;
use std::sync::{Arc, Barrier};

use futures_util::future::{join_all, poll_immediate};
use http::StatusCode;
use tokio::sync::oneshot;
use upvest_auth_signing::TokenError;

use super::api::{Api, Step, answered, call, failure, hold, seconds, service, set_millis};
use crate::support::ManualClock;

#[tokio::test]
async fn ten_thousand_first_calls_make_one_token_request() {
    let (release, held) = hold();
    let api = Api::with([held]);
    let service = service(&api, &ManualClock::new());
    let calls = join_all((0..10_000).map(|_| call(&service)));
    let (statuses, ()) = tokio::join!(calls, async {
        tokio::task::yield_now().await;
        assert_eq!(api.token_requests(), 1);
        release.send(()).expect("held");
    });
    assert!(
        statuses
            .into_iter()
            .all(|status| status.expect("answered") == StatusCode::OK)
    );
    assert_eq!(api.token_requests(), 1);
    assert_eq!(api.calls(), vec!["Bearer token-1"; 10_000]);
}

#[test]
fn threads_that_call_at_once_make_one_token_request() {
    const THREADS: usize = 8;
    let api = Api::default();
    let service = service(&api, &ManualClock::new());
    let together = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .build()
                    .expect("a runtime");
                together.wait();
                runtime.block_on(async {
                    for result in join_all((0..100).map(|_| call(&service))).await {
                        assert_eq!(result.expect("answered"), StatusCode::OK);
                    }
                });
            });
        }
    });
    assert_eq!(api.token_requests(), 1);
    assert_eq!(api.calls(), vec!["Bearer token-1"; THREADS * 100]);
}

#[tokio::test]
async fn a_thousand_callers_through_an_expiry_make_one_token_request() {
    let (release, held) = hold();
    let api = Api::with([Step::Token("100"), held]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    answered(&service).await;

    // The first is early, and replaces the token; the others find it expired.
    clock.advance(seconds(99));
    let first = call(&service);
    let mut first = pin!(first);
    assert!(poll_immediate(&mut first).await.is_none());
    clock.advance(seconds(1));
    let others = join_all((0..999).map(|_| call(&service)));
    let mut others = pin!(others);
    assert!(poll_immediate(&mut others).await.is_none());
    release.send(()).expect("held");
    assert_eq!(first.await.expect("answered"), StatusCode::OK);
    for status in others.await {
        assert_eq!(status.expect("answered"), StatusCode::OK);
    }
    assert_eq!(api.token_requests(), 2);
    assert_eq!(api.calls()[1..], vec!["Bearer token-2"; 1000]);
}

#[tokio::test]
async fn callers_share_a_failure() {
    let (release, held) = hold();
    let api = Api::with([held, Step::Break]);
    let service = service(&api, &ManualClock::new());
    let (results, ()) = tokio::join!(join_all((0..10).map(|_| call(&service))), async {
        release.send(()).expect("held");
    });
    for result in results {
        assert!(result.expect_err("broken").is::<TokenError>());
    }
    assert_eq!(api.token_requests(), 1);
}

#[tokio::test]
async fn a_broken_token_endpoint_is_not_asked_for_every_call() {
    let api = Api::with([Step::Json(401, "{}"), Step::Break, Step::Json(503, "")]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    // Failures at 0, 1 and 2 seconds are shared for a second each.
    for (at, requests, status) in [
        (0, 1, Some(401)),
        (999, 1, Some(401)),
        (1000, 2, None),
        (1999, 2, None),
        (2000, 3, Some(503)),
        (2999, 3, Some(503)),
    ] {
        set_millis(&clock, at);
        for _ in 0..100 {
            let error = failure(&service).await;
            let response = error.response();
            assert_eq!(response.map(|r| r.status().as_u16()), status, "at {at}");
        }
        assert_eq!(api.token_requests(), requests, "at {at}");
    }
    set_millis(&clock, 3000);
    answered(&service).await;
    // A failure of old has no say in what happens after a success.
    api.revoke("token-4");
    answered(&service).await;
    assert_eq!(api.token_requests(), 5);
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_prolong_a_failure() {
    let api = Api::with([Step::Break]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    failure(&service).await;
    clock.set(crate::support::START - 3600);
    answered(&service).await;
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_disturb_the_others() {
    let (release, held) = hold();
    let api = Api::with([held]);
    let service = service(&api, &ManualClock::new());
    let mut second = pin!(call(&service));
    {
        let first = pin!(call(&service));
        assert!(poll_immediate(first).await.is_none(), "waits for the token");
        assert!(
            poll_immediate(&mut second).await.is_none(),
            "waits with the first"
        );
    }
    release.send(()).expect("held by the second");
    assert_eq!(second.await.expect("answered"), StatusCode::OK);
    assert_eq!(api.token_requests(), 1);
}

#[tokio::test]
async fn a_token_request_that_nobody_waits_for_is_given_up() {
    let (mut release, held) = oneshot::channel();
    let api = Api::with([Step::Hold(held)]);
    let service = service(&api, &ManualClock::new());
    {
        let only = pin!(call(&service));
        assert!(poll_immediate(only).await.is_none(), "waits for the token");
    }
    assert!(
        poll_immediate(pin!(release.closed())).await.is_some(),
        "the request is dropped"
    );
    answered(&service).await;
    assert_eq!(api.calls(), ["Bearer token-2"]);
}

#[tokio::test]
async fn a_panic_below_reaches_all_who_wait_and_nobody_else() {
    let (release, held) = hold();
    let api = Api::with([held, Step::Panic]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    let (results, ()) = tokio::join!(join_all((0..3).map(|_| failure(&service))), async {
        release.send(()).expect("held");
    });
    for error in results {
        insta::allow_duplicates! {
            insta::assert_snapshot!(crate::support::chain(&error), @r"
            the token request for `positions:read` got no complete response
              caused by: panicked: the transport has a bug
            ");
        }
    }
    clock.advance(seconds(1));
    answered(&service).await;
}

#[tokio::test]
async fn others_do_not_wait_while_one_replaces_a_valid_token() {
    let (release, held) = hold();
    let api = Api::with([Step::Token("100"), held]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    answered(&service).await;
    clock.advance(seconds(60));

    let mut first = pin!(call(&service));
    assert!(
        poll_immediate(&mut first).await.is_none(),
        "replaces the token"
    );
    answered(&service).await;
    assert_eq!(api.calls(), ["Bearer token-1", "Bearer token-1"]);
    release.send(()).expect("held");
    first.await.expect("answered");
    assert_eq!(api.last_call().as_deref(), Some("Bearer token-2"));
}

#[tokio::test]
async fn callers_that_give_up_replacing_a_valid_token_do_not_pile_up_requests() {
    let api = Api::with([Step::Token("100")]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    answered(&service).await;
    for (at, requests) in [(60, 2), (61, 2), (64, 2), (65, 3)] {
        let (_release, held) = hold();
        api.state(|state| state.steps = [held].into());
        clock.set(crate::support::START + at);
        // Whoever replaces the token goes away; the others are served at once.
        let _ = poll_immediate(pin!(call(&service))).await;
        assert_eq!(api.token_requests(), requests, "at {at}");
    }
    // Without a token there is nothing to wait for.
    api.state(|state| state.steps.clear());
    clock.set(crate::support::START + 100);
    answered(&service).await;
    assert_eq!(api.token_requests(), 4);
}

#[tokio::test]
async fn a_failure_is_over_before_all_have_heard_of_it() {
    let (release, held) = hold();
    let api = Api::with([held, Step::Break]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    let mut first = pin!(call(&service));
    let mut second = pin!(call(&service));
    assert!(poll_immediate(&mut first).await.is_none());
    assert!(poll_immediate(&mut second).await.is_none());
    release.send(()).expect("held");
    first.await.expect_err("broken");
    clock.advance(seconds(1));
    answered(&service).await;
    second.await.expect_err("shares the first attempt");
    assert_eq!(api.token_requests(), 2);
}

#[test]
fn services_can_be_sent_and_shared_between_threads() {
    fn assert_send_sync<T: Send + Sync>(_: &T) {}
    let service = service(&Api::default(), &ManualClock::new());
    assert_send_sync(&service);
    assert_send_sync(&Arc::new(service));
}
