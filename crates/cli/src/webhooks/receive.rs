//! A delivery: verified, stored, acknowledged, and sent on.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use bytes::Bytes;
use http::request::Parts;
use http::{Request, StatusCode};
use http_body_util::{BodyExt as _, Limited};
use upvest_auth_signing::Message;
use upvest_http::Excerpt;
use upvest_inbox::Inbox;
use upvest_inbox::sqlx::Sqlite;
use upvest_webhooks::{Event, Verifier, VerifyError};

use super::target::{Targets, host};
use crate::failure::with_sources;
use crate::output;

/// The largest delivery that is read, in bytes: 2 MiB.
const LARGEST: usize = 2 * 1024 * 1024;

/// What all deliveries share.
pub(super) struct Listener {
    pub(super) verifier: Verifier,
    pub(super) inbox: Inbox<Sqlite>,
    pub(super) targets: Arc<Targets>,
    pub(super) is_quiet: bool,
}

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
            // It is acknowledged now; what becomes of it elsewhere is another matter.
            tokio::spawn(async move { listener.send_on(&head, body, events).await });
            StatusCode::OK
        }
        Err((status, reason)) => {
            output::note(&format!(
                "{} {} refused: {reason}",
                status.as_u16(),
                Excerpt::new(host(&head.headers)).limit(100)
            ));
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
                VerifyError::Keys(_) => StatusCode::SERVICE_UNAVAILABLE,
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

    /// What is stored is not worked off by anybody else: it counts as done.
    async fn finish(&self) {
        let nothing = self.inbox.worker(|_, _| Box::pin(async { Ok(()) }));
        if let Err(error) = nothing.drain().await {
            output::note(&format!("the database: {}", with_sources(&error)));
        }
    }

    async fn send_on(&self, head: &Parts, body: Bytes, events: Vec<Event>) {
        self.finish().await;
        let wanted: Vec<&Event> = events
            .iter()
            .filter(|event| self.targets.wants(event))
            .collect();
        let whole = match self.targets.of_delivery().filter(|_| !wanted.is_empty()) {
            Some(target) => Some(
                self.targets
                    .pass_on(target, &head.uri, &head.headers, body)
                    .await,
            ),
            None => None,
        };
        for event in wanted {
            let own = match self.targets.of_event(event) {
                Some(target) => Some(self.targets.send_event(target, event.raw()).await),
                None => None,
            };
            if !self.is_quiet {
                // Nobody may read it any more; it is stored all the same.
                let _ = output::line(&shown(event, own.as_ref().or(whole.as_ref())));
            }
        }
    }
}

fn shown(event: &Event, sent: Option<&String>) -> String {
    let kind = Excerpt::new(event.event_type().unwrap_or("-"))
        .limit(60)
        .to_string();
    let created = event
        .created_at()
        .map_or_else(|| "-".to_owned(), |time| time.to_rfc3339());
    let sent = sent.map_or_else(String::new, |sent| format!(" -> {sent}"));
    format!("{created}  {kind:<40}  {}{sent}", event.key())
}
