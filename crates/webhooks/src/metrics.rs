//! Metrics, through the API of OpenTelemetry. Without the feature `otel`, nothing is measured.

#[cfg(feature = "otel")]
pub(crate) use otel::Metrics;

#[cfg(not(feature = "otel"))]
#[derive(Clone)]
pub(crate) struct Metrics;

#[cfg(not(feature = "otel"))]
impl Metrics {
    pub(crate) fn global() -> Self {
        Self
    }

    pub(crate) fn delivery(
        &self,
        _: f64,
        _: &'static str,
        _: Option<i64>,
        _: Option<&'static str>,
    ) {
    }

    pub(crate) fn event(
        &self,
        _: f64,
        _: Option<f64>,
        _: String,
        _: &'static str,
        _: Option<&'static str>,
    ) {
    }
}

#[cfg(feature = "otel")]
mod otel {
    use opentelemetry::metrics::{Histogram, Meter};
    use opentelemetry::{KeyValue, global};

    /// The instruments of a receiver.
    #[derive(Clone)]
    pub(crate) struct Metrics {
        deliveries: Histogram<f64>,
        events: Histogram<f64>,
        age: Histogram<f64>,
    }

    /// Bounds of durations, as the conventions have them for HTTP and messaging.
    const DURATIONS: [f64; 14] = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ];

    /// Bounds of ages: from a second to a day.
    const AGES: [f64; 12] = [
        1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 3600.0, 21600.0, 86400.0,
    ];

    impl Metrics {
        /// Uses the meter provider of the process.
        pub(crate) fn global() -> Self {
            Self::new(&global::meter("upvest-webhooks"))
        }

        pub(crate) fn new(meter: &Meter) -> Self {
            let seconds = |name, description, bounds: &[f64]| {
                let histogram = meter.f64_histogram(name).with_unit("s");
                let histogram = histogram.with_description(description);
                histogram.with_boundaries(bounds.to_vec()).build()
            };
            Self {
                deliveries: seconds(
                    "upvest.webhook.delivery.duration",
                    "How long it took to answer a delivery.",
                    &DURATIONS,
                ),
                events: seconds(
                    "messaging.process.duration",
                    "How long it took to handle an event.",
                    &DURATIONS,
                ),
                age: seconds(
                    "upvest.webhook.event.age",
                    "How old an event was when it was passed to the handler.",
                    &AGES,
                ),
            }
        }

        pub(crate) fn delivery(
            &self,
            seconds: f64,
            outcome: &'static str,
            status: Option<i64>,
            error_type: Option<&'static str>,
        ) {
            let mut attributes = vec![KeyValue::new("upvest.webhook.outcome", outcome)];
            attributes.extend(status.map(|it| KeyValue::new("http.response.status_code", it)));
            attributes.extend(error_type.map(|it| KeyValue::new("error.type", it)));
            self.deliveries.record(seconds, &attributes);
        }

        pub(crate) fn event(
            &self,
            seconds: f64,
            age: Option<f64>,
            event_type: String,
            outcome: &'static str,
            error_type: Option<&'static str>,
        ) {
            let mut attributes = vec![
                KeyValue::new("messaging.system", "upvest"),
                KeyValue::new("messaging.operation.name", "process"),
                KeyValue::new("upvest.webhook.event.type", event_type),
                KeyValue::new("upvest.webhook.outcome", outcome),
            ];
            attributes.extend(error_type.map(|it| KeyValue::new("error.type", it)));
            self.events.record(seconds, &attributes);
            if let Some(age) = age {
                self.age.record(age, &attributes[2..4]);
            }
        }
    }
}
