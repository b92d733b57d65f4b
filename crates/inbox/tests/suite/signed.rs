//! Deliveries as Upvest signs them, by a key that was made for these tests.

use std::sync::LazyLock;

use http::Request;
use upvest_inbox::webhooks::signing::{KeyAlgorithm, SignatureVersion, Signer, SigningKey};
use upvest_inbox::webhooks::{DeliveryVerifier, StaticKeys};

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).unwrap());

pub(crate) fn verifier() -> DeliveryVerifier {
    DeliveryVerifier::new(StaticKeys::from_iter([(
        "key".to_owned(),
        KEY.verifying_key(),
    )]))
}

/// A delivery of these events, each as JSON.
pub(crate) fn delivery(events: &[String]) -> Request<bytes::Bytes> {
    let body = format!("{{\"payload\":[{}]}}", events.join(","));
    let mut delivery = Request::post("https://example.com/hooks/upvest")
        .header("content-type", "application/json")
        .body(bytes::Bytes::from(body))
        .unwrap();
    let signer = Signer::new(KEY.clone(), "key").version(SignatureVersion::V6);
    signer.sign(&mut delivery).unwrap();
    delivery
}
