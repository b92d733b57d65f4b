//! A transport that answers from a script, and remembers what it was sent.

use std::sync::{Arc, Mutex};

use tower::util::BoxCloneSyncService;
use upvest_client::{Body, BoxError, Bytes, Client, Service};

pub(crate) const ACCOUNT_GROUP: &str = "d0fc0305-97b7-4e3b-bddf-66d3c434898c";

pub(crate) const BALANCE: &str = r#"{
    "account_group_id": "d0fc0305-97b7-4e3b-bddf-66d3c434898c", "currency": "EUR",
    "balance": "100.250", "locked_for_trading": "10", "pending_settlement": "10",
    "available_for_withdrawal": "80", "available_for_trading": "80"
}"#;

/// What was sent.
#[derive(Clone, Default)]
pub(crate) struct Sent(Arc<Mutex<Vec<http::Request<Bytes>>>>);

impl Sent {
    pub(crate) fn push(&self, request: http::Request<Bytes>) {
        self.0.lock().unwrap().push(request);
    }

    pub(crate) fn all(&self) -> Vec<http::Request<Bytes>> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn one(&self) -> http::Request<Bytes> {
        let all = self.all();
        assert_eq!(all.len(), 1, "one request was expected");
        all[0].clone()
    }
}

/// The answers of this list one after the other, then the last one forever.
pub(crate) fn one_by_one<A: Clone + Send + 'static>(
    answers: impl IntoIterator<Item = A>,
) -> impl Fn() -> A + Clone + Send + Sync + 'static {
    let mut answers: Vec<A> = answers.into_iter().collect();
    answers.reverse();
    let answers = Arc::new(Mutex::new(answers));
    move || {
        let mut answers = answers.lock().unwrap();
        match answers.len() {
            1 => answers[0].clone(),
            _ => answers.pop().expect("there is an answer"),
        }
    }
}

/// A client whose every request gets the answer that `answer` makes.
pub(crate) fn client<F>(answer: F) -> (Client, Sent)
where
    F: Fn() -> Result<http::Response<Body>, BoxError> + Clone + Send + Sync + 'static,
{
    let sent = Sent::default();
    let client = Client::builder("https://api.example/base/")
        .transport(transport(sent.clone(), answer))
        .build()
        .unwrap();
    (client, sent)
}

pub(crate) fn transport<F>(sent: Sent, answer: F) -> Service
where
    F: Fn() -> Result<http::Response<Body>, BoxError> + Clone + Send + Sync + 'static,
{
    BoxCloneSyncService::new(tower::service_fn(move |request| {
        sent.push(request);
        std::future::ready(answer())
    }))
}

/// A transport that never answers.
pub(crate) fn hanging() -> Service {
    type Never = std::future::Pending<Result<http::Response<Body>, BoxError>>;
    BoxCloneSyncService::new(tower::service_fn(|_| -> Never { std::future::pending() }))
}

/// An answer with a status, a request id and a body.
pub(crate) fn response(status: u16, body: impl Into<Body>) -> http::Response<Body> {
    http::Response::builder()
        .status(status)
        .header("upvest-request-id", "169ae4c7-ebd7-4041-94da-25369653eba7")
        .body(body.into())
        .unwrap()
}
