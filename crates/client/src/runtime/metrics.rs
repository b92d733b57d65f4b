//! Metrics of calls, through the API of OpenTelemetry.

use std::time::Duration;

use http::StatusCode;

use super::OperationInfo;

/// One request and its result.
#[cfg_attr(not(feature = "otel"), allow(dead_code))] // It is read by what counts.
pub(super) struct Exchange<'a> {
    pub(super) operation: Option<&'static OperationInfo>,
    pub(super) method: &'a str,
    pub(super) address: &'a str,
    pub(super) port: i64,
    pub(super) status: Option<StatusCode>,
    pub(super) error: Option<&'a str>,
    pub(super) duration: Duration,
}

/// The bounds of durations in seconds, as the conventions advise for HTTP. Those of the SDK are for
/// milliseconds: nearly every request would be in the first bucket.
#[cfg(feature = "otel")]
const REQUESTS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// The same for calls, which may take longer with retries and waits.
#[cfg(feature = "otel")]
const CALLS: [f64; 17] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 20.0, 30.0,
    60.0,
];

/// The bounds of numbers of attempts.
#[cfg(feature = "otel")]
const ATTEMPTS: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 10.0];

/// The instruments of one client.
#[cfg(feature = "otel")]
#[derive(Clone)]
pub(super) struct Metrics {
    calls: opentelemetry::metrics::Histogram<f64>,
    attempts: opentelemetry::metrics::Histogram<u64>,
    requests: opentelemetry::metrics::Histogram<f64>,
    refused: opentelemetry::metrics::Counter<u64>,
}

#[cfg(feature = "otel")]
impl Metrics {
    pub(super) fn new(meter: &opentelemetry::metrics::Meter) -> Self {
        Self {
            calls: meter
                .f64_histogram("upvest.client.call.duration")
                .with_unit("s")
                .with_description("How long calls took, with tokens, retries and waits.")
                .with_boundaries(CALLS.to_vec())
                .build(),
            attempts: meter
                .u64_histogram("upvest.client.call.attempts")
                .with_unit("{attempt}")
                .with_description("How many attempts calls took.")
                .with_boundaries(ATTEMPTS.to_vec())
                .build(),
            requests: meter
                .f64_histogram("http.client.request.duration")
                .with_unit("s")
                .with_description("How long requests took until the head of the response arrived.")
                .with_boundaries(REQUESTS.to_vec())
                .build(),
            refused: meter
                .u64_counter("upvest.client.retries.refused")
                .with_unit("{retry}")
                .with_description(
                    "How often a call was not sent again, although its failure may be temporary.",
                )
                .build(),
        }
    }

    pub(super) fn call(
        &self,
        operation: &'static OperationInfo,
        attempts: u32,
        error: Option<&str>,
        duration: Duration,
    ) {
        let mut attributes = vec![opentelemetry::KeyValue::new(
            "upvest.operation",
            operation.id,
        )];
        attributes.extend(error.map(error_type));
        self.calls.record(duration.as_secs_f64(), &attributes);
        self.attempts.record(attempts.into(), &attributes);
    }

    pub(super) fn request(&self, exchange: &Exchange<'_>) {
        use opentelemetry::KeyValue;
        let mut attributes = vec![
            KeyValue::new("http.request.method", exchange.method.to_owned()),
            KeyValue::new("server.address", exchange.address.to_owned()),
            KeyValue::new("server.port", exchange.port),
        ];
        let status = exchange.status.map(|status| i64::from(status.as_u16()));
        attributes.extend(status.map(|status| KeyValue::new("http.response.status_code", status)));
        attributes.extend(exchange.error.map(error_type));
        if let Some(operation) = exchange.operation {
            attributes.push(KeyValue::new("url.template", operation.path));
        }
        self.requests
            .record(exchange.duration.as_secs_f64(), &attributes);
    }

    pub(super) fn retry_refused(&self, reason: &'static str) {
        let reason = opentelemetry::KeyValue::new("upvest.retry.refusal", reason);
        self.refused.add(1, &[reason]);
    }
}

#[cfg(feature = "otel")]
fn error_type(class: &str) -> opentelemetry::KeyValue {
    opentelemetry::KeyValue::new("error.type", class.to_owned())
}

/// Nothing is measured.
#[cfg(not(feature = "otel"))]
#[derive(Clone)]
pub(super) struct Metrics;

#[cfg(not(feature = "otel"))]
impl Metrics {
    pub(super) fn call(&self, _: &'static OperationInfo, _: u32, _: Option<&str>, _: Duration) {}

    pub(super) fn request(&self, _: &Exchange<'_>) {}

    pub(super) fn retry_refused(&self, _: &'static str) {}
}
