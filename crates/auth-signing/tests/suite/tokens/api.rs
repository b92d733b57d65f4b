//! An API that follows a script, and layers over it whose clock and timer stand still.

use std::collections::VecDeque;
use std::fmt;
use std::future::{pending, ready};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode, Uri};
use http_body::Frame;
use tokio::sync::oneshot;
use tower::{BoxError, Layer, Service, ServiceExt};
use upvest_auth_signing::{
    ClientCredentials, Executor, Scopes, Timer, TokenError, TokenLayer, TokenService,
};

use crate::support::{ManualClock, START};

pub(super) const CLIENT_ID: &str = "5ec16164-6173-461d-b90d-116d68f55b40";
pub(super) const SECRET: &str = "s&cr=t +%/\u{e9}";

/// What the scripted API does with the next token request.
pub(super) enum Step {
    /// A token `token-<n>` with this text as `expires_in`; none for the empty text.
    Token(&'static str),
    /// A JSON response.
    Json(u16, &'static str),
    /// Any response.
    Respond(Response<Answer>),
    /// No response at all.
    Break,
    Panic,
    /// Like the next step, as soon as the sender fires.
    Hold(oneshot::Receiver<()>),
}

impl Step {
    /// A status with `retry-after`.
    pub(super) fn busy(status: u16, retry_after: &str) -> Self {
        let response = Response::builder()
            .status(status)
            .header("retry-after", retry_after)
            .body(Answer::from(Bytes::new()));
        Self::Respond(response.expect("a response"))
    }
}

/// Holds back the next step until the sender fires.
pub(super) fn hold() -> (oneshot::Sender<()>, Step) {
    let (release, held) = oneshot::channel();
    (release, Step::Hold(held))
}

#[derive(Debug, thiserror::Error)]
#[error("the cable is cut")]
pub(super) struct CutCable;

/// A body that may break off.
#[derive(Debug, Default)]
pub(super) struct Answer {
    bytes: Option<Bytes>,
    breaks: bool,
}

impl Answer {
    /// The bytes, and then an error.
    pub(super) fn broken(bytes: &'static str) -> Self {
        Self {
            bytes: Some(bytes.into()),
            breaks: true,
        }
    }
}

impl From<Bytes> for Answer {
    fn from(bytes: Bytes) -> Self {
        Self {
            bytes: Some(bytes),
            breaks: false,
        }
    }
}

impl http_body::Body for Answer {
    type Data = Bytes;
    type Error = CutCable;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, CutCable>>> {
        Poll::Ready(match self.bytes.take() {
            Some(bytes) => Some(Ok(Frame::data(bytes))),
            None => std::mem::take(&mut self.breaks).then_some(Err(CutCable)),
        })
    }
}

#[derive(Default)]
pub(super) struct State {
    pub(super) steps: VecDeque<Step>,
    pub(super) token_requests: Vec<Request<Bytes>>,
    /// The calls so far: `authorization`, or `none`.
    pub(super) calls: Vec<String>,
    /// What the next calls wait for before they are answered.
    pub(super) held_calls: VecDeque<oneshot::Receiver<()>>,
    /// `authorization` values that are answered with 401.
    revoked: Vec<String>,
    /// Every `authorization` value is.
    pub(super) refuses_all: bool,
    /// How; without, by nothing but the status.
    pub(super) refusals: VecDeque<Response<Answer>>,
}

/// An API that hands out tokens by script, and one hour tokens after its end.
#[derive(Clone, Default)]
pub(super) struct Api(Arc<Mutex<State>>);

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Api")
    }
}

impl Api {
    pub(super) fn with(steps: impl IntoIterator<Item = Step>) -> Self {
        let api = Self::default();
        api.script(steps);
        api
    }

    pub(super) fn script(&self, steps: impl IntoIterator<Item = Step>) {
        self.state(|state| state.steps.extend(steps));
    }

