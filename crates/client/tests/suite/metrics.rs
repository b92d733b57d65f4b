//! What is counted of calls.

use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};
use upvest_client::Client;

use crate::support::{Sent, response, transport};

/// The sums and counts of what was measured.
fn measured(exporter: &InMemoryMetricExporter) -> Vec<(String, u64)> {
    let all = exporter.get_finished_metrics().unwrap();
    let metrics = all.iter().flat_map(|resource| resource.scope_metrics());
    let mut found: Vec<_> = metrics
        .flat_map(|scope| scope.metrics())
        .map(|metric| {
            let number = match metric.data() {
                AggregatedMetrics::F64(MetricData::Histogram(histogram)) => {
                    histogram.data_points().map(|point| point.count()).sum()
                }
                AggregatedMetrics::U64(MetricData::Histogram(histogram)) => {
                    histogram.data_points().map(|point| point.sum()).sum()
                }
                AggregatedMetrics::U64(MetricData::Sum(sum)) => {
                    sum.data_points().map(|point| point.value()).sum()
                }
                other => panic!("{other:?}"),
            };
            (metric.name().to_owned(), number)
        })
        .collect();
    found.sort();
    found
}

#[tokio::test(start_paused = true)]
async fn calls_attempts_and_refused_retries_are_counted() {
    let exporter = InMemoryMetricExporter::default();
    let provider = SdkMeterProvider::builder()
        .with_periodic_exporter(exporter.clone())
        .build();
    let service = transport(Sent::default(), || Ok(response(503, "")));
    let client = Client::builder("https://api.example")
        .meter(&provider.meter("test"))
        .transport(service)
        .build()
        .unwrap();
    for _ in 0..2 {
        assert!(client.retrieve_webhook_keys().await.is_err());
    }
    provider.force_flush().unwrap();
    let expected = [
        ("http.client.request.duration", 6),
        ("upvest.client.call.attempts", 6),
        ("upvest.client.call.duration", 2),
        ("upvest.client.retries.refused", 2),
    ];
    let expected = expected.map(|(name, number)| (name.to_owned(), number));
    assert_eq!(measured(&exporter), expected);
}
