use std::future::Future;
use std::io::{self, ErrorKind};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, HeaderValue};
use http::{HeaderMap, Request, Response, Uri};

use crate::connection_handle::{ConnectionHandle, Cut};
use crate::listener::Server;
use crate::request_body::RequestBody;
use crate::response_body::ResponseBody;
use crate::running::Running;

/// Sends requests to a [`Sandbox`](crate::Sandbox) without a socket: a [`tower::Service`] which
/// answers them in the process. [`Sandbox::transport`](crate::Sandbox::transport) makes it.
///
/// Requests are checked, disturbed by [faults](crate::Fault) and [counted](crate::Counters) as over
/// a connection. Whatever host they are for, the sandbox answers them. `host` and `content-length`
/// are added where they are missing, as an HTTP client does.
///
/// Each request counts as a separate connection, on which
/// [`Fault::connection_reset`](crate::Fault::connection_reset) acts.
///
/// It does not wait for time to pass, so it works while tokio's clock is paused. Requests act where
/// they are awaited, which must be on a tokio runtime: the deliveries of a webhook subscription run
/// on the runtime on which it was created. A request that is dropped acts no further.
/// [`Sandbox::stop`](crate::Sandbox::stop) does not wait for requests that were sent this way.
///
/// # Errors
///
/// | what happened | [`io::ErrorKind`] |
/// |---|---|
/// | the sandbox has been stopped or dropped | `ConnectionRefused` |
/// | [`Fault::reset`](crate::Fault::reset), [`Fault::connection_reset`](crate::Fault::connection_reset) | `ConnectionReset` |
/// | [`Fault::closed`](crate::Fault::closed) | `ConnectionAborted` |
/// | [`Fault::truncated`](crate::Fault::truncated): the body fails after its first half | `UnexpectedEof` |
/// | `content-length` of the request is not the length of its body | `InvalidInput` |
///
/// ```
/// use bytes::Bytes;
/// use http::{Request, StatusCode};
/// use tower::Service;
/// use upvest_sandbox::Sandbox;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sandbox = Sandbox::start().await?;
/// let unsigned = Request::get("https://sandbox.upvest.co/users").body(Bytes::new());
/// let response = sandbox.transport().call(unsigned.expect("it is a request")).await?;
/// assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct InProcessTransport(Weak<Running>);

impl InProcessTransport {
    pub(crate) fn new(running: &Arc<Running>) -> Self {
        Self(Arc::downgrade(running))
    }

    async fn send(self, request: Request<Bytes>) -> io::Result<Response<ResponseBody>> {
        let api = self.0.upgrade().map(|running| running.api());
        let api = api.ok_or_else(|| failure(ErrorKind::ConnectionRefused, "has stopped"))?;
        let request = as_received(request)?;
        if !api.takes_connection() {
            return Err(reset());
        }
        let connection = ConnectionHandle::default();
        let response = api.respond(connection.clone(), request).await;
        match connection.was_cut() {
            None => Ok(response),
            Some(Cut::Reset) => Err(reset()),
            Some(Cut::Closed) => Err(failure(
                ErrorKind::ConnectionAborted,
                "closed the connection before it answered",
            )),
        }
    }
}

impl tower::Service<Request<Bytes>> for InProcessTransport {
    type Response = Response<ResponseBody>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Response<ResponseBody>>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        Box::pin(self.clone().send(request))
    }
}

fn reset() -> io::Error {
    failure(ErrorKind::ConnectionReset, "reset the connection")
}

fn failure(kind: ErrorKind, what: &str) -> io::Error {
    io::Error::new(kind, format!("the sandbox {what}"))
}

/// The request as it arrives over HTTP/1.1: for a path, with the host and the length among its
/// headers.
fn as_received(request: Request<Bytes>) -> io::Result<Request<RequestBody>> {
    let (mut head, body) = request.into_parts();
    if let Some(authority) = head.uri.authority() {
        // No user and password.
        let host = authority.as_str().rsplit('@').next().unwrap_or_default();
        let host = HeaderValue::from_str(host).map_err(io::Error::other)?;
        head.headers.entry(HOST).or_insert(host);
    }
    if let Some(path) = head.uri.path_and_query() {
        head.uri = Uri::from(path.clone());
    }
    expect_length(&mut head.headers, body.len())?;
    Ok(Request::from_parts(head, RequestBody::Whole(body)))
}

/// Makes sure that `content-length` is the length of the body. It is left out if there is no body.
fn expect_length(headers: &mut HeaderMap, length: usize) -> io::Result<()> {
    match headers.get(CONTENT_LENGTH) {
        Some(found) if found.as_bytes() != length.to_string().as_bytes() => Err(io::Error::new(
            ErrorKind::InvalidInput,
            format!("content-length is {found:?}, but the body has {length} bytes"),
        )),
        None if length > 0 => {
            headers.insert(CONTENT_LENGTH, length.into());
            Ok(())
        }
        _ => Ok(()),
    }
}