    pub(super) fn state<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.0.lock().expect("not poisoned"))
    }

    pub(super) fn token_requests(&self) -> usize {
        self.state(|state| state.token_requests.len())
    }

    pub(super) fn calls(&self) -> Vec<String> {
        self.state(|state| state.calls.clone())
    }

    pub(super) fn last_call(&self) -> Option<String> {
        self.calls().pop()
    }

    pub(super) fn revoke(&self, token: &str) {
        self.state(|state| state.revoked.push(format!("Bearer {token}")));
    }

    async fn answer(self, request: Request<Bytes>) -> Result<Response<Answer>, CutCable> {
        if request.uri().path() != "/auth/token" {
            let held = self.state(|state| state.held_calls.pop_front());
            if let Some(held) = held {
                held.await.expect("released");
            }
            return Ok(self.answer_call(&request));
        }
        let scope = form_urlencoded::parse(request.body())
            .find(|(name, _)| name == "scope")
            .map(|(_, scope)| scope.into_owned())
            .expect("scopes");
        let number = self.state(|state| {
            state.token_requests.push(request);
            state.token_requests.len()
        });
        loop {
            let step = self.state(|state| state.steps.pop_front());
            let (status, body) = match step.unwrap_or(Step::Token("3600")) {
                Step::Hold(receiver) => {
                    receiver.await.expect("released");
                    continue;
                }
                Step::Break => return Err(CutCable),
                Step::Panic => panic!("the transport has a bug"),
                Step::Respond(response) => return Ok(response),
                Step::Json(status, body) => (status, body.to_owned()),
                Step::Token(lifetime) => {
                    let lifetime = match lifetime {
                        "" => String::new(),
                        seconds => format!(r#","expires_in":{seconds}"#),
                    };
                    let body = format!(
                        r#"{{"access_token":"token-{number}"{lifetime},"token_type":"bearer","scope":"{scope}","new":1}}"#
                    );
                    (200, body)
                }
            };
            let response = Response::builder()
                .status(status)
                .header("upvest-request-id", "request-1")
                .body(Bytes::from(body).into());
            return Ok(response.expect("a response"));
        }
    }

    fn answer_call(&self, request: &Request<Bytes>) -> Response<Answer> {
        let authorization = request.headers().get("authorization").map_or_else(
            || "none".to_owned(),
            |value| value.to_str().expect("ASCII").to_owned(),
        );
        self.state(|state| {
            let is_refused = state.refuses_all || state.revoked.contains(&authorization);
            state.calls.push(authorization);
            if !is_refused {
                return Response::default();
            }
            state.refusals.pop_front().unwrap_or_else(|| {
                let mut response = Response::default();
                *response.status_mut() = StatusCode::UNAUTHORIZED;
                response
            })
        })
    }
}

impl Service<Request<Bytes>> for Api {
    type Response = Response<Answer>;
    type Error = CutCable;
    type Future = BoxFuture<'static, Result<Self::Response, CutCable>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), CutCable>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        Box::pin(self.clone().answer(request))
    }
}

/// The limit of a token request in tests. No wait is as long.
pub(super) const LIMIT: Duration = Duration::from_secs(1000);

/// A timer for which no limit is ever over, and every other wait at once.
#[derive(Clone, Default)]
pub(super) struct Waits(Arc<Mutex<Vec<Duration>>>);

impl Waits {
    /// The waits so far.
    pub(super) fn take(&self) -> Vec<Duration> {
        std::mem::take(&mut self.0.lock().expect("not poisoned"))
    }
}

impl Timer for Waits {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        if duration == LIMIT {
            return pending().boxed();
        }
        self.0.lock().expect("not poisoned").push(duration);
        ready(()).boxed()
    }
}

/// Runs tasks as far as they go when they come, and on when the test says so.
#[derive(Clone, Default)]
pub(super) struct Background(Arc<Mutex<Vec<BoxFuture<'static, ()>>>>);

impl Background {
    /// Runs all tasks on, as far as they go.
    pub(super) fn run(&self) {
        let mut tasks = std::mem::take(&mut *self.0.lock().expect("not poisoned"));
        let mut context = Context::from_waker(Waker::noop());
        tasks.retain_mut(|task| task.as_mut().poll(&mut context).is_pending());
        self.0.lock().expect("not poisoned").append(&mut tasks);
    }
}

impl Executor for Background {
    fn execute(&self, task: BoxFuture<'static, ()>) {
        self.0.lock().expect("not poisoned").push(task);
        self.run();
    }
}

/// A layer without randomness that requests a token once.
pub(super) fn layer(clock: &ManualClock) -> TokenLayer {
    let credentials = ClientCredentials::new(CLIENT_ID, SECRET);
    TokenLayer::new(credentials, Uri::from_static("https://host/auth/token"))
        .clock(clock.clone())
        .timer(Waits::default())
        .executor(Background::default())
        .jitter(|| 0.0)
        .timeout(LIMIT)
        .attempts(1)
}

pub(super) fn service(api: &Api, clock: &ManualClock) -> TokenService<Api> {
    layer(clock).layer(api.clone())
}

pub(super) fn request(scopes: &str) -> Request<Bytes> {
    let mut request = Request::new(Bytes::from_static(b"body"));
    request.extensions_mut().insert(Scopes::from(scopes));
    request
}

pub(super) async fn call(service: &TokenService<Api>) -> Result<StatusCode, BoxError> {
    let response = service.clone().oneshot(request("positions:read")).await?;
    Ok(response.status())
}

/// A call that has to be answered with 200.
pub(super) async fn answered(service: &TokenService<Api>) {
    assert_eq!(call(service).await.expect("answered"), StatusCode::OK);
}

pub(super) async fn failure(service: &TokenService<Api>) -> TokenError {
    let error = call(service).await.expect_err("no token");
    error
        .downcast_ref::<TokenError>()
        .expect("a token error")
        .clone()
}

pub(super) fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Sets the clock to this many milliseconds after the start.
pub(super) fn set_millis(clock: &ManualClock, after_start: u64) {
    clock.set(START);
    clock.advance(millis(after_start));
}
