//! The admin interface: what tests do with a sandbox in their process, over HTTP.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{BoxFuture, FutureExt};
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::script;
use crate::connection_handle::ConnectionHandle;
use crate::listener::{Server, serve};
use crate::request_body::RequestBody;
use crate::response_body::ResponseBody;
use crate::{Answer, Counters, Sandbox};

/// No list of events is nearly as long.
const MAX_BODY_BYTES: usize = 2 * 1024 * 1024;

type Outcome = Result<Value, String>;

/// A running admin interface. It stops when dropped.
pub(crate) struct Admin {
    pub(crate) address: SocketAddr,
    /// Closing this channel is what stops it.
    _stop: oneshot::Sender<()>,
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
        let (stop, stopped) = oneshot::channel();
        let interface = Interface {
            sandbox,
            environment,
        };
        tokio::spawn(serve(listener, Arc::new(interface), stopped));
        Ok(Self {
            address,
            _stop: stop,
        })
    }
}

struct Interface {
    sandbox: Arc<Sandbox>,
    environment: Value,
}

impl Server for Interface {
    fn takes_connection(&self) -> bool {
        true
    }

    fn respond(
        self: Arc<Self>,
        _: ConnectionHandle,
        request: Request<RequestBody>,
    ) -> BoxFuture<'static, Response<ResponseBody>> {
        async move { self.answer(request).await }.boxed()
    }
}

impl Interface {
    async fn answer(&self, request: Request<RequestBody>) -> Response<ResponseBody> {
        let (head, body) = request.into_parts();
        let Some(body) = body.read(MAX_BODY_BYTES).await else {
            let error = format!("the body is incomplete or longer than {MAX_BODY_BYTES} bytes");
            return reply(StatusCode::PAYLOAD_TOO_LARGE, &json!({ "error": error }));
        };
        let (method, path) = (head.method.as_str(), head.uri.path());
        match self.act(method, path, &body) {
            Some(Ok(told)) => reply(StatusCode::OK, &told),
            Some(Err(error)) => reply(StatusCode::BAD_REQUEST, &json!({ "error": error })),
            None => {
                let error = format!("the admin interface has no {method} {path}");
                reply(StatusCode::NOT_FOUND, &json!({ "error": error }))
            }
        }
    }

    /// Does what is requested; `None` if there is no such request.
    fn act(&self, method: &str, path: &str, body: &[u8]) -> Option<Outcome> {
        let sandbox = &*self.sandbox;
        Some(match (method, path) {
            ("GET" | "HEAD", "/environment") => Ok(self.environment.clone()),
            ("GET" | "HEAD", "/counters") => Ok(counters(&sandbox.counters())),
            ("DELETE", "/counters") => {
                sandbox.reset_counters();
                done()
            }
            ("PUT", "/balances") => set_balance(sandbox, body),
            ("PUT", "/prices") => read(body).and_then(|body| set_price(sandbox, &body)),
            ("POST", "/events") => read(body).and_then(|body| publish(sandbox, body)),
            ("POST", "/faults") => read(body).and_then(|body| fail(sandbox, &body)),
            ("DELETE", "/faults") => {
                sandbox.clear_faults();
                done()
            }
            ("PUT", "/answers") => read(body).and_then(|body| {
                set_answer(sandbox, &body)?;
                done()
            }),
            ("DELETE", "/answers") => {
                sandbox.clear_answers();
                done()
            }
            ("POST", "/time") => read(body).and_then(|body| advance(sandbox, &body)),
            ("POST", "/clients") => read(body).and_then(|body| add_client(sandbox, &body)),
            _ => return None,
        })
    }
}

fn reply(status: StatusCode, body: &Value) -> Response<ResponseBody> {
    let mut response = Response::new(Bytes::from(format!("{body}\n")).into());
    *response.status_mut() = status;
    let media_type = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, media_type);
    response
}

/// The answer to a request that returns no data.
fn done() -> Outcome {
    Ok(json!({}))
}

/// A cash balance as the API has it.
fn set_balance(sandbox: &Sandbox, body: &[u8]) -> Outcome {
    let balance = serde_json::from_slice(body).map_err(malformed)?;
    sandbox.set_balance(balance);
    done()
}

/// `{"isin": "US0378331005", "price": "120.50"}`
fn set_price(sandbox: &Sandbox, body: &Value) -> Outcome {
    set_price_of(sandbox, text(body, "isin")?, text(body, "price")?)?;
    done()
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
fn publish(sandbox: &Sandbox, body: Value) -> Outcome {
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
}

/// `{"fault": "503:3@/auth/token"}`, as for `--fail`
fn fail(sandbox: &Sandbox, body: &Value) -> Outcome {
    sandbox.fail(script::fault(text(body, "fault")?)?);
    done()
}

/// Sets an answer that is given as JSON: `{"operation": "place_order", "status": 409}`, or with a
/// `body`, or both.
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

/// `{"seconds": 172800}`
fn advance(sandbox: &Sandbox, body: &Value) -> Outcome {
    let seconds = body["seconds"].as_u64();
    let seconds = seconds.ok_or("seconds is missing or not a whole number")?;
    sandbox.advance(Duration::from_secs(seconds));
    done()
}

/// `{"scopes": "positions:read orders:admin"}`
fn add_client(sandbox: &Sandbox, body: &Value) -> Outcome {
    let client = sandbox.add_client(text(body, "scopes")?);
    let client = client.map_err(|error| error.to_string())?;
    Ok(json!({
        "client_id": client.id(),
        "client_secret": client.secret(),
        "key_id": client.key_id(),
        "private_key": client.signing_key().to_pkcs8_pem().as_str(),
    }))
}

fn read(body: &[u8]) -> Outcome {
    serde_json::from_slice(body).map_err(malformed)
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
