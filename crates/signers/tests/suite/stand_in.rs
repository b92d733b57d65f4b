//! A key service on this machine that answers from a script.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use bytes::Bytes;
use http::{HeaderMap, Method, Response};
use tokio::net::TcpListener;

use crate::support::Calls;

/// A request as it arrived.
pub(crate) struct Arrived {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Arrived {
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("ASCII"))
    }
}

/// A status and a body.
pub(crate) type Answer = (u16, String);

/// Where the service listens, and what it answers next instead of what is right.
#[derive(Clone)]
pub(crate) struct StandIn {
    pub(crate) address: String,
    next: Arc<Mutex<Option<Answer>>>,
}

impl StandIn {
    pub(crate) async fn start(
        answer: impl Fn(&Arrived) -> Answer + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let next: Arc<Mutex<Option<Answer>>> = Arc::default();
        let instead = Arc::clone(&next);
        let router = Router::new().fallback(move |request: Request| {
            let (answer, instead) = (answer.clone(), Arc::clone(&instead));
            async move {
                let (head, body) = request.into_parts();
                let arrived = Arrived {
                    method: head.method,
                    path: head.uri.to_string(),
                    headers: head.headers,
                    body: to_bytes(body, 1 << 20).await.expect("readable"),
                };
                let instead = instead.lock().expect("not poisoned").take();
                let (status, body) = instead.unwrap_or_else(|| answer(&arrived));
                let response = Response::builder().status(status);
                response.body(body).expect("a response")
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { address, next }
    }

    /// What is answered to the next request, whatever it is.
    pub(crate) fn next(&self, status: u16, body: impl Into<String>) {
        *self.next.lock().expect("not poisoned") = Some((status, body.into()));
    }

    /// For each of these answers, a status and a body, a call is not sent: its error names the signer and
    /// has these words. After them all is well again.
    pub(crate) async fn assert_failures<B: Into<String>, const N: usize>(
        &self,
        calls: &Calls,
        signer: &str,
        cases: [(u16, B, &str); N],
    ) {
        for (status, body, expected) in cases {
            self.next(status, body);
            let error = calls.failure().await;
            assert!(error.contains(expected), "{error}");
            assert!(error.contains(signer), "{error}");
        }
        calls.call().await.expect("all is well again");
    }
}
