//! What a receiver shows of its work: a span for each delivery and each event, and metrics with the
//! feature `otel`. The chapter "Observability" of the book has the names in a table.

use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use tracing::{Span, field};
use upvest_auth_signing::Excerpt;

use crate::metrics::Metrics;
use crate::refusal::PANIC;
use crate::{Event, Refusal};

/// What became of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Handled,
    Repeated,
    /// Refused for good, without a place to park it.
    Dropped,
    Parked,
    /// It comes again.
    Failed,
    /// The inbox, the place to park it or the observer panicked. It comes again.
    Panicked,
}

impl Outcome {
    fn name(self) -> &'static str {
        match self {
            Self::Handled => "handled",
            Self::Repeated => "repeated",
            Self::Dropped => "dropped",
            Self::Parked => "parked",
            Self::Failed => "failed",
            Self::Panicked => PANIC,
        }
    }
}

/// The outcome, and the `error.type`, of work that is dropped before its end.
const CANCELLED: &str = "cancelled";

/// A delivery that is being received. One that is dropped before it was answered ended in a panic, if
/// there is one, or was cancelled.
pub(crate) struct DeliverySpan {
    span: Span,
    start: Instant,
    metrics: Metrics,
    is_answered: bool,
}

impl DeliverySpan {
    pub(crate) fn new(metrics: Metrics) -> Self {
        Self {
            span: tracing::info_span!(
                "webhook.delivery",
                otel.kind = "consumer",
                messaging.system = "upvest",
                messaging.operation.name = "receive",
                messaging.operation.type = "receive",
                messaging.batch.message_count = field::Empty,
                http.response.status_code = field::Empty,
                error.type = field::Empty,
                upvest.webhook.outcome = field::Empty,
                upvest.webhook.duration = field::Empty,
            ),
            start: Instant::now(),
            metrics,
            is_answered: false,
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    pub(crate) fn answered(mut self, outcome: &Result<usize, Refusal>) {
        self.is_answered = true;
        match outcome {
            Ok(count) => {
                let count = i64::try_from(*count).unwrap_or(i64::MAX);
                self.span.record("messaging.batch.message_count", count);
                self.end("taken", Some(200), None);
            }
            Err(refusal) => {
                let outcome = match refusal {
                    Refusal::Panicked => PANIC,
                    _ => "refused",
                };
                let status = i64::from(refusal.status().as_u16());
                self.end(outcome, Some(status), Some(refusal.error_type()));
            }
        }
    }

    fn end(&self, outcome: &'static str, status: Option<i64>, error_type: Option<&'static str>) {
        let seconds = self.start.elapsed().as_secs_f64();
        self.span.record("upvest.webhook.outcome", outcome);
        self.span.record("upvest.webhook.duration", seconds);
        if let Some(status) = status {
            self.span.record("http.response.status_code", status);
        }
        if let Some(error_type) = error_type {
            self.span.record("error.type", error_type);
        }
        self.metrics.delivery(seconds, outcome, status, error_type);
    }
}

impl Drop for DeliverySpan {
    fn drop(&mut self) {
        if !self.is_answered {
            let outcome = match std::thread::panicking() {
                true => PANIC,
                false => CANCELLED,
            };
            self.end(outcome, None, Some(outcome));
        }
    }
}

/// An event that is being handled. One that is dropped before its end ended in a panic, if there is
/// one, or has failed and counts as cancelled.
pub(crate) struct EventSpan {
    span: Span,
    start: Instant,
    metrics: Metrics,
    event_type: String,
    age: Option<f64>,
    is_done: bool,
}

impl EventSpan {
    pub(crate) fn new(event: &Event, now: SystemTime, metrics: Metrics) -> Self {
        let event_type = Excerpt::new(event.event_type().unwrap_or("malformed")).to_string();
        let span = tracing::info_span!(
            "webhook.event",
            otel.kind = "consumer",
            messaging.system = "upvest",
            messaging.operation.name = "process",
            messaging.operation.type = "process",
            messaging.message.id = %event.key(),
            error.type = field::Empty,
            upvest.webhook.event.type = event_type,
            upvest.webhook.event.attempt = field::Empty,
            upvest.webhook.event.age = field::Empty,
            upvest.webhook.outcome = field::Empty,
            upvest.webhook.duration = field::Empty,
        );
        let age = age(event, now);
        if let Some(age) = age {
            span.record("upvest.webhook.event.age", age);
        }
        Self {
            span,
            start: Instant::now(),
            metrics,
            event_type,
            age,
            is_done: false,
        }
    }

    pub(crate) fn span(&self) -> Span {
        self.span.clone()
    }

    pub(crate) fn attempt(&self, number: u32) {
        let number = i64::from(number);
        self.span.record("upvest.webhook.event.attempt", number);
    }

    pub(crate) fn done(mut self, outcome: &Result<Outcome, Refusal>) {
        self.is_done = true;
        match outcome {
            Ok(outcome) => self.end(*outcome, None),
            Err(refusal) => self.end(Outcome::Failed, Some(refusal.error_type())),
        }
    }

    fn end(&self, outcome: Outcome, error_type: Option<&'static str>) {
        let seconds = self.start.elapsed().as_secs_f64();
        let outcome = outcome.name();
        self.span.record("upvest.webhook.outcome", outcome);
        self.span.record("upvest.webhook.duration", seconds);
        if let Some(error_type) = error_type {
            self.span.record("error.type", error_type);
        }
        let event_type = self.event_type.clone();
        self.metrics
            .event(seconds, self.age, event_type, outcome, error_type);
    }
}

impl Drop for EventSpan {
    fn drop(&mut self) {
        if !self.is_done {
            match std::thread::panicking() {
                true => self.end(Outcome::Panicked, Some(PANIC)),
                false => self.end(Outcome::Failed, Some(CANCELLED)),
            }
        }
    }
}

/// The seconds since an event was created.
fn age(event: &Event, now: SystemTime) -> Option<f64> {
    let created = event.created_at()?.timestamp_micros() as f64 / 1e6;
    let now = now.duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    Some(now - created)
}
