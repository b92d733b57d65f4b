//! How long a token is used, and when it is replaced.

use std::pin::pin;

use futures_util::future::poll_immediate;
use tower::Layer;
use upvest_auth_signing::TokenService;

use super::api::{
    Api, Step, answered, call, failure, hold, layer, millis, request, seconds, service, set_millis,
};
use crate::support::{ManualClock, START};

/// At which of these times, in milliseconds, calls make a token request.
async fn assert_fetches(
    api: &Api,
    service: &TokenService<Api>,
    clock: &ManualClock,
    expected: impl IntoIterator<Item = (u64, usize)>,
) {
    for (at, requests) in expected {
        set_millis(clock, at);
        // The old token may serve the call that has a new one fetched.
        answered(service).await;
        answered(service).await;
        assert_eq!(api.token_requests(), requests, "at {at}");
        let token = format!("Bearer token-{requests}");
        assert_eq!(api.last_call(), Some(token), "at {at}");
    }
}

#[tokio::test]
async fn tokens_are_replaced_ahead_of_their_end() {
    let api = Api::with([Step::Token("1800")]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    let expected = [(0, 1), (1_739_999, 1), (1_740_000, 2)];
    assert_fetches(&api, &service, &clock, expected).await;
}

#[tokio::test]
async fn half_the_lifetime_limits_how_far_ahead() {
    let api = Api::with([Step::Token("100"), Step::Token("100")]);
    let clock = ManualClock::new();
    let service = layer(&clock)
        .refresh_ahead(seconds(3600))
        .layer(api.clone());
    let expected = [(0, 1), (49_999, 1), (50_000, 2), (99_999, 2), (100_000, 3)];
    assert_fetches(&api, &service, &clock, expected).await;
}

#[tokio::test]
async fn chance_takes_up_to_half_of_the_time_ahead_away() {
    // 1800 seconds, to be replaced 60 seconds ahead.
    for (jitter, at) in [
        (0.0, 1_740_000),
        (0.5, 1_755_000),
        (1.0, 1_770_000),
        (7.0, 1_770_000),
        (-7.0, 1_740_000),
        (f64::INFINITY, 1_770_000),
        (f64::NAN, 1_740_000),
    ] {
        let api = Api::with([Step::Token("1800")]);
        let clock = ManualClock::new();
        let service = layer(&clock).jitter(move || jitter).layer(api.clone());
        assert_fetches(&api, &service, &clock, [(0, 1), (at - 1, 1), (at, 2)]).await;
    }
}

#[tokio::test]
async fn a_token_can_serve_to_its_very_end() {
    let api = Api::with([Step::Token("100")]);
    let clock = ManualClock::new();
    let service = layer(&clock).refresh_ahead(seconds(0)).layer(api.clone());
    assert_fetches(&api, &service, &clock, [(0, 1), (99_999, 1), (100_000, 2)]).await;
}

#[tokio::test]
async fn a_valid_token_survives_failures_to_replace_it() {
    let down = || Step::Json(503, "");
    let api = Api::with([Step::Token("100"), down(), Step::Break, down()]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    // Due at 50, next attempts 5 seconds after a failure, expired at 100.
    for (at, requests) in [
        (0, 1),
        (50, 2),
        (51, 2),
        (54, 2),
        (55, 3),
        (59, 3),
        (60, 4),
        (61, 4),
    ] {
        clock.set(START + at);
        answered(&service).await;
        assert_eq!(api.token_requests(), requests, "at {at}");
        assert_eq!(
            api.last_call().as_deref(),
            Some("Bearer token-1"),
            "at {at}"
        );
    }
    api.script([down()]);
    clock.set(START + 100);
    assert!(
        failure(&service).await.response().is_some(),
        "nothing left to serve"
    );
    clock.set(START + 101);
    answered(&service).await;
}

#[tokio::test]
async fn a_token_that_is_replaced_in_vain_is_replaced_in_the_end() {
    let down = || Step::Json(503, "");
    let api = Api::with([Step::Token("100"), down(), Step::Token("100"), down()]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    for (at, requests) in [
        (0, 1),
        (50, 2),
        (55, 3),
        (104, 3),
        (105, 4),
        (109, 4),
        (110, 5),
    ] {
        clock.set(START + at);
        answered(&service).await;
        assert_eq!(api.token_requests(), requests, "at {at}");
    }
}

#[tokio::test]
async fn a_token_is_requested_at_once_when_the_attempt_ahead_of_its_end_failed() {
    let api = Api::with([Step::Token("100"), Step::Break]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    answered(&service).await;
    set_millis(&clock, 99_999);
    answered(&service).await;
    set_millis(&clock, 100_000);
    answered(&service).await;
    assert_eq!(api.last_call().as_deref(), Some("Bearer token-3"));
}

#[tokio::test]
async fn a_server_that_asks_for_a_longer_pause_gets_it_while_the_old_token_serves() {
    let api = Api::with([
        Step::Token("3600"),
        Step::busy(503, "20"),
        Step::busy(503, "3600"),
    ]);
    let clock = ManualClock::new();
    let service = layer(&clock).refresh_ahead(seconds(600)).layer(api.clone());
    // A minute is the longest pause.
    for (at, requests) in [
        (0, 1),
        (3000, 2),
        (3019, 2),
        (3020, 3),
        (3079, 3),
        (3080, 4),
    ] {
        clock.set(START + at);
        answered(&service).await;
        assert_eq!(api.token_requests(), requests, "at {at}");
    }
}

#[tokio::test]
async fn strange_lifetimes() {
    // The lifetime, and for how many milliseconds the token is used, early replacement included.
    let cases = [
        ("0", 500),
        ("-5", 500),
        ("-1e300", 500),
        ("1", 500),
        ("1e-300", 500),
        ("2", 1000),
        ("", 30_000),
        ("null", 30_000),
        ("\"soon\"", 30_000),
        ("\"NaN\"", 30_000),
        ("true", 30_000),
        ("[60]", 30_000),
        ("2.5", 1250),
        ("\" 1800 \"", 1_740_000),
        ("\"-1\"", 500),
        ("1e300", 86_340_000),
        ("\"inf\"", 86_340_000),
        ("31536000", 86_340_000),
        ("99999999999999999999999", 86_340_000),
    ];
    for (lifetime, serves) in cases {
        let api = Api::with([Step::Token(lifetime)]);
        let clock = ManualClock::new();
        let service = service(&api, &clock);
        for _ in 0..100 {
            answered(&service).await;
        }
        clock.advance(millis(serves - 1));
        answered(&service).await;
        assert_eq!(api.token_requests(), 1, "{lifetime}");

        clock.advance(millis(1));
        answered(&service).await;
        assert_eq!(api.token_requests(), 2, "{lifetime}");
    }
}

#[tokio::test]
async fn no_token_serves_longer_than_it_may() {
    // The lifetime, and after how many milliseconds the token must not be used any more.
    for (lifetime, limit) in [
        ("0", 1000),
        ("-5", 1000),
        ("1", 1000),
        ("1.5", 1500),
        ("", 60_000),
        ("100", 100_000),
        ("31536000", 86_400_000),
    ] {
        for (at, requests, is_served) in [(limit - 1, 2, true), (limit, 3, false)] {
            let api = Api::with([Step::Token(lifetime), Step::Break, Step::Break]);
            let clock = ManualClock::new();
            let service = service(&api, &clock);
            answered(&service).await;
            set_millis(&clock, at);
            assert_eq!(
                call(&service).await.is_ok(),
                is_served,
                "{lifetime} at {at}"
            );
            assert!(api.token_requests() <= requests, "{lifetime} at {at}");
        }
    }
}

#[tokio::test]
async fn the_time_a_token_takes_to_arrive_is_part_of_its_lifetime() {
    let (release, held) = hold();
    let api = Api::with([held, Step::Token("100")]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    let mut first = pin!(call(&service));
    assert!(poll_immediate(&mut first).await.is_none());
    clock.advance(seconds(40));
    release.send(()).expect("held");
    first.await.expect("answered");

    clock.advance(seconds(9));
    answered(&service).await;
    assert_eq!(api.token_requests(), 1);
    clock.advance(seconds(1));
    answered(&service).await;
    assert_eq!(api.token_requests(), 2);
}

#[tokio::test]
async fn a_token_that_arrives_after_its_end_serves_for_a_second() {
    let (release, held) = hold();
    let api = Api::with([held, Step::Token("100"), Step::Break, Step::Break]);
    let clock = ManualClock::new();
    let service = layer(&clock).refresh_ahead(seconds(0)).layer(api.clone());
    let mut first = pin!(call(&service));
    assert!(poll_immediate(&mut first).await.is_none());
    set_millis(&clock, 200_000);
    release.send(()).expect("held");
    first.await.expect("answered");
    set_millis(&clock, 200_999);
    answered(&service).await;
    set_millis(&clock, 201_000);
    failure(&service).await;
}

#[tokio::test]
async fn an_expired_token_serves_nobody() {
    let (release, held) = hold();
    let api = Api::with([Step::Token("100"), held, Step::Break, Step::Break]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    answered(&service).await;

    // It expires while its replacement fails, and so does the request that this calls for.
    clock.advance(seconds(99));
    answered(&service).await;
    clock.advance(seconds(1));
    let mut second = pin!(call(&service));
    assert!(
        poll_immediate(&mut second).await.is_none(),
        "has no token any more"
    );
    release.send(()).expect("held");
    second.await.expect_err("nothing left to serve");
    assert_eq!(api.calls(), ["Bearer token-1", "Bearer token-1"]);
    assert_eq!(api.token_requests(), 3);
}

#[tokio::test]
async fn a_token_that_expires_while_its_replacement_fails_is_requested_once_more() {
    let (release, held) = hold();
    let api = Api::with([Step::Token("100"), held, Step::Break]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    answered(&service).await;

    clock.advance(seconds(99));
    answered(&service).await;
    clock.advance(seconds(1));
    let mut second = pin!(call(&service));
    assert!(poll_immediate(&mut second).await.is_none());
    release.send(()).expect("held");
    second.await.expect("answered");
    assert_eq!(
        api.calls(),
        ["Bearer token-1", "Bearer token-1", "Bearer token-3"]
    );
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_prolong_the_life_of_a_token() {
    let api = Api::with([Step::Token("100"), Step::Break]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    answered(&service).await;
    // It is replaced; if that fails, it is still used, since it may be valid.
    clock.set(START - 3600);
    answered(&service).await;
    assert_eq!(api.token_requests(), 2);
    assert_eq!(api.last_call().as_deref(), Some("Bearer token-1"));
    clock.set(START - 3596);
    answered(&service).await;
    assert_eq!(api.token_requests(), 2);
    clock.set(START - 3595);
    answered(&service).await;
    answered(&service).await;
    assert_eq!(api.last_call().as_deref(), Some("Bearer token-3"));
}

#[tokio::test]
async fn a_clock_that_is_set_back_during_a_request_does_not_prolong_the_life_of_its_token() {
    let (release, held) = hold();
    let api = Api::with([held]);
    let clock = ManualClock::new();
    let service = layer(&clock).refresh_ahead(seconds(0)).layer(api.clone());
    let mut first = pin!(call(&service));
    assert!(poll_immediate(&mut first).await.is_none());
    clock.set(START - 7200);
    release.send(()).expect("held");
    first.await.expect("answered");
    clock.set(START - 3601);
    answered(&service).await;
    assert_eq!(api.token_requests(), 1);
    clock.set(START - 3600);
    answered(&service).await;
    assert_eq!(api.token_requests(), 2);
}

#[tokio::test]
async fn other_scopes_have_other_lifetimes() {
    use tower::ServiceExt;

    let api = Api::with([Step::Token("1800"), Step::Token("100")]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    for (at, scopes, token) in [
        (0, "a", 1),
        (0, "b", 2),
        (60, "a", 1),
        (60, "b", 2),
        (60, "b", 3),
        (61, "a", 1),
    ] {
        clock.set(START + at);
        let call = service.clone().oneshot(request(scopes));
        call.await.expect("answered");
        assert_eq!(api.last_call(), Some(format!("Bearer token-{token}")));
    }
}
