//! What is counted of calls.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};
use upvest_client::{CallOptions, Client, ClientBuilder, Service};

use crate::support::{Sent, hanging, response, transport};

/// The attributes that say how something ended.
const ENDS: [&str; 3] = [
    "error.type",
    "http.response.status_code",
    "upvest.retry.refusal",
];

/// A client, and what is measured of its calls.
pub(crate) struct Measured {
    pub(crate) client: Client,
    provider: SdkMeterProvider,
    exporter: InMemoryMetricExporter,
}

impl Measured {
    fn new(service: Service) -> Self {
        Self::of(Client::builder("https://api.example").transport(service))
    }

    pub(crate) fn of(builder: ClientBuilder) -> Self {
        let exporter = InMemoryMetricExporter::default();
        let provider = SdkMeterProvider::builder()
            .with_periodic_exporter(exporter.clone())
            .build();
        let client = builder.meter(&provider.meter("test")).build().unwrap();
        Self {
            client,
            provider,
            exporter,
        }
    }

    /// A line for each instrument and end: how often durations were measured, and the sum of the rest.
    pub(crate) fn lines(self) -> Vec<String> {
        self.provider.force_flush().unwrap();
        let all = self.exporter.get_finished_metrics().unwrap();
        let scopes = all.iter().flat_map(|resource| resource.scope_metrics());
        let mut lines: Vec<_> = scopes
            .flat_map(|scope| scope.metrics())
            .flat_map(lines)
            .collect();
        lines.sort();
        lines
    }
}

fn lines(metric: &Metric) -> Vec<String> {
    match metric.data() {
        AggregatedMetrics::F64(MetricData::Histogram(histogram)) => histogram
            .data_points()
            .map(|point| line(metric, point.attributes(), point.count()))
            .collect(),
        AggregatedMetrics::U64(MetricData::Histogram(histogram)) => histogram
            .data_points()
            .map(|point| line(metric, point.attributes(), point.sum()))
            .collect(),
        AggregatedMetrics::U64(MetricData::Sum(sum)) => sum
            .data_points()
            .map(|point| line(metric, point.attributes(), point.value()))
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn line<'a>(
    metric: &Metric,
    attributes: impl Iterator<Item = &'a KeyValue>,
    number: u64,
) -> String {
    let mut ends: Vec<_> = attributes
        .filter(|pair| ENDS.contains(&pair.key.as_str()))
        .map(|pair| format!(" {}={}", pair.key, pair.value))
        .collect();
    ends.sort();
    format!("{}{} {number}", metric.name(), ends.concat())
}

#[tokio::test(start_paused = true)]
async fn calls_attempts_and_refused_retries_are_counted() {
    let measured = Measured::new(transport(Sent::default(), || Ok(response(503, ""))));
    for _ in 0..2 {
        assert!(measured.client.retrieve_webhook_keys().await.is_err());
    }
    let expected = [
        "http.client.request.duration error.type=503 http.response.status_code=503 6",
        "upvest.client.call.attempts error.type=503 6",
        "upvest.client.call.duration error.type=503 2",
        "upvest.client.retries.refused upvest.retry.refusal=attempts 2",
    ];
    assert_eq!(measured.lines(), expected);
}

#[tokio::test]
async fn a_call_that_is_dropped_is_counted_as_cancelled() {
    let measured = Measured::new(hanging());
    let mut call = Box::pin(measured.client.retrieve_webhook_keys().send());
    assert!(futures_util::poll!(&mut call).is_pending());
    drop(call);
    let expected = [
        "http.client.request.duration error.type=cancelled 1",
        "upvest.client.call.attempts error.type=cancelled 1",
        "upvest.client.call.duration error.type=cancelled 1",
    ];
    assert_eq!(measured.lines(), expected);
}

#[tokio::test(start_paused = true)]
async fn requests_without_an_answer_in_time_are_counted_as_that() {
    let measured = Measured::new(hanging());
    let call = measured.client.retrieve_webhook_keys();
    let call = call.attempt_timeout(Duration::from_secs(1));
    let call = call.timeout(Duration::from_millis(1500));
    assert!(call.await.unwrap_err().is_timeout());
    let expected = [
        "http.client.request.duration error.type=timeout 2",
        "upvest.client.call.attempts error.type=timeout 2",
        "upvest.client.call.duration error.type=timeout 1",
    ];
    assert_eq!(measured.lines(), expected);
}

/// The default bounds of the SDK begin with 0, 5 and 10: in seconds, nearly every
/// request would be in the same bucket.
#[tokio::test]
async fn durations_are_distinguished_in_milliseconds() {
    let measured = Measured::new(transport(Sent::default(), || Ok(response(404, ""))));
    assert!(measured.client.retrieve_webhook_keys().await.is_err());
    measured.provider.force_flush().unwrap();
    let mut seen = 0;
    for resource in measured.exporter.get_finished_metrics().unwrap() {
        for metric in resource.scope_metrics().flat_map(|scope| scope.metrics()) {
            let AggregatedMetrics::F64(MetricData::Histogram(histogram)) = metric.data() else {
                continue;
            };
            seen += 1;
            let bounds: Vec<f64> = histogram
                .data_points()
                .flat_map(|point| point.bounds())
                .collect();
            assert!(bounds.starts_with(&[0.005, 0.01, 0.025]), "{bounds:?}");
        }
    }
    assert_eq!(seen, 2);
}
