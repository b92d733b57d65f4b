//! A delivery: verified, stored, and acknowledged.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use upvest_auth_signing::Message;
use upvest_http::Excerpt;
use upvest_webhooks::{DeliveryError, Event};

use super::forward::Delivery;
use super::listener::Listener;
use super::target::host;
use crate::failure::with_sources;

/// The largest delivery that is read, in bytes: 2 MiB.
const LARGEST: usize = 2 * 1024 * 1024;

/// Answers a delivery: with 200 when its events are stored.
pub(super) async fn receive(
    State(listener): State<Arc<Listener>>,
    request: Request<Body>,
) -> StatusCode {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, LARGEST).collect().await else {
        return StatusCode::PAYLOAD_TOO_LARGE;
    };
    let body = body.to_bytes();
    match listener.store(&head, &body).await {
        Ok(events) => {
            // It is acknowledged now, whatever happens to it afterwards.
            let delivery = Delivery { head, body };
            tokio::spawn(listener.send_on(delivery, events));
            StatusCode::OK
        }
        Err((status, reason)) => {
            let host = Excerpt::new(host(&head.headers)).limit(100);
            let text = format!("{} {host} refused: {reason}", status.as_u16());
            listener.log.note(text);
            status
        }
    }
}

impl Listener {
    /// The events of a delivery, stored. Those that were there before are not returned.
    async fn store(&self, head: &Parts, body: &Bytes) -> Result<Vec<Event>, (StatusCode, String)> {
        let message = Message {
            method: &head.method,
            uri: &head.uri,
            headers: &head.headers,
            body,
        };
        let delivery = self.verifier.verify(message).await.map_err(|error| {
            let status = match error {
                DeliveryError::Keys(_) => StatusCode::SERVICE_UNAVAILABLE,
                _ => StatusCode::UNAUTHORIZED,
            };
            (status, with_sources(&error))
        })?;
        let mut events = Vec::new();
        for event in &delivery.events {
            let stored = self.inbox.store(std::slice::from_ref(event)).await;
            let new =
                stored.map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, with_sources(&error)))?;
            if new > 0 {
                events.push(event.clone());
            }
        }
        self.verifier.taken(&delivery);
        Ok(events)
    }
}
