//! However many want a token, one request is made; and it does not depend on any one of them.

use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

use futures_util::future::{join_all, poll_immediate};
use http::StatusCode;
use tokio::sync::oneshot;
use tower::Layer;
use upvest_auth_signing::{Executor, TokenError, TokioExecutor};

use super::api::{
    Api, Background, Step, answered, call, failure, hold, layer, seconds, service, set_millis,
};
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

    // The first is early, and has the token replaced; the others find it expired.
    clock.advance(seconds(99));
    answered(&service).await;
    clock.advance(seconds(1));
    let others = join_all((0..999).map(|_| call(&service)));
    let mut others = pin!(others);
    assert!(poll_immediate(&mut others).await.is_none());
    release.send(()).expect("held");
    for status in others.await {
        assert_eq!(status.expect("answered"), StatusCode::OK);
    }
    assert_eq!(api.token_requests(), 2);
    assert_eq!(api.calls()[2..], vec!["Bearer token-2"; 999]);
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
    // An earlier failure does not affect what happens after a success.
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
async fn a_token_request_outlives_its_callers() {
    let (release, held) = hold();
    let api = Api::with([held]);
    let background = Background::default();
    let service = layer(&ManualClock::new())
        .executor(background.clone())
        .layer(api.clone());
    for _ in 0..10 {
        let impatient = pin!(call(&service));
        assert!(poll_immediate(impatient).await.is_none(), "goes away");
    }
    release.send(()).expect("still under way");
    background.run();
    answered(&service).await;
    assert_eq!(api.calls(), ["Bearer token-1"]);
    assert_eq!(api.token_requests(), 1);
}

#[tokio::test]
async fn the_executor_of_tokio() {
    let (release, held) = hold();
    let api = Api::with([held]);
    let service = layer(&ManualClock::new())
        .executor(TokioExecutor)
        .layer(api.clone());
    assert!(poll_immediate(pin!(call(&service))).await.is_none());
    tokio::task::yield_now().await;
    release.send(()).expect("still under way");
    tokio::task::yield_now().await;
    assert!(
        poll_immediate(pin!(call(&service))).await.is_some(),
        "there"
    );
    assert_eq!(api.token_requests(), 1);
}

#[test]
fn the_executor_of_tokio_outside_of_a_runtime_drops_tasks() {
    let shared: Arc<dyn Executor> = Arc::new(TokioExecutor);
    let (sender, mut receiver) = oneshot::channel::<()>();
    shared.execute(Box::pin(async move { drop(sender) }));
    assert!(receiver.try_recv().is_err());
    assert_eq!(format!("{shared:?}"), "Executor");
}

#[tokio::test]
async fn an_executor_that_drops_tasks_leaves_token_requests_to_those_who_wait() {
    let api = Api::with([Step::Token("100")]);
    let clock = ManualClock::new();
    let service = layer(&clock).executor(drop).layer(api.clone());
    for (at, requests) in [(0, 1), (50, 1), (99, 1), (100, 2)] {
        clock.set(crate::support::START + at);
        answered(&service).await;
        assert_eq!(api.token_requests(), requests, "at {at}");
    }
    assert_eq!(api.last_call().as_deref(), Some("Bearer token-2"));
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
async fn nobody_waits_while_a_valid_token_is_replaced() {
    let (release, held) = hold();
    let api = Api::with([Step::Token("100"), held]);
    let (clock, background) = (ManualClock::new(), Background::default());
    let service = layer(&clock)
        .executor(background.clone())
        .layer(api.clone());
    answered(&service).await;
    clock.advance(seconds(60));

    for _ in 0..3 {
        let call = poll_immediate(pin!(call(&service))).await;
        assert_eq!(call.expect("at once").expect("answered"), StatusCode::OK);
    }
    assert_eq!(api.calls(), vec!["Bearer token-1"; 4]);
    assert_eq!(api.token_requests(), 2);
    release.send(()).expect("under way");
    background.run();
    answered(&service).await;
    assert_eq!(api.last_call().as_deref(), Some("Bearer token-2"));
}

#[tokio::test]
async fn replacements_that_are_given_up_do_not_pile_up() {
    let api = Api::with([Step::Token("100")]);
    let clock = ManualClock::new();
    let begun = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&begun);
    let service = layer(&clock)
        .executor(move |_| {
            count.fetch_add(1, Ordering::SeqCst);
        })
        .layer(api.clone());
    answered(&service).await;
    for (at, tasks) in [(60, 2), (61, 2), (64, 2), (65, 3)] {
        clock.set(crate::support::START + at);
        answered(&service).await;
        assert_eq!(begun.load(Ordering::SeqCst), tasks, "at {at}");
    }
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
