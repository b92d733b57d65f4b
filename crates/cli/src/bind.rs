//! Addresses that commands listen on.

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpListener;

use crate::failure::Failure;

/// Listens on a port, or on any that is free for 0.
///
/// # Errors
///
/// When somebody else listens there, or this machine does not have the address.
pub(crate) async fn bind(ip: impl Into<IpAddr>, port: u16) -> Result<TcpListener, Failure> {
    let address = SocketAddr::new(ip.into(), port);
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| Failure::configuration(format!("cannot listen on {address}: {error}")))
}
