//! Metrics, through the API of OpenTelemetry. Without the feature `otel`, nothing is measured.

#[cfg(feature = "otel")]
pub(crate) use otel::Metrics;

use crate::stats::Stats;
use crate::worked::Worked;

#[cfg(not(feature = "otel"))]
#[derive(Clone)]
pub(crate) struct Metrics;

#[cfg(not(feature = "otel"))]
impl Metrics {
    pub(crate) fn global() -> Self {
        Self
    }

    pub(crate) fn stored(&self, _new: u64) {}

    pub(crate) fn worked(&self, _worked: &Worked) {}

    pub(crate) fn stats(&self, _stats: &Stats) {}
}

#[cfg(feature = "otel")]
mod otel {
    use opentelemetry::metrics::{Counter, Gauge, Meter};
    use opentelemetry::{KeyValue, global};

    use super::{Stats, Worked};

    /// The instruments of an inbox.
    #[derive(Clone)]
    pub(crate) struct Metrics {
        stored: Counter<u64>,
        worked: Counter<u64>,
        depth: Gauge<u64>,
        parked: Gauge<u64>,
        lag: Gauge<f64>,
    }

    impl Metrics {
        /// Uses the meter provider of the process.
        pub(crate) fn global() -> Self {
            Self::new(&global::meter("upvest-inbox"))
        }

        pub(crate) fn new(meter: &Meter) -> Self {
            let counter = |name, description| {
                let counter = meter.u64_counter(name).with_unit("{event}");
                counter.with_description(description).build()
            };
            let gauge = |name, description| {
                let gauge = meter.u64_gauge(name).with_unit("{event}");
                gauge.with_description(description).build()
            };
            let lag = meter.f64_gauge("upvest.inbox.lag").with_unit("s");
            Self {
                stored: counter("upvest.inbox.stored", "Events that were new."),
                worked: counter("upvest.inbox.worked", "Attempts to handle an event."),
                depth: gauge("upvest.inbox.depth", "Events that are still to be handled."),
                parked: gauge("upvest.inbox.parked", "Events that are parked."),
                lag: lag
                    .with_description("How old the oldest event is that is still to be handled.")
                    .build(),
            }
        }

        pub(crate) fn stored(&self, new: u64) {
            self.stored.add(new, &[]);
        }

        pub(crate) fn worked(&self, worked: &Worked) {
            let Worked {
                done,
                failed,
                parked,
            } = *worked;
            for (outcome, count) in [("done", done), ("failed", failed), ("parked", parked)] {
                if count > 0 {
                    let outcome = KeyValue::new("upvest.inbox.outcome", outcome);
                    self.worked.add(count, &[outcome]);
                }
            }
        }

        pub(crate) fn stats(&self, stats: &Stats) {
            self.depth.record(stats.depth, &[]);
            self.parked.record(stats.parked, &[]);
            self.lag.record(stats.lag.as_secs_f64(), &[]);
        }
    }
}
