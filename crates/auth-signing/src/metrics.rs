//! Metrics, through the API of OpenTelemetry. Without the feature `otel`, nothing is measured.

use std::sync::Arc;
use std::time::SystemTime;

use crate::Clock;

pub(crate) use instruments::Metrics;

/// A duration that ends in success or in an error; if it is dropped before that, it is measured as
/// `cancelled`.
pub(crate) struct Measured<'a, R: Fn(&Metrics, Option<&str>, f64)> {
    metrics: &'a Metrics,
    clock: Arc<dyn Clock>,
    begun: SystemTime,
    record: R,
    is_done: bool,
}

impl<'a, R: Fn(&Metrics, Option<&str>, f64)> Measured<'a, R> {
    pub(crate) fn begin(metrics: &'a Metrics, clock: &Arc<dyn Clock>, record: R) -> Self {
        Self {
            metrics,
            clock: Arc::clone(clock),
            begun: clock.now(),
            record,
            is_done: false,
        }
    }

    /// Ends it; with an error of this class, if it failed.
    pub(crate) fn end(mut self, error: Option<&str>) {
        self.is_done = true;
        self.write(error);
    }

    fn write(&self, error: Option<&str>) {
        let taken = self.clock.now().duration_since(self.begun);
        (self.record)(self.metrics, error, taken.unwrap_or_default().as_secs_f64());
    }
}

impl<R: Fn(&Metrics, Option<&str>, f64)> Drop for Measured<'_, R> {
    fn drop(&mut self) {
        if !self.is_done {
            self.write(Some("cancelled"));
        }
    }
}

#[cfg(feature = "otel")]
mod instruments {
    use std::fmt;

    use opentelemetry::metrics::{Counter, Histogram, Meter};
    use opentelemetry::{KeyValue, global};

    use crate::KeyAlgorithm;

    /// Bounds of durations, as the conventions have them for HTTP.
    const SECONDS: [f64; 14] = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ];

    #[derive(Clone)]
    pub(crate) struct Metrics {
        tokens: Histogram<f64>,
        signatures: Counter<u64>,
        remote: Histogram<f64>,
    }

    impl Metrics {
        /// Uses the meter provider of the process.
        pub(crate) fn global() -> Self {
            Self::of(&global::meter("upvest_auth_signing"))
        }

        pub(crate) fn of(meter: &Meter) -> Self {
            let histogram = |name, description| {
                meter
                    .f64_histogram(name)
                    .with_unit("s")
                    .with_description(description)
                    .with_boundaries(SECONDS.to_vec())
                    .build()
            };
            Self {
                tokens: histogram(
                    "upvest.auth.token.duration",
                    "How long attempts to get an access token took.",
                ),
                signatures: meter
                    .u64_counter("upvest.auth.signatures")
                    .with_unit("{signature}")
                    .with_description("How many requests were signed.")
                    .build(),
                remote: histogram(
                    "upvest.auth.signer.duration",
                    "How long a remote signer took to sign, including the wait for a free slot.",
                ),
            }
        }

        pub(crate) fn token(&self, error: Option<&str>, seconds: f64) {
            self.tokens.record(seconds, &attributes(None, error));
        }

        pub(crate) fn signed(&self, algorithm: KeyAlgorithm) {
            let algorithm = match algorithm {
                KeyAlgorithm::EcdsaP521Sha512 => "ecdsa-p521-sha512",
                KeyAlgorithm::Ed25519 => "ed25519",
            };
            let algorithm = KeyValue::new("upvest.key.algorithm", algorithm);
            self.signatures.add(1, &[algorithm]);
        }

        pub(crate) fn remote(&self, signer: &str, error: Option<&str>, seconds: f64) {
            self.remote
                .record(seconds, &attributes(Some(signer), error));
        }
    }

    impl fmt::Debug for Metrics {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("Metrics")
        }
    }

    fn attributes(signer: Option<&str>, error: Option<&str>) -> Vec<KeyValue> {
        let signer = signer.map(|signer| KeyValue::new("upvest.signer", signer.to_owned()));
        let error = error.map(|error| KeyValue::new("error.type", error.to_owned()));
        signer.into_iter().chain(error).collect()
    }
}

#[cfg(not(feature = "otel"))]
mod instruments {
    use crate::KeyAlgorithm;

    #[derive(Clone, Debug)]
    pub(crate) struct Metrics;

    impl Metrics {
        pub(crate) fn global() -> Self {
            Self
        }

        pub(crate) fn token(&self, _: Option<&str>, _: f64) {}

        pub(crate) fn signed(&self, _: KeyAlgorithm) {}

        pub(crate) fn remote(&self, _: &str, _: Option<&str>, _: f64) {}
    }
}
