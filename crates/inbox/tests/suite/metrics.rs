//! What the API of OpenTelemetry gets.

use std::time::Duration;

use opentelemetry_sdk::metrics::data::{AggregatedMetrics, Metric, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use upvest_inbox::HandlerError;

use crate::database::{Database, Fixture, on_each_database};
use crate::events::{event, number};

on_each_database!(what_is_stored_and_worked_off_is_counted);

/// Each point of a metric in a line: its name, unit, attributes and value.
fn lines(metric: &Metric) -> Vec<String> {
    let (name, unit) = (metric.name(), metric.unit());
    let line = |attributes: Vec<String>, value: String| {
        format!("{name} {unit} {} {value}", attributes.join(" "))
    };
    macro_rules! lines {
        ($points:expr) => {
            $points
                .map(|point| {
                    let attributes = point.attributes();
                    let attributes = attributes.map(|one| format!("{}={}", one.key, one.value));
                    line(attributes.collect(), point.value().to_string())
                })
                .collect()
        };
    }
    match metric.data() {
        AggregatedMetrics::U64(MetricData::Sum(sum)) => lines!(sum.data_points()),
        AggregatedMetrics::U64(MetricData::Gauge(gauge)) => lines!(gauge.data_points()),
        AggregatedMetrics::F64(MetricData::Gauge(gauge)) => lines!(gauge.data_points()),
        _ => panic!("{name} is neither a counter nor a gauge"),
    }
}

async fn what_is_stored_and_worked_off_is_counted<DB: Database>(fixture: Fixture<DB>) {
    use opentelemetry::metrics::MeterProvider as _;

    let exporter = InMemoryMetricExporter::default();
    let reader = PeriodicReader::builder(exporter.clone()).build();
    let provider = SdkMeterProvider::builder().with_reader(reader).build();
    let inbox = fixture.inbox.clone().meter(&provider.meter("test"));

    inbox
        .store(&[event(1, 1), event(2, 2), event(3, 3)])
        .await
        .unwrap();
    inbox.store(&[event(1, 1), event(4, 4)]).await.unwrap();
    let worker = inbox.worker(|event, _| {
        let outcome = match number(event) {
            1 if event.attempt == 1 => Err(HandlerError::retryable("later")),
            2 => Err(HandlerError::permanent("never")),
            _ => Ok(()),
        };
        Box::pin(async { outcome })
    });
    worker.pauses(|_| Duration::ZERO).drain().await.unwrap();
    inbox.store(&[event(5, 5)]).await.unwrap();
    let stats = inbox.stats().await.unwrap();
    assert!(stats.lag > Duration::ZERO);

    provider.force_flush().unwrap();
    let finished = exporter.get_finished_metrics().unwrap();
    let scopes = finished.iter().flat_map(|metrics| metrics.scope_metrics());
    let mut told: Vec<String> = scopes
        .flat_map(|scope| scope.metrics())
        .flat_map(lines)
        .collect();
    told.sort();
    let lag = format!("upvest.inbox.lag s  {}", stats.lag.as_secs_f64());
    let expected = [
        "upvest.inbox.depth {event}  1",
        &*lag,
        "upvest.inbox.parked {event}  1",
        "upvest.inbox.stored {event}  5",
        "upvest.inbox.worked {event} upvest.inbox.outcome=done 3",
        "upvest.inbox.worked {event} upvest.inbox.outcome=failed 1",
        "upvest.inbox.worked {event} upvest.inbox.outcome=parked 1",
    ];
    assert_eq!(told, expected);
}
