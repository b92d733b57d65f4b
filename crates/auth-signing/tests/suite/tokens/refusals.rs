//! What comes of a call that is answered with 401.

use std::pin::pin;

use bytes::Bytes;
use futures_util::future::{join_all, poll_immediate};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use tokio::sync::oneshot;
use tower::ServiceExt;

use super::api::{
    Answer, Api, Step, answered, call, failure, request, seconds, service, set_millis,
};
use crate::support::ManualClock;

fn refusal(body: &'static str) -> Response<Answer> {
    Response::builder()
        .status(401)
        .header("content-type", "application/problem+json")
        .header("upvest-request-id", "request-7")
        .body(Bytes::from(body).into())
        .expect("a response")
}

#[tokio::test]
async fn a_401_that_blames_the_signature_is_passed_on_whole() {
    for body in [
        r#"{"type":"https://docs.upvest.co/errors/unauthorised","status":401,"detail":"Signature is incorrect"}"#,
        r#"{"detail":" signature has expired"}"#,
        r#"{"detail":"SIGNATURE"}"#,
    ] {
        let api = Api::default();
        let service = service(&api, &ManualClock::new());
        answered(&service).await;
        api.revoke("token-1");
        api.state(|state| state.refusals.push_back(refusal(body)));
        let call = service.clone().oneshot(request("positions:read"));
        let response = call.await.expect("answered");

        assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(response.headers()["upvest-request-id"], "request-7");
        let received = response.into_body().collect().await.expect("readable");
        assert_eq!(received.to_bytes(), body);
        assert_eq!(api.calls().len(), 2, "nothing is sent again");
        assert_eq!(
            service
                .authorization(&"positions:read".into())
                .await
                .expect("kept"),
            "Bearer token-1"
        );
        assert_eq!(api.token_requests(), 1);
    }
}

