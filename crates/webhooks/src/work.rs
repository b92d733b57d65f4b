//! From a verified delivery to events that are taken.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt;
use tower::BoxError;
use tracing::Instrument;

use crate::attempts::Attempt;
use crate::handler::Class;
use crate::telemetry::{EventSpan, Outcome};
use crate::{Delivery, Event, Handler, HandlerError, Inbox, Receiver, Refusal, Report};

/// Something took longer than it may.
#[derive(Debug, thiserror::Error)]
#[error("not done within {} s", .0.as_secs_f64())]
struct NotDone(Duration);

/// The handler panicked.
#[derive(Debug, thiserror::Error)]
#[error("the handler panicked")]
struct Panicked;

async fn within<T>(limit: Duration, future: impl Future<Output = T>) -> Result<T, NotDone> {
    let outcome = tokio::time::timeout(limit, future).await;
    outcome.map_err(|_| NotDone(limit))
}

impl<H: Handler, I: Inbox> Receiver<H, I> {
    /// Passes on the events of a delivery, and returns how many there were.
    pub(crate) async fn hand_out(&self, delivery: &Delivery) -> Result<usize, Refusal> {
        for event in &delivery.events {
            let metrics = self.settings.metrics.clone();
            let span = EventSpan::new(event, self.verifier.now(), metrics);
            let outcome = self.take(event, &span).instrument(span.span()).await;
            span.done(&outcome);
            outcome?;
        }
        self.verifier.taken(delivery);
        Ok(delivery.events.len())
    }

    async fn take(&self, event: &Event, span: &EventSpan) -> Result<Outcome, Refusal> {
        let key = event.key();
        let _guard = self.in_progress.enter(key).await;
        if self.ask(self.inbox.seen(key)).await? {
            self.attempts.end(key);
            self.tell(Report::Repeated(event));
            return Ok(Outcome::Repeated);
        }
        let attempt = self.attempts.start(key, self.verifier.now());
        span.attempt(attempt.number);
        let event = event.clone().with_attempt(attempt.number);
        let outcome = match self.handle(event.clone()).await {
            Ok(()) => Outcome::Handled,
            Err(error) => self.fail(&event, attempt, error).await?,
        };
        self.ask(self.inbox.record(key)).await?;
        self.attempts.end(key);
        Ok(outcome)
    }

    /// A panic and a handler that is not done in time are errors like any other.
    async fn handle(&self, event: Event) -> Result<(), HandlerError> {
        let handled = AssertUnwindSafe(async { self.handler.handle(event).await }).catch_unwind();
        match within(self.settings.timeout, handled).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Panicked.into()),
            Err(not_done) => Err(not_done.into()),
        }
    }

    /// What happens to an event that was not taken. Returns an outcome if it is done nevertheless.
    async fn fail(
        &self,
        event: &Event,
        attempt: Attempt,
        error: HandlerError,
    ) -> Result<Outcome, Refusal> {
        let key = event.key();
        let is_last = attempt.number >= self.settings.max_attempts;
        let is_given_up = match error.class() {
            Class::Permanent => true,
            Class::Unclassified => is_last,
            Class::Retryable => false,
        };
        let refusal = match &self.settings.park {
            Some(park) if is_given_up => {
                let parked = within(self.settings.timeout, park(event.clone(), error.line()));
                match parked.await.map_err(BoxError::from).flatten() {
                    Ok(()) => {
                        self.tell(Report::Parked(event, &error));
                        return Ok(Outcome::Parked);
                    }
                    Err(source) => Some(Refusal::Park { key, source }),
                }
            }
            _ if error.class() == Class::Permanent => {
                self.tell(Report::Failed(event, &error));
                return Ok(Outcome::Dropped);
            }
            _ => None,
        };
        if is_last {
            let since = attempt.since;
            self.tell(Report::Blocked {
                event,
                since,
                error: &error,
            });
        }
        Err(refusal.unwrap_or_else(|| Refusal::Handler {
            key,
            source: error.into_inner(),
        }))
    }

    async fn ask<T>(
        &self,
        answer: impl Future<Output = Result<T, I::Error>>,
    ) -> Result<T, Refusal> {
        match within(self.settings.timeout, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(Refusal::Inbox(error.into())),
            Err(not_done) => Err(Refusal::Inbox(not_done.into())),
        }
    }
}
