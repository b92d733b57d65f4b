//! A request on its way to the API, and its answer on its way back.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::extract::{ConnectInfo, State};
use axum::serve::IncomingStream;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tokio::net::TcpListener;

use super::exchange::{self, Refusal};
use super::operation;
use super::relay::Relay;
use super::shown::Shown;
use crate::view::Again;

/// The largest body that is kept to be sent again, in bytes: 64 KiB.
const LARGEST_KEPT: usize = 64 * 1024;

/// The address at which a connection arrived.
#[derive(Clone, Copy, Debug)]
pub(super) struct ArrivedAt(IpAddr);

impl Connected<IncomingStream<'_, TcpListener>> for ArrivedAt {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        // Without an address, nothing but this machine and the allowed hosts is allowed.
        let address = stream.io().local_addr().map(|address| address.ip());
        Self(address.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)))
    }
}

/// Passes a request on, and hands its answer back as it comes.
pub(super) async fn forward(
    State(relay): State<Arc<Relay>>,
    ConnectInfo(ArrivedAt(address)): ConnectInfo<ArrivedAt>,
    request: Request<Body>,
) -> Response<Body> {
    let found = operation::of(request.method(), request.uri().path());
    let mut shown = Shown::begin(&relay, &request, found);
    let taken = match relay.guard.refusal(request.headers(), address) {
        Some(reason) => Err((StatusCode::FORBIDDEN, reason.to_owned())),
        None => exchange::outgoing(&relay, request, found).await,
    };
    let answer = match taken {
        Ok(request) => {
            if relay.log.is_view() {
                shown.again = again(&relay, &shown, &request);
            }
            exchange::send(&relay, request).await
        }
        Err(refusal) => Err(refusal),
    };
    finish(&relay, &shown, answer)
}

fn finish(relay: &Relay, shown: &Shown, answer: Result<Response<Body>, Refusal>) -> Response<Body> {
    let (response, reason) = match answer {
        Ok(response) => (response, None),
        Err((status, detail)) => (exchange::problem(status, &detail), Some(detail)),
    };
    shown.end(relay, &response, reason.as_deref());
    response
}

/// How to send a request again, signed anew; nothing if its body is too large to be kept.
fn again(relay: &Arc<Relay>, shown: &Shown, request: &Request<Bytes>) -> Option<Again> {
    if request.body().len() > LARGEST_KEPT {
        return None;
    }
    let is_harmless =
        request.method().is_safe() || request.headers().contains_key("idempotency-key");
    let question = "It may be done a second time. Send it again?";
    let (relay, shown, request) = (Arc::clone(relay), shown.clone(), request.clone());
    let run = move || {
        let (relay, request) = (Arc::clone(&relay), request.clone());
        let mut shown = shown.anew(&relay);
        tokio::spawn(async move {
            shown.again = again(&relay, &shown, &request);
            let answer = exchange::send(&relay, request).await;
            finish(&relay, &shown, answer);
        });
    };
    Some(Again::new((!is_harmless).then_some(question), run))
}
