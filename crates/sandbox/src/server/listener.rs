//! Accepts connections: they are counted, and a fault can cut them.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::api::Api;
use crate::connection_handle::{ConnectionHandle, Cut};
use crate::fault::Fault;

impl Connected<IncomingStream<'_, ConnectionListener>> for ConnectionHandle {
    fn connect_info(stream: IncomingStream<'_, ConnectionListener>) -> Self {
        stream.remote_addr().clone()
    }
}

/// Accepts connections, and counts them.
pub(crate) struct ConnectionListener {
    listener: TcpListener,
    api: Arc<Api>,
}

impl ConnectionListener {
    pub(crate) fn new(listener: TcpListener, api: Arc<Api>) -> Self {
        Self { listener, api }
    }
}

impl Listener for ConnectionListener {
    type Io = Connection;
    type Addr = ConnectionHandle;

    async fn accept(&mut self) -> (Connection, ConnectionHandle) {
        loop {
            let (stream, _) = Listener::accept(&mut self.listener).await;
            self.api.counters.connected();
            if self.api.faults.take(Fault::is_for_connection).is_some() {
                // Without the option it is closed all the same.
                let _ = stream.set_zero_linger();
                continue;
            }
            // Bytes that are sent one by one are to arrive one by one.
            let _ = stream.set_nodelay(true);
            let handle = ConnectionHandle::default();
            return (
                Connection {
                    stream,
                    handle: handle.clone(),
                },
                handle,
            );
        }
    }

    fn local_addr(&self) -> io::Result<ConnectionHandle> {
        Ok(ConnectionHandle::default())
    }
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
