//! The admin interface: what tests do with a sandbox in their process, over HTTP.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::{Answer, Counters, Sandbox};
use axum::Router;
use axum::extract::State;
use axum::routing::{get, post, put};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::script;

type Outcome = Result<Value, String>;

/// A running admin interface. It stops when dropped.
pub(crate) struct Admin {
    pub(crate) address: SocketAddr,
    server: JoinHandle<io::Result<()>>,
}

impl Admin {
    /// Begins to listen. `environment` is what a client needs to talk to the sandbox.
    pub(crate) async fn start(
        address: SocketAddr,
        sandbox: Arc<Sandbox>,
        environment: Value,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            let text = format!("the admin interface cannot listen on {address}: {error}");
            io::Error::new(error.kind(), text)
        })?;
        let address = listener.local_addr()?;
        let app = router(sandbox, environment);
        let server = tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { address, server })
    }
}

impl Drop for Admin {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn router(sandbox: Arc<Sandbox>, environment: Value) -> Router {
    let tell = move || {
        let environment = environment.clone();
        async move { reply(Ok(environment)) }
    };
    Router::new()
        .route("/environment", get(tell))
        .route("/counters", get(read_counters).delete(reset_counters))
        .route("/balances", put(set_balance))
        .route("/prices", put(set_price))
        .route("/events", post(publish))
        .route("/faults", post(fail).delete(clear_faults))
        .route("/answers", put(answer).delete(clear_answers))
        .route("/time", post(advance))
        .route("/clients", post(add_client))
        .with_state(sandbox)
}

type Reply = (StatusCode, [(http::HeaderName, &'static str); 1], String);

fn reply(outcome: Outcome) -> Reply {
    let (status, body) = match outcome {
        Ok(body) => (StatusCode::OK, body),
        Err(error) => (StatusCode::BAD_REQUEST, json!({ "error": error })),
    };
    (
        status,
        [(CONTENT_TYPE, "application/json")],
        format!("{body}\n"),
    )
}

async fn read_counters(State(sandbox): State<Arc<Sandbox>>) -> Reply {
    reply(Ok(counters(&sandbox.counters())))
}

async fn reset_counters(State(sandbox): State<Arc<Sandbox>>) -> Reply {
    sandbox.reset_counters();
    reply(Ok(json!({})))
}

/// A cash balance as the API has it.
async fn set_balance(State(sandbox): State<Arc<Sandbox>>, body: String) -> Reply {
    reply(
        serde_json::from_str(&body)
            .map_err(malformed)
            .map(|balance| {
                sandbox.set_balance(balance);
                json!({})
            }),
    )
}

/// `{"isin": "US0378331005", "price": "120.50"}`
async fn set_price(State(sandbox): State<Arc<Sandbox>>, body: String) -> Reply {
    reply(read(&body).and_then(|body| {
        set_price_of(&sandbox, text(&body, "isin")?, text(&body, "price")?)?;
        Ok(json!({}))
    }))
}

/// Sets a price that is given as text.
pub(super) fn set_price_of(sandbox: &Sandbox, isin: &str, price: &str) -> Result<(), String> {
    let price = price
        .parse()
        .ok()
        .filter(|price: &upvest_models::Decimal| !price.is_zero() && price.is_sign_positive())
        .ok_or_else(|| format!("price is {price:?}; expected a number above 0"))?;
    sandbox.set_price(isin, price);
    Ok(())
}

/// `{"example": "ORDER.FILLED"}`, or a list of whole events.
async fn publish(State(sandbox): State<Arc<Sandbox>>, body: String) -> Reply {
    reply(read(&body).and_then(|body| {
        if let Value::Array(events) = body {
            let count = events.len();
            sandbox.publish(events);
            return Ok(json!({ "events": count }));
        }
        let kind = text(&body, "example")?;
        match sandbox.publish_example(kind) {
            0 => Err(format!("the API has no event {kind:?}")),
            count => Ok(json!({ "events": count })),
        }
    }))
}

/// `{"fault": "503:3@/auth/token"}`, as for `--fail`
async fn fail(State(sandbox): State<Arc<Sandbox>>, body: String) -> Reply {
    reply(read(&body).and_then(|body| {
        sandbox.fail(script::fault(text(&body, "fault")?)?);
        Ok(json!({}))
    }))
}

async fn clear_faults(State(sandbox): State<Arc<Sandbox>>) -> Reply {
    sandbox.clear_faults();
    reply(Ok(json!({})))
}

/// `{"operation": "place_order", "status": 409}`, or with a `body`, or both
async fn answer(State(sandbox): State<Arc<Sandbox>>, body: String) -> Reply {
    reply(read(&body).and_then(|body| {
        set_answer(&sandbox, &body)?;
        Ok(json!({}))
    }))
}

/// Sets an answer that is given as JSON.
pub(super) fn set_answer(sandbox: &Sandbox, body: &Value) -> Result<(), String> {
    let operation = text(body, "operation")?;
    if !sandbox
        .counters()
        .requests_by_operation
        .contains_key(operation)
    {
        return Err(format!("the API has no operation {operation:?}"));
    }
    let status = match body.get("status").map(Value::as_u64) {
        None => None,
        Some(Some(status @ 200..=599)) => u16::try_from(status).ok(),
        Some(_) => return Err("status is not a number from 200 to 599".to_owned()),
    };
    let answer = match (body.get("body"), status) {
        (Some(content), None) => Answer::json(content.clone()),
        (Some(content), Some(status)) => Answer::json(content.clone()).with_status(status),
        (None, Some(status)) => Answer::status(status),
        (None, None) => return Err("status and body are both missing".to_owned()),
    };
    sandbox.answer(operation, answer);
    Ok(())
}

async fn clear_answers(State(sandbox): State<Arc<Sandbox>>) -> Reply {
    sandbox.clear_answers();
    reply(Ok(json!({})))
}

/// `{"seconds": 172800}`
async fn advance(State(sandbox): State<Arc<Sandbox>>, body: String) -> Reply {
    reply(read(&body).and_then(|body| {
        let seconds = body["seconds"].as_u64();
        let seconds = seconds.ok_or("seconds is missing or not a whole number")?;
        sandbox.advance(Duration::from_secs(seconds));
        Ok(json!({}))
    }))
}

/// `{"scopes": "positions:read orders:admin"}`
async fn add_client(State(sandbox): State<Arc<Sandbox>>, body: String) -> Reply {
    reply(read(&body).and_then(|body| {
        let client = sandbox.add_client(text(&body, "scopes")?);
        let client = client.map_err(|error| error.to_string())?;
        Ok(json!({
            "client_id": client.id(),
            "client_secret": client.secret(),
            "key_id": client.key_id(),
            "private_key": client.signing_key().to_pkcs8_pem().as_str(),
        }))
    }))
}

fn read(body: &str) -> Outcome {
    serde_json::from_str(body).map_err(malformed)
}

fn malformed(error: serde_json::Error) -> String {
    format!("the body is malformed: {error}")
}

fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, String> {
    let text = body[name].as_str();
    text.ok_or_else(|| format!("{name} is missing or not a string"))
}

fn counters(counters: &Counters) -> Value {
    json!({
        "connections": counters.connections,
        "requests": counters.requests,
        "requests_by_operation": counters.requests_by_operation,
        "requests_by_idempotency_key": counters.requests_by_idempotency_key,
        "most_in_flight": counters.most_in_flight,
        "most_token_requests_in_flight": counters.most_token_requests_in_flight,
        "repeated_nonces": counters.repeated_nonces,
        "deliveries_sent": counters.deliveries_sent,
        "deliveries_taken": counters.deliveries_taken,
        "deliveries_refused": counters.deliveries_refused,
        "deliveries_unanswered": counters.deliveries_unanswered,
    })
}
