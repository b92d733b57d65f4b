//! What OpenTelemetry gets to see of calls.
//!
//! A separate program: a span that is first met where nobody listens may never be heard of.

#[allow(dead_code)] // The other tests use the rest.
#[path = "suite/support.rs"]
mod support;

use opentelemetry::Value;
use opentelemetry::trace::{SpanKind, TracerProvider as _};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SdkTracerProvider, SpanData};
use tracing_subscriber::layer::SubscriberExt;
use upvest_client::Client;

use support::{ACCOUNT_GROUP, BALANCE, Sent, one_by_one, response, transport};

fn attribute(span: &SpanData, name: &str) -> Option<Value> {
    let found = span
        .attributes
        .iter()
        .find(|pair| pair.key.as_str() == name);
    found.map(|pair| pair.value.clone())
}

#[tokio::test(start_paused = true)]
async fn numbers_are_numbers_and_requests_are_client_spans() {
    let exporter = InMemorySpanExporter::default();
    let provider = SdkTracerProvider::builder()
        .with_simple_exporter(exporter.clone())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let _guard = tracing::subscriber::set_default(tracing_subscriber::registry().with(layer));

    let statuses = one_by_one([503, 200]);
    let service = transport(Sent::default(), move || Ok(response(statuses(), BALANCE)));
    let client = Client::builder("https://api.example/base")
        .transport(service)
        .build()
        .unwrap();
    let call = client.retrieve_cash_balance_by_currency(ACCOUNT_GROUP, "EUR");
    assert_eq!(call.await.unwrap().attempts(), 2);

    let spans = exporter.get_finished_spans().unwrap();
    let path = "/account_groups/{account_group_id}/payments/cash_balances/{currency}";
    let requests: Vec<_> = spans
        .iter()
        .filter(|span| span.span_kind == SpanKind::Client)
        .collect();
    assert_eq!(requests.len(), 2);
    for (number, (request, status)) in requests.iter().zip([503, 200]).enumerate() {
        assert_eq!(request.name, format!("GET {path}"));
        let code = attribute(request, "http.response.status_code");
        assert_eq!(code, Some(Value::I64(status)));
        assert_eq!(attribute(request, "server.port"), Some(Value::I64(443)));
        let attempt = i64::try_from(number).unwrap() + 1;
        assert_eq!(
            attribute(request, "upvest.attempt"),
            Some(Value::I64(attempt))
        );
        let url = format!("https://api.example/base{path}");
        assert_eq!(attribute(request, "url.full"), Some(Value::from(url)));
    }
    let again = attribute(requests[1], "http.request.resend_count");
    assert_eq!(again, Some(Value::I64(1)));
    let call = spans
        .iter()
        .find(|span| span.span_kind == SpanKind::Internal)
        .unwrap();
    assert_eq!(call.name, "retrieve_cash_balance_with_currency");
    assert_eq!(attribute(call, "upvest.attempts"), Some(Value::I64(2)));
    assert!(!format!("{spans:?}").contains(ACCOUNT_GROUP));
}
