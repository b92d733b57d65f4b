//! The limits of a server, which neither hyper nor `axum::serve` sets. The receiver limits bodies.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

/// How many connections there are at a time. Further ones wait to be accepted.
pub(crate) const CONNECTIONS: usize = 64;

/// How many bytes the head of a request may have, method, target and headers.
pub(crate) const HEAD_BYTES: usize = 16 * 1024;

/// How long the head of a request may take.
pub(crate) const HEAD_TIME: Duration = Duration::from_secs(10);

/// Serves HTTP/1.1 within these limits, until no connection can be accepted any more.
///
/// # Errors
///
/// When a connection cannot be accepted.
pub(crate) async fn serve<S, B>(listener: TcpListener, service: S) -> std::io::Result<()>
where
    S: tower::Service<Request<Incoming>, Response = Response<B>, Error = Infallible>
        + Clone
        + Send
        + 'static,
    S::Future: Send + 'static,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let connections = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let permit = Arc::clone(&connections).acquire_owned().await;
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(async move {
            let _permit = permit;
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD_TIME)
                .max_buf_size(HEAD_BYTES)
                .serve_connection(TokioIo::new(stream), service);
            // Senders that hang up or are too slow are not an error of the server.
            let _ = connection.await;
        });
    }
}
