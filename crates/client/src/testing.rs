//! For tests of code that uses the client: a client whose answers come from a script, and errors
//! and responses as the API would give them.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! use upvest_client::operations::RETRIEVE_WEBHOOK;
//! use upvest_client::testing::{Answers, problem};
//!
//! let answers = Answers::new().on(&RETRIEVE_WEBHOOK, problem(404, "not_found"));
//! let client = answers.client();
//!
//! let error = client.retrieve_webhook(uuid::Uuid::nil()).await.unwrap_err();
//! assert_eq!(error.status().unwrap(), 404);
//! assert_eq!(answers.requests().len(), 1);
//! # }
//! ```

use std::collections::HashMap;
use std::fmt;
use std::future::{Ready, ready};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use serde::Serialize;
#[cfg(feature = "auth")]
pub use upvest_auth_signing::testing::ManualClock;

use crate::{Body, BoxError, Client, OperationInfo, RetryPolicy};

/// A transport that answers each operation from a script, and keeps the requests that it receives.
/// Clones share script and requests.
#[derive(Clone, Default)]
pub struct Answers(Arc<Mutex<Script>>);

#[derive(Default)]
struct Script {
    answers: HashMap<&'static str, Vec<http::Response<Bytes>>>,
    requests: Vec<http::Request<Bytes>>,
}

impl Answers {
    /// Makes a script without answers: a call of any operation fails.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an answer to an operation. If an operation has several answers, each is given once, in
    /// the order in which they were added, and the last one is given to all further calls.
    #[must_use]
    pub fn on(self, operation: &'static OperationInfo, answer: http::Response<Bytes>) -> Self {
        let mut script = self.script();
        script.answers.entry(operation.id).or_default().push(answer);
        drop(script);
        self
    }

    /// Makes a client whose calls get these answers, without tokens, signatures or retries. For a
    /// client with all of that, give the answers to a builder as its
    /// [`transport`](crate::ClientBuilder::transport).
    ///
    /// # Panics
    /// Never, since the address that it uses is valid.
    pub fn client(&self) -> Client {
        Client::builder("https://api.example")
            .transport(self.clone())
            .retries(RetryPolicy::none())
            .build()
            .unwrap_or_else(|error| unreachable!("{error}"))
    }

    /// The requests that were sent so far, in order.
    pub fn requests(&self) -> Vec<http::Request<Bytes>> {
        self.script().requests.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Script {
    fn answer(&mut self, request: http::Request<Bytes>) -> Result<http::Response<Body>, BoxError> {
        let id = OperationInfo::of(&request).map_or("", |operation| operation.id);
        self.requests.push(request);
        match self.answers.get_mut(id).map(Vec::as_mut_slice) {
            Some([last]) => Ok(last.clone().map(Body::from)),
            Some([first, ..]) => {
                let first = first.clone().map(Body::from);
                self.answers
                    .entry(id)
                    .and_modify(|answers| drop(answers.remove(0)));
                Ok(first)
            }
            _ => Err(format!("there is no answer to `{id}`: add one with `Answers::on`").into()),
        }
    }
}

impl tower::Service<http::Request<Bytes>> for Answers {
    type Response = http::Response<Body>;
    type Error = BoxError;
    type Future = Ready<Result<http::Response<Body>, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Bytes>) -> Self::Future {
        ready(self.script().answer(request))
    }
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}

/// Makes an answer with status 200 and this value as JSON.
///
/// # Panics
/// When the value cannot be written as JSON. Every value of the models can.
pub fn json(value: &impl Serialize) -> http::Response<Bytes> {
    match serde_json::to_vec(value) {
        Ok(body) => answer(200, "application/json", body),
        Err(error) => panic!("the value cannot be written as JSON: {error}"),
    }
}

/// Makes an answer with a status and problem details of this type, such as `not_found`. To set
/// headers or another body, change the [`http::Response`].
///
/// # Panics
/// When the status is less than 100 or more than 999.
pub fn problem(status: u16, kind: &str) -> http::Response<Bytes> {
    let body = serde_json::json!({
        "type": format!("https://docs.upvest.co/errors/{kind}"),
        "status": status,
    });
    answer(
        status,
        "application/problem+json",
        body.to_string().into_bytes(),
    )
}

/// Makes an answer with status 204 and nothing else.
pub fn empty() -> http::Response<Bytes> {
    let mut response = http::Response::default();
    *response.status_mut() = http::StatusCode::NO_CONTENT;
    response
}

fn answer(status: u16, content_type: &str, body: Vec<u8>) -> http::Response<Bytes> {
    let response = http::Response::builder()
        .status(status)
        .header(http::header::CONTENT_TYPE, content_type)
        .header("upvest-request-id", "00000000-0000-4000-8000-000000000000")
        .body(body.into());
    match response {
        Ok(response) => response,
        Err(error) => panic!("{status} is not an HTTP status: {error}"),
    }
}
