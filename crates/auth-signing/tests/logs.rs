//! What is logged of tokens, and what is not.
//!
//! A separate program: an event that first happens where nobody listens may stay unheard of for
//! ever.

#[allow(dead_code)] // The other tests use the rest.
#[path = "suite/tokens/api.rs"]
mod api;
#[allow(dead_code)]
#[path = "suite/support.rs"]
mod support;

use std::fmt::Write;
use std::future::{pending, ready};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use tower::Layer;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};
use upvest_auth_signing::{KeyAlgorithm, RemoteSigner, RequestSigner, Signature, SignerError};

use api::{Api, Step, answered, failure, layer, seconds};
use support::ManualClock;

/// Writes down the events of this crate.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn take(&self) -> String {
        std::mem::take(&mut *self.0.lock().expect("not poisoned"))
    }

    fn write(&self, line: Line) {
        let mut log = self.0.lock().expect("not poisoned");
        let _ = writeln!(log, "{}", line.0);
    }
}

/// One event, or what a span records after it began.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, " {field}={value:?}");
    }

    fn record_error(&mut self, field: &Field, value: &(dyn std::error::Error + 'static)) {
        let _ = write!(self.0, " {field}={}", support::chain(value));
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("upvest_auth_signing")
    }

    fn new_span(&self, attributes: &Attributes<'_>) -> Id {
        if attributes.metadata().name() == "sign" {
            let mut line = Line("SIGN".to_owned());
            attributes.record(&mut line);
            self.write(line);
        }
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        let mut line = Line("SPAN".to_owned());
        values.record(&mut line);
        self.write(line);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.write(line);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[tokio::test]
async fn what_happens_to_tokens_is_logged_without_them() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    let api = Api::with([
        Step::Json(503, ""),
        Step::Token("100"),
        Step::Break,
        Step::Token("100"),
        Step::Json(400, r#"{"error":"invalid_request"}"#),
    ]);
    let clock = ManualClock::new();
    let service = layer(&clock).attempts(2).layer(api.clone());

    answered(&service).await;
    clock.advance(seconds(50));
    answered(&service).await;
    answered(&service).await;
    api.revoke("token-2");
    answered(&service).await;
    clock.advance(seconds(100));
    failure(&service).await;
    failure(&service).await;

    let log = log.take();
    insta::assert_snapshot!(log);
    assert!(!log.contains("token-") && !log.contains("s&cr"), "{log}");
}

/// A signer that fails, or never answers.
struct Broken {
    hangs: bool,
}

impl RequestSigner for Broken {
    fn name(&self) -> &str {
        "an HSM"
    }

    fn algorithm(&self) -> KeyAlgorithm {
        KeyAlgorithm::Ed25519
    }

    fn sign<'a>(&'a self, _base: &'a [u8]) -> BoxFuture<'a, Result<Signature, SignerError>> {
        match self.hangs {
            true => pending().boxed(),
            false => ready(Err(SignerError::failed("no"))).boxed(),
        }
    }
}

#[tokio::test]
async fn a_signature_has_a_span_that_says_how_it_ended() {
    let log = Log::default();
    let _guard = tracing::subscriber::set_default(log.clone());
    for (hangs, ended) in [(false, "failed"), (true, "cancelled")] {
        let signer = RemoteSigner::new(Broken { hangs });
        assert!(!matches!(signer.sign(b"base").now_or_never(), Some(Ok(_))));
        let begun = "SIGN signer=\"an HSM\" algorithm=Ed25519";
        let expected = format!("{begun}\nSPAN error.type=\"{ended}\"\n");
        assert_eq!(log.take(), expected);
    }
}
