//! The token layer over a scripted API, with a clock that stands still.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::fmt;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all, poll_immediate};
use http::{HeaderMap, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use tokio::sync::oneshot;
use tower::{BoxError, Layer, Service, ServiceExt};
use upvest_auth_signing::{ClientCredentials, Scopes, TokenError, TokenLayer, TokenService};

use crate::support::{ManualClock, chain};

const CLIENT_ID: &str = "5ec16164-6173-461d-b90d-116d68f55b40";
const SECRET: &str = "s&cr=t +%/\u{e9}";

/// What the scripted API does with the next token request.
enum Step {
    /// A token `token-<n>` with this text as `expires_in`; none for the empty text.
    Token(&'static str),
    /// Any response.
    Respond(u16, &'static str, &'static str),
    /// No response at all.
    Break,
    /// Like the next step, as soon as the sender fires.
    Hold(oneshot::Receiver<()>),
}

#[derive(Debug, thiserror::Error)]
#[error("the cable is cut")]
struct CutCable;

#[derive(Default)]
struct State {
    steps: VecDeque<Step>,
    /// Bodies of the token requests so far.
    token_requests: Vec<Request<Bytes>>,
    /// The calls so far: `authorization`, or `none`.
    calls: Vec<String>,
    /// What the next calls wait for before they are answered.
    held_calls: VecDeque<oneshot::Receiver<()>>,
    /// `authorization` values that are answered with 401.
    revoked: Vec<String>,
}

/// An API that hands out tokens by script, and one hour tokens after its end.
#[derive(Clone, Default)]
struct Api(Arc<Mutex<State>>);

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Api")
    }
}

impl Api {
    fn with(steps: impl IntoIterator<Item = Step>) -> Self {
        let api = Self::default();
        api.script(steps);
        api
    }

    fn script(&self, steps: impl IntoIterator<Item = Step>) {
        self.state(|state| state.steps.extend(steps));
    }

    fn state<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().expect("not poisoned"))
    }

    fn token_requests(&self) -> usize {
        self.state(|state| state.token_requests.len())
    }

    fn calls(&self) -> Vec<String> {
        self.state(|state| state.calls.clone())
    }

    fn revoke(&self, token: &str) {
        self.state(|state| state.revoked.push(format!("Bearer {token}")));
    }

    async fn answer(self, request: Request<Bytes>) -> Result<Response<Full<Bytes>>, CutCable> {
        if request.uri().path() != "/auth/token" {
            let held = self.state(|state| state.held_calls.pop_front());
            if let Some(held) = held {
                held.await.expect("released");
            }
            return Ok(self.answer_call(&request));
        }
        let number = self.state(|state| {
            state.token_requests.push(request);
            state.token_requests.len()
        });
        loop {
            let step = self.state(|state| state.steps.pop_front());
            match step.unwrap_or(Step::Token("3600")) {
                Step::Hold(receiver) => receiver.await.expect("released"),
                Step::Break => return Err(CutCable),
                Step::Respond(status, content_type, body) => {
                    let response = Response::builder()
                        .status(status)
                        .header("content-type", content_type)
                        .header("upvest-request-id", "request-1")
                        .body(Full::from(body));
                    return Ok(response.expect("a response"));
                }
                Step::Token(lifetime) => {
                    let lifetime = match lifetime {
                        "" => String::new(),
                        seconds => format!(r#","expires_in":{seconds}"#),
                    };
                    let body = format!(
                        r#"{{"access_token":"token-{number}"{lifetime},"token_type":"bearer","scope":"s","new":1}}"#
                    );
                    return Ok(Response::new(Full::from(body)));
                }
            }
        }
    }

    fn answer_call(&self, request: &Request<Bytes>) -> Response<Full<Bytes>> {
        let authorization = request.headers().get("authorization").map_or_else(
            || "none".to_owned(),
            |value| value.to_str().expect("ASCII").to_owned(),
        );
        self.state(|state| {
            let mut response = Response::new(Full::default());
            if state.revoked.contains(&authorization) {
                *response.status_mut() = StatusCode::UNAUTHORIZED;
            }
            state.calls.push(authorization);
            response
        })
    }
}

impl Service<Request<Bytes>> for Api {
    type Response = Response<Full<Bytes>>;
    type Error = CutCable;
    type Future = BoxFuture<'static, Result<Self::Response, CutCable>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), CutCable>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        Box::pin(self.clone().answer(request))
    }
}