#[tokio::test]
async fn any_other_401_drops_the_token_and_replays_once() {
    // The second is as long as is read of it.
    let long: &'static str = format!(
        r#"{{"detail":"Signature is incorrect{}"}}"#,
        " ".repeat(64 * 1024)
    )
    .leak();
    let broken = || {
        let mut response = refusal("");
        *response.body_mut() = Answer::broken(r#"{"detail":"Signature is incorrect"}"#);
        response
    };
    for refusal in [
        refusal(""),
        refusal(long),
        broken(),
        refusal("<h1>Signature</h1>"),
        refusal(r#"{"detail":"The access token has expired"}"#),
        refusal(r#"{"detail":"The token's signature is incorrect"}"#),
        refusal(r#"{"detail":"Sign"}"#),
        refusal(r#"{"detail":"Signatur\u00e9 is incorrect"}"#),
        refusal(r#"{"detail":7}"#),
        refusal(r#"{"title":"Signature is incorrect"}"#),
        refusal(r#""Signature is incorrect""#),
    ] {
        let api = Api::default();
        let service = service(&api, &ManualClock::new());
        answered(&service).await;
        api.revoke("token-1");
        api.state(|state| state.refusals.push_back(refusal));
        answered(&service).await;
        assert_eq!(
            api.calls(),
            ["Bearer token-1", "Bearer token-1", "Bearer token-2"]
        );
    }
}

#[tokio::test]
async fn as_much_of_a_401_is_read_as_problems_need() {
    let problem = r#"{"detail":"Signature is incorrect","pad":""#;
    let pad = "x".repeat(64 * 1024 - problem.len() - 2);
    let longest: &'static str = format!("{problem}{pad}\"}}").leak();
    assert_eq!(longest.len(), 64 * 1024);
    let api = Api::default();
    api.state(|state| {
        state.refuses_all = true;
        state.refusals.push_back(refusal(longest));
    });
    let service = service(&api, &ManualClock::new());
    assert_eq!(call(&service).await.expect("answered"), 401);
    assert_eq!(api.calls().len(), 1);
}

#[tokio::test]
async fn the_second_401_is_the_answer() {
    let api = Api::default();
    api.state(|state| {
        state.refuses_all = true;
        state.refusals = [refusal("first"), refusal("second")].into();
    });
    let service = service(&api, &ManualClock::new());
    let call = service.oneshot(request("positions:read"));
    let response = call.await.expect("answered");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    let body = response.into_body().collect().await.expect("readable");
    assert_eq!(body.to_bytes(), "second");
    assert_eq!(api.calls(), ["Bearer token-1", "Bearer token-2"]);
    assert_eq!(api.token_requests(), 2);
}

#[tokio::test]
async fn the_replay_is_the_same_request() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let inner = tower::service_fn(move |request: Request<Bytes>| {
        let mut response = Response::new(Answer::from(Bytes::from_static(
            br#"{"access_token":"opaque"}"#,
        )));
        if request.uri().path() != "/auth/token" {
            *response.status_mut() = StatusCode::UNAUTHORIZED;
            sender.send(request).expect("received");
        }
        async move { Ok::<_, std::convert::Infallible>(response) }
    });
    let service = tower::Layer::layer(&super::api::layer(&ManualClock::new()), inner);
    let mut request = Request::post("https://host/orders?dry=1")
        .header("idempotency-key", "key-1")
        .body(Bytes::from_static(b"an order"))
        .expect("a request");
    request
        .extensions_mut()
        .insert(upvest_auth_signing::Scopes::from("orders:admin"));
    service.oneshot(request).await.expect("answered");

    let first = receiver.recv().await.expect("the call");
    let second = receiver.recv().await.expect("the replay");
    assert_eq!(first.method(), second.method());
    assert_eq!(first.uri(), second.uri());
    assert_eq!(first.headers(), second.headers());
    assert_eq!(first.headers()["idempotency-key"], "key-1");
    assert_eq!(first.body(), second.body());
}

#[tokio::test]
async fn refusing_everything_does_not_make_a_token_request_for_every_call() {
    let api = Api::default();
    api.state(|state| state.refuses_all = true);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    for (at, token_requests) in [(0, 2), (1, 2), (999, 2), (1000, 3), (1999, 3), (2000, 4)] {
        set_millis(&clock, at);
        for _ in 0..10 {
            assert_eq!(call(&service).await.expect("answered"), 401);
        }
        assert_eq!(api.token_requests(), token_requests, "at {at}");
    }
    // The first of ten calls is sent twice, at 0, 1 and 2 seconds.
    assert_eq!(api.calls().len(), 63);
}

#[tokio::test]
async fn a_token_that_is_revoked_twice_in_a_row_fails_calls_for_a_second() {
    let api = Api::default();
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    answered(&service).await;
    api.revoke("token-1");
    api.revoke("token-2");
    for (at, status) in [(0, 401), (500, 401), (999, 401), (1000, 200), (1001, 200)] {
        set_millis(&clock, at);
        assert_eq!(call(&service).await.expect("answered"), status, "at {at}");
    }
    assert_eq!(api.token_requests(), 3);
}

#[tokio::test]
async fn a_clock_that_is_set_back_does_not_keep_a_refused_token() {
    let api = Api::default();
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    answered(&service).await;
    api.revoke("token-1");
    answered(&service).await;
    api.revoke("token-2");
    clock.set(crate::support::START - 3600);
    answered(&service).await;
}

#[tokio::test]
async fn one_refused_set_of_scopes_has_no_effect_on_another() {
    let api = Api::default();
    api.state(|state| state.refuses_all = true);
    let service = service(&api, &ManualClock::new());
    for scopes in ["a", "b"] {
        let call = service.clone().oneshot(request(scopes));
        assert_eq!(call.await.expect("answered").status(), 401);
    }
    assert_eq!(
        api.calls(),
        [
            "Bearer token-1",
            "Bearer token-2",
            "Bearer token-3",
            "Bearer token-4"
        ]
    );
}

#[tokio::test]
async fn many_refused_calls_share_one_new_token() {
    let api = Api::default();
    let service = service(&api, &ManualClock::new());
    answered(&service).await;
    api.revoke("token-1");
    let (senders, held): (Vec<_>, Vec<_>) = (0..1000).map(|_| oneshot::channel()).unzip();
    api.state(|state| state.held_calls = held.into());
    let calls = join_all((0..1000).map(|_| call(&service)));
    let (statuses, ()) = tokio::join!(calls, async {
        for sender in senders {
            sender.send(()).expect("held");
        }
    });
    for status in statuses {
        assert_eq!(status.expect("answered"), StatusCode::OK);
    }
    assert_eq!(api.token_requests(), 2);
}

#[tokio::test]
async fn a_late_401_does_not_drop_a_newer_token() {
    let (release, held) = oneshot::channel();
    let api = Api::default();
    api.state(|state| state.held_calls.push_back(held));
    let service = service(&api, &ManualClock::new());
    let mut late = pin!(call(&service));
    assert!(
        poll_immediate(&mut late).await.is_none(),
        "under way with token 1"
    );

    api.revoke("token-1");
    answered(&service).await;
    release.send(()).expect("held");
    assert_eq!(late.await.expect("answered"), StatusCode::OK);
    assert_eq!(api.token_requests(), 2);
    assert_eq!(
        api.calls(),
        [
            "Bearer token-1",
            "Bearer token-2",
            "Bearer token-1",
            "Bearer token-2"
        ]
    );
    answered(&service).await;
    assert_eq!(api.token_requests(), 2, "token 2 was kept");
}

#[tokio::test]
async fn the_same_token_issued_again_is_the_same_token() {
    let body = r#"{"access_token":"same","expires_in":3600}"#;
    let clock = ManualClock::new();
    let api = Api::with([Step::Json(200, body), Step::Json(200, body)]);
    let service = service(&api, &clock);
    answered(&service).await;
    api.revoke("same");
    assert_eq!(call(&service).await.expect("answered"), 401);
    assert_eq!(api.token_requests(), 2);
    clock.advance(seconds(1));
    answered(&service).await;
    assert_eq!(api.token_requests(), 3);
}

#[tokio::test]
async fn a_401_without_a_token_is_passed_on() {
    let api = Api::default();
    api.state(|state| state.refuses_all = true);
    let service = service(&api, &ManualClock::new());
    let response = service.oneshot(request("")).await.expect("answered");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(api.calls(), ["none"]);
}

#[tokio::test]
async fn other_statuses_are_passed_on() {
    let api = Api::default();
    let service = service(&api, &ManualClock::new());
    for status in [400, 403, 407, 500] {
        api.state(|state| {
            let mut response = refusal("{}");
            *response.status_mut() = status.try_into().expect("a status");
            state.refuses_all = true;
            state.refusals.push_back(response);
        });
        assert_eq!(call(&service).await.expect("answered"), status);
    }
    assert_eq!(api.calls(), vec!["Bearer token-1"; 4]);
}

#[tokio::test]
async fn no_new_token_after_a_401_is_a_token_error() {
    let api = Api::default();
    let service = service(&api, &ManualClock::new());
    answered(&service).await;
    api.revoke("token-1");
    api.script([Step::Json(401, "{}")]);
    assert_eq!(
        failure(&service).await.response().map(Response::status),
        Some(StatusCode::UNAUTHORIZED)
    );
}
