//! A token request is made again when that may help, and never sooner than the server asks.

use std::future::ready;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::poll_immediate;
use tower::Layer;
use upvest_auth_signing::{Jitter, RandomJitter, Timer, TokenService, TokioTimer};

use super::api::{
    Answer, Api, Step, Waits, answered, call, failure, hold, layer, millis, seconds, service,
    set_millis,
};
use crate::support::{ManualClock, chain};

/// As many attempts as there are unless set, and the longest waits.
fn patient(api: &Api, clock: &ManualClock, waits: &Waits) -> TokenService<Api> {
    layer(clock)
        .attempts(3)
        .jitter(|| 1.0)
        .timer(waits.clone())
        .layer(api.clone())
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    for (step, next) in [
        (Step::Break, Step::Json(503, "")),
        (Step::Json(429, ""), Step::Break),
        (Step::Json(502, ""), Step::Json(504, "")),
        (
            Step::Respond(http::Response::new(Answer::broken("{"))),
            Step::Json(429, ""),
        ),
    ] {
        let (api, waits) = (Api::with([step, next]), Waits::default());
        answered(&patient(&api, &ManualClock::new(), &waits)).await;
        assert_eq!(api.token_requests(), 3);
        assert_eq!(waits.take(), [millis(200), millis(400)]);
        assert_eq!(api.calls(), ["Bearer token-3"]);
    }
}

#[tokio::test]
async fn the_last_attempt_is_the_error() {
    let steps = [Step::Break, Step::Json(502, ""), Step::Json(503, "")];
    let (api, waits) = (Api::with(steps), Waits::default());
    let error = failure(&patient(&api, &ManualClock::new(), &waits)).await;
    insta::assert_snapshot!(error, @"the token request for `positions:read` was refused: 503 Service Unavailable (3 attempts)");
    assert_eq!(api.token_requests(), 3);
    assert_eq!(waits.take(), [millis(200), millis(400)]);
}

#[tokio::test]
async fn what_will_not_pass_is_tried_once() {
    for status in [200, 302, 400, 401, 403, 406, 500] {
        let (api, waits) = (Api::with([Step::Json(status, "{}")]), Waits::default());
        failure(&patient(&api, &ManualClock::new(), &waits)).await;
        assert_eq!(api.token_requests(), 1, "{status}");
        assert_eq!(waits.take(), []);
    }
}

#[tokio::test]
async fn waits_double_up_to_two_seconds_and_are_random() {
    for (jitter, expected) in [
        (1.0, [200, 400, 800, 1600, 2000, 2000, 2000]),
        (0.25, [50, 100, 200, 400, 500, 500, 500]),
        (0.0, [0; 7]),
        (f64::NAN, [0; 7]),
    ] {
        let api = Api::with(std::iter::repeat_with(|| Step::Break).take(7));
        let waits = Waits::default();
        let service = layer(&ManualClock::new())
            .attempts(u32::MAX)
            .jitter(move || jitter)
            .timer(waits.clone())
            .layer(api.clone());
        answered(&service).await;
        assert_eq!(waits.take(), expected.map(millis));
    }
}

#[tokio::test]
async fn waits_never_grow_beyond_all_bounds() {
    let api = Api::with(std::iter::repeat_with(|| Step::Break).take(100));
    let waits = Waits::default();
    let service = layer(&ManualClock::new())
        .attempts(101)
        .jitter(|| 1.0)
        .timer(waits.clone())
        .layer(api.clone());
    answered(&service).await;
    assert_eq!(waits.take()[4..], [seconds(2); 96]);
}

#[tokio::test]
async fn no_attempts_is_one_attempt() {
    let api = Api::with([Step::Break]);
    let service = layer(&ManualClock::new()).attempts(0).layer(api.clone());
    let error = failure(&service).await;
    assert_eq!(api.token_requests(), 1);
    assert!(!error.to_string().contains("attempts"), "{error}");
}

#[tokio::test]
async fn the_server_says_how_long_to_wait() {
    // 2021-10-06T14:14:19Z is what the clock says.
    for (retry_after, wait, waits_for) in [
        ("0", Some(0), Some(200)),
        ("2", Some(2000), Some(2200)),
        (" 5 ", Some(5000), Some(5200)),
        ("Wed, 06 Oct 2021 14:14:22 GMT", Some(3000), Some(3200)),
        ("Wed, 06 Oct 2021 14:14:19 GMT", Some(0), Some(200)),
        ("Wed, 06 Oct 2021 14:00:00 GMT", Some(0), Some(200)),
        ("Wed, 06 Oct 2021 14:14:25 GMT", Some(6000), None),
        ("6", Some(6000), None),
        ("+5", None, Some(200)),
        ("-1", None, Some(200)),
        ("soon", None, Some(200)),
        ("caf\u{e9}", None, Some(200)),
    ] {
        let (api, waits) = (Api::with([Step::busy(429, retry_after)]), Waits::default());
        let service = patient(&api, &ManualClock::new(), &waits);
        match waits_for {
            Some(expected) => {
                answered(&service).await;
                assert_eq!(waits.take(), [millis(expected)], "{retry_after}");
            }
            None => {
                let error = failure(&service).await;
                assert_eq!(error.retry_after(), wait.map(millis), "{retry_after}");
                assert_eq!(api.token_requests(), 1);
                assert_eq!(waits.take(), []);
            }
        }

        let single = super::api::service(
            &Api::with([Step::busy(429, retry_after)]),
            &ManualClock::new(),
        );
        let error = failure(&single).await;
        assert_eq!(error.retry_after(), wait.map(millis), "{retry_after}");
    }
}

