//! HTTP as far as deliveries need it: one request on a separate connection, no redirects.

use std::io;
use std::pin::pin;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Request, StatusCode};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::target::Target;

/// Sends a request, and returns the status that it is answered with.
pub(super) async fn exchange(target: &Target, request: Request<Bytes>) -> io::Result<StatusCode> {
    let stream = TcpStream::connect((target.host.as_str(), target.port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(io::Error::other)?;
    let answer = pin!(sender.send_request(request.map(Full::new)));
    // The connection must be polled until its answer arrives.
    let answer = match select(answer, pin!(connection)).await {
        Either::Left((answer, _)) => answer,
        Either::Right((_, answer)) => answer.await,
    };
    answer
        .map(|answer| answer.status())
        .map_err(io::Error::other)
}
