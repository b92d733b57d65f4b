//! HTTP/1.1 over connections, which can be refused, and cut by a fault.

use std::convert::Infallible;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::future::{BoxFuture, Either, FutureExt, select};
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::connection_handle::{ConnectionHandle, Cut};
use crate::request_body::RequestBody;
use crate::response_body::ResponseBody;

/// How long nothing is accepted after the system could not accept a connection, for example because
/// it has no file descriptor left.
const PAUSE: Duration = Duration::from_secs(1);

/// What is served over connections.
pub(crate) trait Server: Send + Sync + 'static {
    /// Decides whether the connection that was just accepted is served. Otherwise it is reset.
    fn takes_connection(&self) -> bool;

    /// Answers a request that came over this connection.
    fn respond(
        self: Arc<Self>,
        connection: ConnectionHandle,
        request: Request<RequestBody>,
    ) -> BoxFuture<'static, Response<ResponseBody>>;
}

/// Serves connections until `stopped` is sent or its sender is dropped. Then the listener is
/// closed, and each connection ends after the response that is under way. It ends with the last
/// one.
pub(crate) async fn serve(
    listener: TcpListener,
    server: Arc<dyn Server>,
    mut stopped: oneshot::Receiver<()>,
) {
    let connections = GracefulShutdown::new();
    while let Some(stream) = accept(&listener, &mut stopped).await {
        if !server.takes_connection() {
            // Without the option it is closed nevertheless.
            let _ = stream.set_zero_linger();
            continue;
        }
        // Bytes that are sent one by one must arrive one by one.
        let _ = stream.set_nodelay(true);
        let handle = ConnectionHandle::default();
        let connection = Connection {
            stream,
            handle: handle.clone(),
        };
        let server = Arc::clone(&server);
        let service = service_fn(move |request: Request<Incoming>| {
            let request = request.map(RequestBody::Arriving);
            let response = Arc::clone(&server).respond(handle.clone(), request);
            response.map(Ok::<_, Infallible>)
        });
        let connection = http1::Builder::new().serve_connection(TokioIo::new(connection), service);
        tokio::spawn(connections.watch(connection));
    }
    drop(listener);
    connections.shutdown().await;
}

/// The next connection; `None` if no more are to be accepted.
async fn accept(listener: &TcpListener, stopped: &mut oneshot::Receiver<()>) -> Option<TcpStream> {
    loop {
        let accepted = match select(&mut *stopped, pin!(listener.accept())).await {
            Either::Left(_) => return None,
            Either::Right((accepted, _)) => accepted,
        };
        match accepted {
            Ok((stream, _)) => return Some(stream),
            Err(error) if is_of_connection(&error) => {}
            Err(_) => {
                if let Either::Left(_) =
                    select(&mut *stopped, pin!(tokio::time::sleep(PAUSE))).await
                {
                    return None;
                }
            }
        }
    }
}

/// Whether the connection failed before it was accepted, rather than the listener.
fn is_of_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// A connection that can be cut.
pub(crate) struct Connection {
    stream: TcpStream,
    handle: ConnectionHandle,
}

impl Connection {
    fn checked(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        let Some(cut) = self.handle.was_cut() else {
            return Ok(Pin::new(&mut self.stream));
        };
        if let Cut::Reset = cut {
            self.stream.set_zero_linger()?;
        }
        Err(io::ErrorKind::ConnectionAborted.into())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.checked()?.poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.checked()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.checked()?.poll_shutdown(context)
    }
}
