//! What signing and verifying cost beside the operation of the cryptographic library alone, which is
//! measured in the same run: `cargo bench -p upvest-auth-signing --bench signatures`.
//!
//! The column to compare is `fastest`: it depends least on what else the machine does.

use std::cell::RefCell;
use std::collections::HashMap;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_ASN1_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair, ParsedPublicKey,
};
use bytes::Bytes;
use divan::{Bencher, black_box};
use futures_util::FutureExt;
use http::{HeaderMap, Request};
use upvest_auth_signing::{KeyAlgorithm, SignatureVersion, Signer, SigningKey, Verifier};

const KEY_ID: &str = "8d4997a8-cf7a-4e51-adbb-401656a3e5c2";
/// The names of the requests below.
const REQUESTS: [&str; 2] = ["GET", "POST of 1 kB"];

fn main() {
    divan::main();
}

fn unsigned(name: &str) -> Request<Bytes> {
    let request = Request::builder()
        .header("accept", "application/json")
        .header("authorization", format!("Bearer ory_at_{}", "t".repeat(80)))
        .header("upvest-client-id", "5ec16164-6173-461d-b90d-116d68f55b40")
        .header("upvest-api-version", "1");
    match name {
        "GET" => request
            .uri("https://sandbox.upvest.co/account_groups/07d4fc8a-a8c7-4b8a-9b6d-0c9b5d3f7c1e/payments/cash_balances?limit=100&offset=200")
            .body(Bytes::new()),
        _ => request
            .method("POST")
            .uri("https://sandbox.upvest.co/orders")
            .header("content-type", "application/json")
            .header("idempotency-key", "7e9ea4ad-cb2c-4c5e-9ad9-ad4bd2a5c2b8")
            .body(Bytes::from(vec![b' '; 1024])),
    }
    .expect("a request")
}

fn generate(algorithm: KeyAlgorithm) -> SigningKey {
    SigningKey::generate(algorithm).expect("a key")
}

fn signed(name: &str, key: &SigningKey) -> Request<Bytes> {
    let mut request = unsigned(name);
    let signer = Signer::new(key.clone(), KEY_ID);
    signer.sign(&mut request).expect("signs");
    request
}

/// The components that `signature-input` names, and what stands behind the label.
fn covered(headers: &HeaderMap) -> (Vec<String>, String) {
    let input = headers["signature-input"].to_str().expect("ASCII");
    let params = input.trim_start_matches("sig1=");
    let list = &params[1..params.find(')').expect("a list")];
    let names = list
        .split(' ')
        .map(|name| name.trim_matches('"').to_owned());
    (names.collect(), params.to_owned())
}

/// The signature base of such a request.
fn base(name: &str) -> String {
    let request = signed(name, &generate(KeyAlgorithm::Ed25519));
    let (components, params) = covered(request.headers());
    SignatureVersion::V15
        .signature_base(&request, components, &params)
        .expect("all there")
}

#[divan::bench(args = REQUESTS)]
fn build_base(bencher: Bencher<'_, '_>, name: &str) {
    let request = signed(name, &generate(KeyAlgorithm::Ed25519));
    let (components, params) = covered(request.headers());
    bencher.bench(|| SignatureVersion::V15.signature_base(&request, &components, &params));
}

#[divan::bench_group(sample_count = 2000, sample_size = 1)]
mod p521 {
    use super::*;

    #[divan::bench(args = REQUESTS)]
    fn sign_raw(bencher: Bencher<'_, '_>, name: &str) {
        let key = EcdsaKeyPair::generate(&ECDSA_P521_SHA512_ASN1_SIGNING).expect("a key");
        let base = base(name);
        bencher.bench(|| key.sign(&SystemRandom::new(), black_box(base.as_bytes())));
    }

    #[divan::bench(args = REQUESTS)]
    fn sign_request(bencher: Bencher<'_, '_>, name: &str) {
        sign(bencher, name, KeyAlgorithm::EcdsaP521Sha512);
    }