fn layer(clock: &ManualClock) -> TokenLayer {
    TokenLayer::new(
        ClientCredentials::new(CLIENT_ID, SECRET),
        Uri::from_static("https://host/auth/token"),
    )
    .clock(clock.clone())
}

fn service(api: &Api, clock: &ManualClock) -> TokenService<Api> {
    layer(clock).layer(api.clone())
}

fn request(scopes: &str) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from_static(b"body"));
    request.extensions_mut().insert(Scopes::from(scopes));
    request
}

async fn call(service: &TokenService<Api>) -> Result<StatusCode, BoxError> {
    let response = service.clone().oneshot(request("positions:read")).await?;
    Ok(response.status())
}

async fn failure(service: &TokenService<Api>) -> TokenError {
    let error = call(service).await.expect_err("no token");
    error
        .downcast_ref::<TokenError>()
        .expect("a token error")
        .clone()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test]
async fn failures_in_one_line() {
    let problem = r#"{"type":"https://docs.upvest.co/errors/unauthorised","title":"Unauthorised","status":401,"detail":"Signature is\nincorrect"}"#;
    let oauth = r#"{"error":"invalid_client","error_description":"Client authentication failed"}"#;
    let cases = [
        Step::Break,
        Step::Respond(401, "application/problem+json", problem),
        Step::Respond(400, "application/json", oauth),
        Step::Respond(503, "text/html", "<h1>Service Unavailable</h1>"),
        Step::Respond(429, "application/json", ""),
        Step::Respond(500, "application/json", "{}"),
        Step::Respond(302, "text/plain", ""),
        Step::Respond(200, "text/html", "<h1>Hello</h1>"),
        Step::Respond(200, "application/json", r#"{"access_token":1234567890}"#),
        Step::Respond(200, "application/json", r#"{"token":"abc"}"#),
        Step::Respond(200, "application/json", r#"{"access_token":""}"#),
        Step::Respond(200, "application/json", r#"{"access_token":"a\nb"}"#),
        Step::Respond(200, "application/json", r#"{"access_token":"tok"#),
    ];
    let mut report = String::new();
    for step in cases {
        let api = Api::with([step]);
        let error = failure(&service(&api, &ManualClock::new())).await;
        assert!(!format!("{error:?}").contains("1234567890"), "{error:?}");
        assert!(api.calls().is_empty(), "the call must not be sent");
        report.push_str(&format!("{}\n", chain(&error)));
    }
    insta::assert_snapshot!(report);
}

#[tokio::test]
async fn a_failure_keeps_the_response() {
    let html = "<h1>Service Unavailable</h1>";
    let api = Api::with([Step::Respond(503, "text/html", html), Step::Break]);
    let service = service(&api, &ManualClock::new());

    let error = failure(&service).await;
    let response = error.response().expect("the response");
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers()["upvest-request-id"], "request-1");
    assert_eq!(response.body(), html);
    assert_eq!(format!("{error:?}"), format!("TokenError({error})"));

    assert!(failure(&service).await.response().is_none());
}

#[tokio::test]
async fn a_response_without_end_is_not_read_to_the_end() {
    let endless: &'static str = "x".repeat(2 * 1024 * 1024).leak();
    let api = Api::with([Step::Respond(200, "text/plain", endless)]);
    let error = failure(&service(&api, &ManualClock::new())).await;
    insta::assert_snapshot!(chain(&error), @r"
    the token request got no complete response
      caused by: length limit exceeded
    ");
}

#[tokio::test]
async fn a_client_id_that_is_no_header_is_refused() {
    let api = Api::default();
    let service = TokenLayer::new(
        ClientCredentials::new("caf\u{e9}\n", SECRET),
        Uri::from_static("https://host/auth/token"),
    )
    .layer(api.clone());
    let error = failure(&service).await;
    insta::assert_snapshot!(chain(&error), @r"
    the client id cannot be sent as a header: expected visible ASCII
      caused by: failed to parse header value
    ");
    assert_eq!(api.token_requests(), 0);
}

#[tokio::test]
async fn the_token_request() {
    let api = Api::default();
    let service = service(&api, &ManualClock::new());
    service
        .oneshot(request("users:read accounts:admin users:read"))
        .await
        .expect("answered");

    let request = api.state(|state| state.token_requests.remove(0));
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri(), "https://host/auth/token");
    let headers: HeaderMap = [
        ("accept", "application/json"),
        ("content-type", "application/x-www-form-urlencoded"),
        ("upvest-client-id", CLIENT_ID),
    ]
    .into_iter()
    .map(|(name, value)| {
        (
            name.parse().expect("a name"),
            value.parse().expect("a value"),
        )
    })
    .collect();
    assert_eq!(request.headers(), &headers, "and no authorization");
    let form: Vec<_> = form_urlencoded::parse(request.body())
        .into_owned()
        .collect();
    let expected = [
        ("client_id", CLIENT_ID),
        ("client_secret", SECRET),
        ("grant_type", "client_credentials"),
        ("scope", "accounts:admin users:read"),
    ];
    assert_eq!(
        form,
        expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
    );
}

#[tokio::test]
async fn requests_without_scopes_get_no_token() {
    let api = Api::default();
    let service = service(&api, &ManualClock::new());
    service
        .clone()
        .oneshot(request(""))
        .await
        .expect("answered");
    service
        .oneshot(Request::new(Bytes::new()))
        .await
        .expect("answered");
    assert_eq!(api.calls(), ["none", "none"]);
    assert_eq!(api.token_requests(), 0);
}

#[tokio::test]
async fn the_client_id_and_a_sensitive_token_are_on_the_call() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let inner = tower::service_fn(move |request: Request<Bytes>| {
        let body = Bytes::from_static(br#"{"access_token":"opaque","expires_in":60}"#);
        sender.send(request).expect("received");
        async move { Ok::<_, Infallible>(Response::new(Full::new(body))) }
    });
    let service = layer(&ManualClock::new()).layer(inner);
    service
        .oneshot(request("positions:read"))
        .await
        .expect("answered");

    receiver.recv().await.expect("the token request");
    let call = receiver.recv().await.expect("the call");
    assert_eq!(call.headers()["upvest-client-id"], CLIENT_ID);
    assert_eq!(call.headers()["authorization"], "Bearer opaque");
    assert!(call.headers()["authorization"].is_sensitive());
    assert_eq!(call.body(), "body");
}

#[tokio::test]
async fn one_token_for_each_set_of_scopes() {
    let api = Api::default();
    let clock = ManualClock::new();
    let layer = layer(&clock);
    for scopes in ["a b", "b a", "a", "a b a"] {
        // Services of one layer share their tokens.
        let service = layer.layer(api.clone());
        service.oneshot(request(scopes)).await.expect("answered");
    }
    assert_eq!(api.token_requests(), 2);
    assert_eq!(
        api.calls(),
        [
            "Bearer token-1",
            "Bearer token-1",
            "Bearer token-2",
            "Bearer token-1"
        ]
    );
}

#[tokio::test]
async fn many_callers_make_one_token_request() {
    let (release, held) = oneshot::channel();
    let api = Api::with([Step::Hold(held)]);
    let service = service(&api, &ManualClock::new());
    let calls = join_all((0..1000).map(|_| call(&service)));
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
    assert_eq!(api.calls().len(), 1000);
}

#[tokio::test]
async fn callers_share_a_failure_and_the_next_one_tries_again() {
    let (release, held) = oneshot::channel();
    let api = Api::with([Step::Hold(held), Step::Break]);
    let service = service(&api, &ManualClock::new());
    let (results, ()) = tokio::join!(join_all((0..10).map(|_| call(&service))), async {
        release.send(()).expect("held");
    });
    for result in results {
        assert!(result.expect_err("broken").is::<TokenError>());
    }
    assert_eq!(api.token_requests(), 1);

    assert_eq!(call(&service).await.expect("answered"), StatusCode::OK);
    assert_eq!(api.token_requests(), 2);
}

#[tokio::test]
async fn a_caller_that_goes_away_does_not_disturb_the_others() {
    let (release, held) = oneshot::channel();
    let api = Api::with([Step::Hold(held)]);
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
    assert_eq!(call(&service).await.expect("answered"), StatusCode::OK);
    assert_eq!(api.calls(), ["Bearer token-2"]);
}

#[tokio::test]
async fn tokens_are_replaced_ahead_of_their_end() {
    let api = Api::with([Step::Token("1800")]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    for (advance, token) in [(0, 1), (1739, 1), (1, 2)] {
        clock.advance(seconds(advance));
        call(&service).await.expect("answered");
        assert_eq!(api.calls().pop(), Some(format!("Bearer token-{token}")));
    }
}

#[tokio::test]
async fn half_the_lifetime_limits_how_far_ahead() {
    let api = Api::with([Step::Token("100"), Step::Token("100")]);
    let clock = ManualClock::new();
    let service = layer(&clock)
        .refresh_ahead(seconds(3600))
        .layer(api.clone());
    for (advance, token) in [(0, 1), (49, 1), (1, 2), (49, 2), (1, 3)] {
        clock.advance(seconds(advance));
        call(&service).await.expect("answered");
        assert_eq!(api.calls().pop(), Some(format!("Bearer token-{token}")));
    }
}

#[tokio::test]
async fn a_valid_token_survives_failures_to_replace_it() {
    let down = || Step::Respond(503, "text/plain", "");
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
        clock.set(crate::support::START + at);
        assert_eq!(
            call(&service).await.expect("answered"),
            StatusCode::OK,
            "at {at}"
        );
        assert_eq!(api.token_requests(), requests, "at {at}");
        assert_eq!(
            api.calls().pop().as_deref(),
            Some("Bearer token-1"),
            "at {at}"
        );
    }
    api.script([down()]);
    clock.set(crate::support::START + 100);
    assert!(
        failure(&service).await.response().is_some(),
        "nothing left to serve"
    );
    assert_eq!(call(&service).await.expect("answered"), StatusCode::OK);
}

#[tokio::test]
async fn others_do_not_wait_while_one_replaces_a_valid_token() {
    let (release, held) = oneshot::channel();
    let api = Api::with([Step::Token("100"), Step::Hold(held)]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    call(&service).await.expect("answered");
    clock.advance(seconds(60));

    let mut first = pin!(call(&service));
    assert!(
        poll_immediate(&mut first).await.is_none(),
        "replaces the token"
    );
    call(&service).await.expect("answered at once");
    assert_eq!(api.calls(), ["Bearer token-1", "Bearer token-1"]);
    release.send(()).expect("held");
    first.await.expect("answered");
    assert_eq!(api.calls().pop().as_deref(), Some("Bearer token-2"));
}

#[tokio::test]
async fn strange_lifetimes() {
    // The lifetime, and for how many milliseconds the token serves, early replacement included.
    let cases = [
        ("0", 500),
        ("-5", 500),
        ("1", 500),
        ("2", 1000),
        ("", 30_000),
        ("null", 30_000),
        ("\"soon\"", 30_000),
        ("2.5", 1250),
        ("1e300", 86_340_000),
        ("31536000", 86_340_000),
        ("99999999999999999999999", 86_340_000),
    ];
    for (lifetime, serves) in cases {
        let api = Api::with([Step::Token(lifetime)]);
        let clock = ManualClock::new();
        let service = service(&api, &clock);
        for _ in 0..100 {
            call(&service).await.expect("answered");
        }
        clock.advance(Duration::from_millis(serves - 1));
        call(&service).await.expect("answered");
        assert_eq!(api.token_requests(), 1, "{lifetime}");

        clock.advance(Duration::from_millis(1));
        call(&service).await.expect("answered");
        assert_eq!(api.token_requests(), 2, "{lifetime}");
    }
}

#[tokio::test]
async fn the_time_a_token_takes_to_arrive_is_part_of_its_lifetime() {
    let (release, held) = oneshot::channel();
    let api = Api::with([Step::Hold(held), Step::Token("100")]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    let mut first = pin!(call(&service));
    assert!(poll_immediate(&mut first).await.is_none());
    clock.advance(seconds(40));
    release.send(()).expect("held");
    first.await.expect("answered");

    clock.advance(seconds(9));
    call(&service).await.expect("answered");
    assert_eq!(api.token_requests(), 1);
    clock.advance(seconds(1));
    call(&service).await.expect("answered");
    assert_eq!(api.token_requests(), 2);
}

#[tokio::test]
async fn a_401_drops_the_token_and_replays_once() {
    let api = Api::default();
    let service = service(&api, &ManualClock::new());
    call(&service).await.expect("answered");
    api.revoke("token-1");
    assert_eq!(call(&service).await.expect("answered"), StatusCode::OK);
    assert_eq!(
        api.calls(),
        ["Bearer token-1", "Bearer token-1", "Bearer token-2"]
    );

    api.revoke("token-2");
    api.revoke("token-3");
    assert_eq!(
        call(&service).await.expect("answered"),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(api.calls()[3..], ["Bearer token-2", "Bearer token-3"]);
    assert_eq!(api.token_requests(), 3);
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
    call(&service).await.expect("answered");
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
    call(&service).await.expect("answered");
    assert_eq!(api.token_requests(), 2, "token 2 was kept");
}

#[tokio::test]
async fn a_failure_is_over_before_all_have_heard_of_it() {
    let (release, held) = oneshot::channel();
    let api = Api::with([Step::Hold(held), Step::Break]);
    let service = service(&api, &ManualClock::new());
    let mut first = pin!(call(&service));
    let mut second = pin!(call(&service));
    assert!(poll_immediate(&mut first).await.is_none());
    assert!(poll_immediate(&mut second).await.is_none());
    release.send(()).expect("held");
    first.await.expect_err("broken");
    assert_eq!(call(&service).await.expect("a new attempt"), StatusCode::OK);
    second.await.expect_err("shares the first attempt");
    assert_eq!(api.token_requests(), 2);
}

#[tokio::test]
async fn an_expired_token_serves_nobody() {
    let (release, held) = oneshot::channel();
    let api = Api::with([Step::Token("100"), Step::Hold(held), Step::Break]);
    let clock = ManualClock::new();
    let service = service(&api, &clock);
    call(&service).await.expect("answered");

    // It expires while its replacement fails.
    clock.advance(seconds(99));
    let mut first = pin!(call(&service));
    assert!(
        poll_immediate(&mut first).await.is_none(),
        "replaces the token"
    );
    clock.advance(seconds(1));
    let mut second = pin!(call(&service));
    assert!(
        poll_immediate(&mut second).await.is_none(),
        "has no token any more"
    );
    release.send(()).expect("held");
    first.await.expect_err("nothing left to serve");
    second.await.expect_err("nothing left to serve");
    assert_eq!(api.calls(), ["Bearer token-1"]);
}

#[tokio::test]
async fn a_reason_is_cut_to_a_readable_length() {
    let long: &'static str = format!(r#"{{"detail":"{}"}}"#, "x".repeat(10_000)).leak();
    let api = Api::with([Step::Respond(400, "application/json", long)]);
    let error = failure(&service(&api, &ManualClock::new())).await;
    assert!(error.to_string().len() < 600);
    assert_eq!(
        error.response().map(|response| response.body().len()),
        Some(long.len())
    );
}

#[tokio::test]
async fn a_401_without_a_token_is_passed_on() {
    let api = Api::default();
    api.state(|state| state.revoked.push("none".to_owned()));
    let service = service(&api, &ManualClock::new());
    let response = service.oneshot(request("")).await.expect("answered");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(api.calls(), ["none"]);
}

#[tokio::test]
async fn no_new_token_after_a_401_is_a_token_error() {
    let api = Api::default();
    let service = service(&api, &ManualClock::new());
    call(&service).await.expect("answered");
    api.revoke("token-1");
    api.script([Step::Respond(401, "application/json", "{}")]);
    assert_eq!(
        failure(&service).await.response().map(Response::status),
        Some(StatusCode::UNAUTHORIZED)
    );
}

#[tokio::test]
async fn a_limit_below_does_not_lock_up() {
    let api = Api::default();
    let limited = tower::limit::ConcurrencyLimit::new(api.clone(), 1);
    let service = layer(&ManualClock::new()).layer(limited);
    let calls = (0..10).map(|_| service.clone().oneshot(request("positions:read")));
    for result in join_all(calls).await {
        assert_eq!(result.expect("answered").status(), StatusCode::OK);
    }
    assert_eq!(api.token_requests(), 1);
}

#[test]
fn scopes_are_a_set() {
    let scopes: Scopes = ["users:read", "accounts:read users:read", " "]
        .into_iter()
        .collect();
    assert_eq!(scopes, Scopes::from("accounts:read  users:read"));
    assert_eq!(scopes.as_str(), "accounts:read users:read");
    assert_eq!(
        scopes.iter().collect::<Vec<_>>(),
        ["accounts:read", "users:read"]
    );
    assert!(scopes.contains("users:read") && !scopes.contains("users"));
    assert!(!scopes.is_empty());
    assert!(Scopes::default().is_empty() && Scopes::from(" \t").is_empty());
    assert_eq!(Scopes::new::<&str>([]), Scopes::default());
    assert_eq!(format!("{scopes:?}"), r#"{"accounts:read", "users:read"}"#);
}
