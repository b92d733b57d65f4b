//! What is measured of tokens and signatures.

use std::convert::Infallible;
use std::future::pending;
use std::time::UNIX_EPOCH;

use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::{Request, Response};
use http_body_util::Full;
use opentelemetry::metrics::MeterProvider as _;
use opentelemetry_sdk::metrics::data::{AggregatedMetrics, MetricData};
use opentelemetry_sdk::metrics::{InMemoryMetricExporter, SdkMeterProvider};
use tower::{Layer, ServiceExt, service_fn};
use upvest_auth_signing::{
    ClientCredentials, KeyAlgorithm, RemoteSigner, RequestSigner, Scopes, SignLayer, Signature,
    Signer, SignerError, SigningKey, TokenLayer,
};

/// A signer that fails, or never answers.
struct Broken(bool);

impl RequestSigner for Broken {
    fn name(&self) -> &str {
        "broken"
    }

    fn algorithm(&self) -> KeyAlgorithm {
        KeyAlgorithm::Ed25519
    }

    fn sign<'a>(&'a self, _base: &'a [u8]) -> BoxFuture<'a, Result<Signature, SignerError>> {
        match self.0 {
            true => pending().boxed(),
            false => async { Err(SignerError::failed("no")) }.boxed(),
        }
    }
}

/// Name, attributes and number of everything that was measured.
fn measured(provider: &SdkMeterProvider, exporter: &InMemoryMetricExporter) -> Vec<String> {
    provider.force_flush().unwrap();
    let all = exporter.get_finished_metrics().unwrap();
    let metrics = all.iter().flat_map(|resource| resource.scope_metrics());
    let mut found = Vec::new();
    for metric in metrics.flat_map(|scope| scope.metrics()) {
        let points: Vec<_> = match metric.data() {
            AggregatedMetrics::F64(MetricData::Histogram(histogram)) => histogram
                .data_points()
                .map(|point| {
                    (
                        point.attributes().cloned().collect::<Vec<_>>(),
                        point.count(),
                    )
                })
                .collect(),
            AggregatedMetrics::U64(MetricData::Sum(sum)) => sum
                .data_points()
                .map(|point| {
                    (
                        point.attributes().cloned().collect::<Vec<_>>(),
                        point.value(),
                    )
                })
                .collect(),
            other => panic!("{other:?}"),
        };
        for (attributes, number) in points {
            let mut attributes: Vec<_> = attributes
                .iter()
                .map(|pair| format!("{}={}", pair.key, pair.value))
                .collect();
            attributes.sort();
            let name = metric.name();
            found.push(format!("{name} {{{}}} {number}", attributes.join(" ")));
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn tokens_and_signatures_are_measured() {
    let exporter = InMemoryMetricExporter::default();
    let provider = SdkMeterProvider::builder()
        .with_periodic_exporter(exporter.clone())
        .build();
    let meter = provider.meter("test");
    let clock = || UNIX_EPOCH;

    let api = service_fn(|request: Request<Bytes>| async move {
        let (status, body) = match request.uri().path() {
            "/auth/token" => (403, r#"{"type":"about:blank"}"#),
            _ => (200, ""),
        };
        let body = Full::<Bytes>::from(body);
        Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
    });
    let url = http::Uri::from_static("https://host/auth/token");
    let tokens = TokenLayer::new(ClientCredentials::new("id", "secret"), url)
        .clock(clock)
        .meter(&meter);
    let key = SigningKey::generate(KeyAlgorithm::Ed25519).unwrap();
    let signer = Signer::new(key, "key id").clock(clock).meter(&meter);
    let service = tokens.layer(SignLayer::new(signer).layer(api));
    let mut request = Request::get("https://host/a").body(Bytes::new()).unwrap();
    request.extensions_mut().insert(Scopes::new(["users:read"]));
    service.oneshot(request).await.expect_err("no token");

    for hangs in [false, true] {
        let remote = RemoteSigner::new(Broken(hangs)).meter(&meter).clock(clock);
        assert!(!matches!(remote.sign(b"base").now_or_never(), Some(Ok(_))));
    }

    let expected = [
        "upvest.auth.signatures {upvest.key.algorithm=ed25519} 1",
        "upvest.auth.signer.duration {error.type=cancelled upvest.signer=broken} 1",
        "upvest.auth.signer.duration {error.type=failed upvest.signer=broken} 1",
        "upvest.auth.token.duration {error.type=403} 1",
    ];
    assert_eq!(measured(&provider, &exporter), expected);
}
