//! What deliveries are sent to: it answers from a script, and keeps what comes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::response::IntoResponse;
use bytes::Bytes;
use http::StatusCode;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use upvest_auth_signing::{Message, SignatureVersion, Verifier, VerifyError, VerifyingKey};
use upvest_models::{CashBalance, JsonWebKeySet, Webhook, decimal};

use crate::support::{Fixture, created, success};

pub(crate) struct Receiver {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
    arrived: watch::Sender<usize>,
}

#[derive(Default)]
struct State {
    answers: VecDeque<u16>,
    requests: Vec<http::Request<Bytes>>,
}

impl Receiver {
    /// Answers with these statuses one after the other, then with 200.
    pub(crate) async fn start(answers: impl Into<VecDeque<u16>>) -> Self {
        let state = Arc::new(Mutex::new(State {
            answers: answers.into(),
            requests: Vec::new(),
        }));
        let arrived = watch::Sender::new(0);
        let (shared, count) = (Arc::clone(&state), arrived.clone());
        let app = Router::new().fallback(async move |request: Request| {
            let (head, body) = request.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap();
            let mut state = shared.lock().unwrap();
            state.requests.push(http::Request::from_parts(head, body));
            count.send_modify(|count| *count += 1);
            let status = state.answers.pop_front().unwrap_or(200);
            let status = StatusCode::from_u16(status).unwrap();
            (status, [("location", "/elsewhere")]).into_response()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks?tenant=7", listener.local_addr().unwrap());
        tokio::spawn(async { axum::serve(listener, app).await.unwrap() });
        Self {
            url,
            state,
            arrived,
        }
    }

    /// Waits until this many deliveries have come in all.
    pub(crate) async fn arrived(&self, count: usize) {
        let mut arrived = self.arrived.subscribe();
        let arrived = arrived.wait_for(|arrived| *arrived >= count);
        timeout(Duration::from_secs(30), arrived)
            .await
            .unwrap()
            .unwrap();
    }

    /// What has come since the last time.
    pub(crate) fn requests(&self) -> Vec<http::Request<Bytes>> {
        std::mem::take(&mut self.state.lock().unwrap().requests)
    }

    /// The events that have come since the last time, by delivery.
    pub(crate) fn payloads(&self) -> Vec<Vec<Value>> {
        self.requests().iter().map(payload).collect()
    }

    /// The balances that have come since the last time, by delivery.
    pub(crate) fn balances(&self) -> Vec<Vec<String>> {
        let payloads = self.payloads().into_iter();
        payloads
            .map(|events| events.iter().map(balance).collect())
            .collect()
    }
}

/// The events of a delivery.
pub(crate) fn payload(request: &http::Request<Bytes>) -> Vec<Value> {
    let body: Value = serde_json::from_slice(request.body()).expect("the body is JSON");
    assert_eq!(body.as_object().unwrap().len(), 1);
    body["payload"].as_array().unwrap().clone()
}

/// What a balance is by an event, or the type of the event if it is of another.
fn balance(event: &Value) -> String {
    let text = event["object"]["balance"]
        .as_str()
        .or(event["type"].as_str());
    text.unwrap_or("?").to_owned()
}

/// A parameter of the signature of a delivery.
pub(crate) fn parameter(request: &http::Request<Bytes>, name: &str) -> String {
    let input = request.headers()["signature-input"].to_str().unwrap();
    let (_, rest) = input.split_once(&format!(";{name}=")).unwrap();
    rest.split(';').next().unwrap().trim_matches('"').to_owned()
}

/// Subscribes to what the body says, enabled.
pub(crate) async fn subscribe(fixture: &Fixture, receiver: &Receiver, body: Value) -> Webhook {
    let mut body = body;
    body["title"] = json!("Test");
    body["url"] = json!(receiver.url);
    let response = fixture.call("POST", "/webhooks", &body.to_string()).await;
    let webhook: Webhook = created(response);
    patch(fixture, &webhook, json!({ "enabled": true })).await
}

pub(crate) async fn patch(fixture: &Fixture, webhook: &Webhook, body: Value) -> Webhook {
    let path = format!("/webhooks/{}", webhook.id);
    success(fixture.call("PATCH", &path, &body.to_string()).await)
}

/// Sets the balance of the demo account group.
pub(crate) fn set_balance(fixture: &Fixture, amount: &str) -> CashBalance {
    let group = fixture.sandbox.account_group_id();
    let before = fixture.sandbox.balance(group).unwrap();
    let balance = before.balance(decimal::parse(amount).unwrap());
    fixture.sandbox.set_balance(balance.clone());
    balance
}

/// Waits until everything is taken.
pub(crate) async fn done(fixture: &Fixture) {
    timeout(Duration::from_secs(30), fixture.sandbox.deliveries_done())
        .await
        .expect("everything is taken");
}

/// Judges a delivery by the published keys, as they are now.
pub(crate) async fn verify(
    fixture: &Fixture,
    request: &http::Request<Bytes>,
) -> Result<(), VerifyError> {
    let jwks: JsonWebKeySet = success(fixture.call("GET", "/auth/verify_keys", "").await);
    let keys: std::collections::HashMap<String, VerifyingKey> = jwks
        .keys
        .iter()
        .map(|key| {
            let (x, y) = (key.x.as_deref().unwrap(), key.y.as_deref().unwrap());
            let public = VerifyingKey::from_p521_coordinates(x, y).unwrap();
            (key.kid.clone().unwrap(), public)
        })
        .collect();
    Verifier::new(keys)
        .versions([SignatureVersion::V6])
        .clock(fixture.clock.clone())
        .verify(Message::from(request))
        .map(drop)
}
