//! Spans and metrics, in a separate program: whether a span is wanted is settled once for all
//! threads.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::io;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use opentelemetry::metrics::{Meter, MeterProvider};
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, PeriodicReader, SdkMeterProvider};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Metadata, Subscriber};
use upvest_webhooks::models::Uuid;
use upvest_webhooks::testing::TestSender;
use upvest_webhooks::{
    DeliveryVerifier, Event, Handler, HandlerError, Inbox, KeyFuture, KeySource, Receiver,
};

/// Spans that are closed, with their fields.
#[derive(Clone, Default)]
struct Spans(Arc<Mutex<Vec<Recorded>>>);

#[derive(Clone, Default)]
struct Recorded {
    name: &'static str,
    fields: BTreeMap<&'static str, String>,
}

impl Subscriber for Spans {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("upvest_webhooks")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let mut spans = self.0.lock().unwrap();
        let mut recorded = Recorded {
            name: span.metadata().name(),
            ..Recorded::default()
        };
        span.record(&mut recorded);
        spans.push(recorded);
        Id::from_u64(spans.len() as u64)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let index = usize::try_from(id.into_u64()).unwrap() - 1;
        values.record(&mut self.0.lock().unwrap()[index]);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn event(&self, _: &tracing::Event<'_>) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

/// Types as an exporter of OpenTelemetry knows them; all others would become text.
impl Visit for Recorded {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.fields.insert(field.name(), format!("{value:?} f64"));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.fields.insert(field.name(), format!("{value} i64"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.insert(field.name(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.fields.insert(field.name(), format!("{value:?}"));
    }
}

impl Spans {
    fn take(&self) -> String {
        let spans = std::mem::take(&mut *self.0.lock().unwrap());
        let told = spans.iter().map(|span| {
            let fields = span.fields.iter();
            let fields = fields.filter(|(name, _)| !name.starts_with("messaging.operation"));
            let fields: Vec<_> = fields
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            format!("{} {}", span.name, fields.join(" "))
        });
        told.collect::<Vec<_>>().join("\n")
    }
}

/// What is measured by a meter.
struct Measured {
    exporter: InMemoryMetricExporter,
    provider: SdkMeterProvider,
}

impl Measured {
    fn new() -> Self {
        let exporter = InMemoryMetricExporter::default();
        let reader = PeriodicReader::builder(exporter.clone()).build();
        let provider = SdkMeterProvider::builder().with_reader(reader).build();
        Self { exporter, provider }
    }

    fn meter(&self) -> Meter {
        self.provider.meter("test")
    }

    /// Name, unit, attributes and count of each point of the histograms.
    fn lines(&self) -> String {
        self.provider.force_flush().unwrap();
        let mut lines = Vec::new();
        for metrics in self.exporter.get_finished_metrics().unwrap() {
            for metric in metrics.scope_metrics().flat_map(|scope| scope.metrics()) {
                let AggregatedMetrics::F64(MetricData::Histogram(histogram)) = metric.data() else {
                    panic!("{} is not a histogram", metric.name());
                };
                for point in histogram.data_points() {
                    let mut attributes: Vec<String> = point
                        .attributes()
                        .map(|one| format!("{}={}", one.key, one.value))
                        .collect();
                    attributes.sort();
                    let (name, unit, count) = (metric.name(), metric.unit(), point.count());
                    lines.push(format!("{name} {unit} {} {count}", attributes.join(" ")));
                }
            }
        }
        lines.sort();
        lines.join("\n")
    }
}

fn event(number: u64) -> Event {
    Event::from_json(&format!(
        r#"{{"id":"00000000-0000-4000-8000-{number:012x}","created_at":"2023-11-14T22:13:00.5Z","type":"MOON.FULL"}}"#
    ))
}

fn now() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000)
}

fn sender() -> TestSender {
    TestSender::new().clock(now)
}

/// The second event fails.
fn receiver(sender: &TestSender) -> Receiver<impl Handler + use<>> {
    Receiver::new(sender.verifier().clock(now), |event: Event| async move {
        if event.id() == self::event(2).id() {
            return Err(HandlerError::from(io::Error::other("no")));
        }
        Ok(())
    })
}

#[tokio::test(start_paused = true)]
async fn each_delivery_and_each_event_has_a_span() {
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(spans.clone());
    let sender = sender();
    let receiver = receiver(&sender);
    let send = async |events: &[Event]| {
        let delivery = sender.delivery("https://example.com/hooks", events);
        receiver.receive(&delivery).await
    };
    assert_eq!(send(&[event(1)]).await, 200);
    insta::assert_snapshot!(spans.take(), @r"
    webhook.delivery http.response.status_code=200 i64 messaging.batch.message_count=1 i64 messaging.system=upvest otel.kind=consumer upvest.webhook.duration=0.0 f64 upvest.webhook.outcome=taken
    webhook.event messaging.message.id=00000000-0000-4000-8000-000000000001 messaging.system=upvest otel.kind=consumer upvest.webhook.duration=0.0 f64 upvest.webhook.event.age=19.5 f64 upvest.webhook.event.attempt=1 i64 upvest.webhook.event.type=MOON.FULL upvest.webhook.outcome=handled
    ");
    assert_eq!(send(&[event(1), event(2)]).await, 503);
    insta::assert_snapshot!(spans.take(), @r"
    webhook.delivery error.type=handler http.response.status_code=503 i64 messaging.system=upvest otel.kind=consumer upvest.webhook.duration=0.0 f64 upvest.webhook.outcome=refused
    webhook.event messaging.message.id=00000000-0000-4000-8000-000000000001 messaging.system=upvest otel.kind=consumer upvest.webhook.duration=0.0 f64 upvest.webhook.event.age=19.5 f64 upvest.webhook.event.type=MOON.FULL upvest.webhook.outcome=repeated
    webhook.event error.type=handler messaging.message.id=00000000-0000-4000-8000-000000000002 messaging.system=upvest otel.kind=consumer upvest.webhook.duration=0.0 f64 upvest.webhook.event.age=19.5 f64 upvest.webhook.event.attempt=1 i64 upvest.webhook.event.type=MOON.FULL upvest.webhook.outcome=failed
    ");

    // A caller who hangs up before the delivery is verified.
    let keys = upvest_webhooks::FetchedKeys::new(std::future::pending);
    let verifier = DeliveryVerifier::new(keys).clock(now);
    let waiting = Receiver::new(verifier, |_: Event| std::future::ready(Ok(())));
    let delivery = sender.delivery("https://example.com/hooks", &[event(3)]);
    let answer = waiting.receive(&delivery);
    assert!(
        tokio::time::timeout(Duration::from_secs(1), answer)
            .await
            .is_err()
    );
    insta::assert_snapshot!(spans.take(), @"webhook.delivery error.type=cancelled messaging.system=upvest otel.kind=consumer upvest.webhook.duration=1.0 f64 upvest.webhook.outcome=cancelled");
}

#[tokio::test]
async fn deliveries_and_events_are_measured() {
    // Whoever creates a span first settles for all threads whether it is wanted.
    let _guard = tracing::subscriber::set_default(Spans::default());
    let measured = Measured::new();
    let sender = sender();
    let receiver = receiver(&sender).meter(&measured.meter());
    for numbers in [&[1][..], &[1, 2], &[2], &[3]] {
        let events: Vec<Event> = numbers.iter().map(|number| event(*number)).collect();
        let delivery = sender.delivery("https://example.com/hooks", &events);
        receiver.receive(&delivery).await;
    }
    insta::assert_snapshot!(measured.lines(), @r"
    messaging.process.duration s error.type=handler messaging.operation.name=process messaging.system=upvest upvest.webhook.event.type=MOON.FULL upvest.webhook.outcome=failed 2
    messaging.process.duration s messaging.operation.name=process messaging.system=upvest upvest.webhook.event.type=MOON.FULL upvest.webhook.outcome=handled 2
    messaging.process.duration s messaging.operation.name=process messaging.system=upvest upvest.webhook.event.type=MOON.FULL upvest.webhook.outcome=repeated 1
    upvest.webhook.delivery.duration s error.type=handler http.response.status_code=503 upvest.webhook.outcome=refused 2
    upvest.webhook.delivery.duration s http.response.status_code=200 upvest.webhook.outcome=taken 2
    upvest.webhook.event.age s upvest.webhook.event.type=MOON.FULL upvest.webhook.outcome=failed 2
    upvest.webhook.event.age s upvest.webhook.event.type=MOON.FULL upvest.webhook.outcome=handled 2
    upvest.webhook.event.age s upvest.webhook.event.type=MOON.FULL upvest.webhook.outcome=repeated 1
    ");
}

/// An inbox that panics.
struct Broken;

impl Inbox for Broken {
    type Error = Infallible;

    async fn seen(&self, _: Uuid) -> Result<bool, Infallible> {
        panic!("on purpose")
    }

    async fn record(&self, _: Uuid) -> Result<(), Infallible> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn what_ends_in_a_panic_is_seen_as_that_and_counted() {
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(spans.clone());
    let sender = sender();
    let measured = Measured::new();
    let receiver = receiver(&sender).inbox(Broken).meter(&measured.meter());
    let delivery = sender.delivery("https://example.com/hooks", &[event(1)]);
    assert_eq!(receiver.receive(&delivery).await, 503);
    insta::assert_snapshot!(spans.take(), @r"
    webhook.delivery error.type=panic http.response.status_code=503 i64 messaging.system=upvest otel.kind=consumer upvest.webhook.duration=0.0 f64 upvest.webhook.outcome=panic
    webhook.event error.type=panic messaging.message.id=00000000-0000-4000-8000-000000000001 messaging.system=upvest otel.kind=consumer upvest.webhook.duration=0.0 f64 upvest.webhook.event.age=19.5 f64 upvest.webhook.event.type=MOON.FULL upvest.webhook.outcome=panic
    ");
    insta::assert_snapshot!(measured.lines(), @r"
    messaging.process.duration s error.type=panic messaging.operation.name=process messaging.system=upvest upvest.webhook.event.type=MOON.FULL upvest.webhook.outcome=panic 1
    upvest.webhook.delivery.duration s error.type=panic http.response.status_code=503 upvest.webhook.outcome=panic 1
    upvest.webhook.event.age s upvest.webhook.event.type=MOON.FULL upvest.webhook.outcome=panic 1
    ");
}

/// Keys whose source panics.
struct BrokenKeys;

impl KeySource for BrokenKeys {
    fn key<'a>(&'a self, _: &'a str) -> KeyFuture<'a> {
        panic!("on purpose")
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_before_the_delivery_is_verified_is_not_a_cancellation() {
    let spans = Spans::default();
    let _guard = tracing::subscriber::set_default(spans.clone());
    let verifier = DeliveryVerifier::new(BrokenKeys).clock(now);
    let receiver = Receiver::new(verifier, |_: Event| std::future::ready(Ok(())));
    let delivery = sender().delivery("https://example.com/hooks", &[event(1)]);
    let answer = AssertUnwindSafe(receiver.receive(&delivery)).catch_unwind();
    assert!(answer.await.is_err(), "it is the caller's to answer");
    insta::assert_snapshot!(spans.take(), @"webhook.delivery error.type=panic messaging.system=upvest otel.kind=consumer upvest.webhook.duration=0.0 f64 upvest.webhook.outcome=panic");
}