    #[divan::bench(args = REQUESTS)]
    fn sign_request_async(bencher: Bencher<'_, '_>, name: &str) {
        sign_async(bencher, name, KeyAlgorithm::EcdsaP521Sha512);
    }

    #[divan::bench(args = REQUESTS)]
    fn verify_raw(bencher: Bencher<'_, '_>, name: &str) {
        let key = EcdsaKeyPair::generate(&ECDSA_P521_SHA512_ASN1_SIGNING).expect("a key");
        let public = ParsedPublicKey::new(&ECDSA_P521_SHA512_ASN1, key.public_key().as_ref())
            .expect("a public key");
        let base = base(name);
        let signature = key
            .sign(&SystemRandom::new(), base.as_bytes())
            .expect("signs");
        bencher.bench(|| public.verify_sig(black_box(base.as_bytes()), signature.as_ref()));
    }

    #[divan::bench(args = REQUESTS)]
    fn verify_request(bencher: Bencher<'_, '_>, name: &str) {
        verify(bencher, name, KeyAlgorithm::EcdsaP521Sha512);
    }
}

#[divan::bench_group(sample_count = 2000, sample_size = 4)]
mod ed25519 {
    use super::*;

    #[divan::bench(args = REQUESTS)]
    fn sign_raw(bencher: Bencher<'_, '_>, name: &str) {
        let key = Ed25519KeyPair::generate().expect("a key");
        let base = base(name);
        bencher.bench(|| key.try_sign(black_box(base.as_bytes())));
    }

    #[divan::bench(args = REQUESTS)]
    fn sign_request(bencher: Bencher<'_, '_>, name: &str) {
        sign(bencher, name, KeyAlgorithm::Ed25519);
    }

    #[divan::bench(args = REQUESTS)]
    fn sign_request_async(bencher: Bencher<'_, '_>, name: &str) {
        sign_async(bencher, name, KeyAlgorithm::Ed25519);
    }

    #[divan::bench(args = REQUESTS)]
    fn verify_raw(bencher: Bencher<'_, '_>, name: &str) {
        let key = Ed25519KeyPair::generate().expect("a key");
        let public =
            ParsedPublicKey::new(&ED25519, key.public_key().as_ref()).expect("a public key");
        let base = base(name);
        let signature = key.sign(base.as_bytes());
        bencher.bench(|| public.verify_sig(black_box(base.as_bytes()), signature.as_ref()));
    }

    #[divan::bench(args = REQUESTS)]
    fn verify_request(bencher: Bencher<'_, '_>, name: &str) {
        verify(bencher, name, KeyAlgorithm::Ed25519);
    }
}

fn sign(bencher: Bencher<'_, '_>, name: &str, algorithm: KeyAlgorithm) {
    let signer = Signer::new(generate(algorithm), KEY_ID);
    let request = unsigned(name);
    bencher
        .with_inputs(|| request.clone())
        .bench_refs(|request| signer.sign(request));
}

/// As [`sign`], by the path that also takes keys elsewhere: with a key in this process it is done at
/// the first poll.
fn sign_async(bencher: Bencher<'_, '_>, name: &str, algorithm: KeyAlgorithm) {
    let signer = Signer::new(generate(algorithm), KEY_ID);
    let request = unsigned(name);
    bencher
        .with_inputs(|| request.clone())
        .bench_refs(|request| signer.sign_async(request).now_or_never());
}

fn verify(bencher: Bencher<'_, '_>, name: &str, algorithm: KeyAlgorithm) {
    let key = generate(algorithm);
    let verifier = Verifier::new(HashMap::from([(KEY_ID.to_owned(), key.verifying_key())]));
    // A request is accepted once. All are signed beforehand, so that signing does not get in the way.
    let signed: RefCell<Vec<_>> = (0..8100)
        .map(|_| signed(name, &key))
        .collect::<Vec<_>>()
        .into();
    bencher
        .with_inputs(|| signed.borrow_mut().pop().expect("enough requests"))
        .bench_local_refs(|request| verifier.verify(&*request).expect("valid"));
}