#[tokio::test]
async fn a_server_that_wants_to_be_left_alone_is() {
    // What it asks for, and until when nothing is sent, in milliseconds.
    for (retry_after, until) in [("30", 30_000), ("3600", 60_000), ("0", 1000)] {
        let api = Api::with([Step::busy(503, retry_after)]);
        let clock = ManualClock::new();
        let service = service(&api, &clock);
        for at in [0, until / 2, until - 1] {
            set_millis(&clock, at);
            failure(&service).await;
            assert_eq!(api.token_requests(), 1, "{retry_after} at {at}");
        }
        set_millis(&clock, until);
        answered(&service).await;
    }
}

#[tokio::test]
async fn a_server_that_wants_to_be_left_alone_is_when_the_old_token_expires() {
    let api = Api::with([Step::Token("100"), Step::busy(503, "30")]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    answered(&service).await;
    for (at, is_served) in [(90_000, true), (100_000, false), (119_999, false)] {
        set_millis(&clock, at);
        assert_eq!(call(&service).await.is_ok(), is_served, "at {at}");
        assert_eq!(api.token_requests(), 2, "at {at}");
    }
    set_millis(&clock, 120_000);
    answered(&service).await;
}

#[tokio::test]
async fn replacing_a_valid_token_is_tried_once_at_a_time() {
    let api = Api::with([Step::Token("100"), Step::Break, Step::Break]);
    let (clock, waits) = (ManualClock::new(), Waits::default());
    let service = patient(&api, &clock, &waits);
    answered(&service).await;
    clock.advance(seconds(80));
    answered(&service).await;
    assert_eq!(api.token_requests(), 2);
    assert_eq!(waits.take(), [], "the caller has a token, why wait");

    clock.advance(seconds(20));
    answered(&service).await;
    assert_eq!(waits.take(), [millis(200)], "now there is none");
    assert_eq!(api.last_call().as_deref(), Some("Bearer token-4"));
}

#[tokio::test]
async fn a_request_without_end_is_given_up() {
    let api = Api::default();
    let mut held = Vec::new();
    for _ in 0..3 {
        let (release, step) = hold();
        held.push(release);
        api.script([step]);
    }
    let service = layer(&ManualClock::new())
        .attempts(3)
        .timeout(millis(2500))
        .timer(|_| ready(()))
        .layer(api.clone());
    let error = failure(&service).await;
    insta::assert_snapshot!(chain(&error), @"the token request for `positions:read` took longer than 2.5s (3 attempts)");
    assert!(error.is_transient());
    assert_eq!(api.token_requests(), 3);
}

#[tokio::test]
async fn a_response_that_comes_with_the_limit_counts() {
    let api = Api::default();
    let service = layer(&ManualClock::new())
        .timer(|_| ready(()))
        .layer(api.clone());
    answered(&service).await;
}

#[tokio::test]
async fn each_attempt_has_the_whole_limit() {
    let api = Api::with([Step::Break]);
    let waits = Waits::default();
    let limits = waits.clone();
    let service = layer(&ManualClock::new())
        .attempts(2)
        .timeout(seconds(7))
        .timer(move |duration| {
            let sleep = limits.sleep(duration);
            async move {
                match duration {
                    _ if duration == seconds(7) => std::future::pending().await,
                    _ => sleep.await,
                }
            }
        })
        .layer(api.clone());
    answered(&service).await;
    assert_eq!(waits.take(), [seconds(7), seconds(0), seconds(7)]);
}

#[tokio::test]
async fn the_lifetime_counts_from_the_attempt_that_brought_the_token() {
    let (release, held) = hold();
    let api = Api::with([held, Step::Break, Step::Token("100")]);
    let clock = ManualClock::new();
    let service = layer(&clock).attempts(2).layer(api.clone());
    let mut first = pin!(call(&service));
    assert!(poll_immediate(&mut first).await.is_none());
    clock.advance(seconds(40));
    release.send(()).expect("held");
    first.await.expect("answered");
    clock.advance(millis(49_999));
    answered(&service).await;
    assert_eq!(api.token_requests(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_timer_of_tokio() {
    let sleep = TokioTimer.sleep(seconds(3600));
    let start = tokio::time::Instant::now();
    sleep.await;
    assert!(start.elapsed() >= seconds(3600));
}

#[test]
fn a_sleep_can_be_made_outside_of_a_runtime() {
    drop(TokioTimer.sleep(Duration::from_secs(1)));
    let shared: std::sync::Arc<dyn Timer> = std::sync::Arc::new(TokioTimer);
    assert_eq!(format!("{shared:?}"), "Timer");
}

#[test]
fn jitter_can_be_shared() {
    let shared: std::sync::Arc<dyn Jitter> = std::sync::Arc::new(|| 0.25);
    assert_eq!(std::sync::Arc::clone(&shared).jitter(), 0.25);
    assert_eq!(format!("{shared:?}"), "Jitter");
}

#[test]
fn random_jitter_is_spread_from_0_to_1() {
    let draws: Vec<f64> = (0..1000).map(|_| RandomJitter.jitter()).collect();
    assert!(draws.iter().all(|draw| (0.0..=1.0).contains(draw)));
    for tenth in 0..10 {
        let (low, high) = (f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0);
        // That none of 1,000 is in here happens once in 10^45 runs.
        assert!(draws.iter().any(|draw| (low..high).contains(draw)));
    }
}
