//! Any headers and any body, first as they are, then signed as Upvest would sign them.

#![no_main]

use std::sync::LazyLock;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderName, HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use upvest_webhooks::signing::{KeyAlgorithm, SignatureVersion, Signer, SigningKey};
use upvest_webhooks::{Delivery, StaticKeys, DeliveryVerifier, DeliveryError};

/// Ed25519 is faster by far, and what comes before and after is the same.
static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(KeyAlgorithm::Ed25519).expect("there is randomness"));

static VERIFIER: LazyLock<DeliveryVerifier> = LazyLock::new(|| {
    DeliveryVerifier::new(StaticKeys::from_iter([("key".to_owned(), KEY.verifying_key())]))
        .versions([SignatureVersion::V6, SignatureVersion::V15])
});

fn verify(request: &Request<Bytes>) -> Result<Delivery, DeliveryError> {
    VERIFIER.verify(request).now_or_never().expect("the keys are known")
}

fuzz_target!(|input: (&str, Vec<(&str, &[u8])>, &[u8], &[u8], &[u8])| {
    let (path, headers, signature_input, signature, body) = input;
    let mut request = Request::post("/").body(Bytes::copy_from_slice(body)).expect("is one");
    if let Ok(uri) = format!("/{path}").parse() {
        *request.uri_mut() = uri;
    }
    let own = [("signature-input", signature_input), ("signature", signature)];
    for (name, value) in headers.into_iter().chain(own) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value)) {
            request.headers_mut().append(name, value);
        }
    }
    let error = verify(&request).expect_err("nobody can forge a signature");
    assert!(!error.to_string().is_empty());

    let signer = Signer::new(KEY.clone(), "key").version(SignatureVersion::V6);
    if signer.sign(&mut request).is_err() {
        return;
    }
    let delivery = verify(&request).expect("it is signed");
    VERIFIER.taken(&delivery);
    for event in &delivery.events {
        let text = String::from_utf8_lossy(body);
        assert!(text.contains(event.raw()));
        let _ = (event.key(), event.created_at(), event.event_type(), event.webhook_id());
        match event.content() {
            Ok(content) => assert_eq!(Some(content.id()), event.id()),
            Err(malformed) => assert!(!malformed.to_string().is_empty()),
        }
    }
});
