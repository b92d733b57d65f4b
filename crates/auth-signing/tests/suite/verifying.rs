//! Strict verification: everything that is off by a byte is refused, and for the right reason.

mod headers;
mod nonces;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use upvest_auth_signing::{
    DigestError, KeyAlgorithm, Signer, SigningKey, Verified, Verifier, VerifyError, signature_base,
};

use crate::support::{ManualClock, START, counting_nonces, ed25519, fixture, p521};

const KEY_ID: &str = "8d4997a8-cf7a-4e51-adbb-401656a3e5c2";
const COVERED: [&str; 12] = [
    "@method",
    "@path",
    "@query",
    "accept",
    "authorization",
    "content-length",
    "content-type",
    "content-digest",
    "idempotency-key",
    "upvest-client-id",
    "upvest-api-version",
    "date",
];

fn unsigned() -> Request<Bytes> {
    Request::post("/endpoint?a=b")
        .header("accept", "application/json")
        .header("authorization", "Bearer access-token")
        .header("content-type", "application/json")
        .header("idempotency-key", "7e9ea4ad-cb2c-4c5e-9ad9-ad4bd2a5c2b8")
        .header("upvest-client-id", "5ec16164-6173-461d-b90d-116d68f55b40")
        .header("upvest-api-version", "1")
        .header("date", "Wed, 06 Oct 2021 14:14:19 GMT")
        .body(Bytes::from_static(br#"{"key": "value"}"#))
        .expect("a request")
}

fn signed_by(key: SigningKey) -> Request<Bytes> {
    let mut request = unsigned();
    Signer::new(key, KEY_ID)
        .clock(ManualClock::new())
        .nonces(counting_nonces())
        .sign(&mut request)
        .expect("signs");
    request
}

fn signed() -> Request<Bytes> {
    signed_by(ed25519())
}

fn verifier_for(key: &SigningKey) -> Verifier {
    Verifier::new(HashMap::from([(KEY_ID.to_owned(), key.verifying_key())]))
        .clock(ManualClock::new())
}

fn verifier() -> Verifier {
    verifier_for(&ed25519())
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> &'a str {
    request.headers()[name].to_str().expect("ASCII")
}

fn set(request: &mut Request<Bytes>, name: &str, value: &str) {
    let name = HeaderName::try_from(name).expect("a name");
    let value = HeaderValue::from_str(value).expect("a value");
    request.headers_mut().insert(name, value);
}

/// Replaces part of a header, which must be there.
#[track_caller]
fn replace(request: &mut Request<Bytes>, name: &str, from: &str, to: &str) {
    let value = header(request, name).to_owned();
    assert!(value.contains(from), "`{from}` is not in `{value}`");
    set(request, name, &value.replacen(from, to, 1));
}

/// A request signed over these components with these parameters, whatever they are.
fn signed_with(components: &[&str], params: &str) -> Request<Bytes> {
    let mut request = signed();
    let list = components
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>();
    let input = format!("({}){params}", list.join(" "));
    let base = signature_base(&request, components, &input).expect("all there");
    let signature = STANDARD.encode(ed25519().sign(base.as_bytes()).expect("signs"));
    set(&mut request, "signature-input", &format!("sig1={input}"));
    set(&mut request, "signature", &format!("sig1=:{signature}:"));
    request
}

fn params(created: u64, expires: u64) -> String {
    format!(r#";keyid="{KEY_ID}";created={created};expires={expires};nonce="n""#)
}

fn names(verified: &Verified) -> Vec<&str> {
    verified.components().map(|(name, _)| name).collect()
}

#[track_caller]
fn refusal(verifier: &Verifier, request: &Request<Bytes>) -> VerifyError {
    verifier
        .verify(request)
        .expect_err("the request was accepted")
}

#[test]
fn a_digest_that_is_not_covered_must_match_all_the_same() {
    let mut request = Request::get("/").body(Bytes::new()).expect("a request");
    let signer = Signer::new(ed25519(), KEY_ID).clock(ManualClock::new());
    signer.sign(&mut request).expect("signs");
    set(&mut request, "content-digest", "sha-512=:AAAA:");
    assert!(matches!(
        refusal(&verifier(), &request),
        VerifyError::Digest(DigestError::Mismatch { .. })
    ));
}

#[test]
fn time_is_up() {
    // 60 seconds of lifetime and 5 seconds of skew, to the second.
    let cases = [
        (START, START + 60, true),
        (START, START + 61, false),
        (START, START, false),
        (START + 1, START, false),
        (START + 5, START + 35, true),
        (START + 6, START + 36, false),
        (START - 35, START - 5, true),
        (START - 36, START - 6, false),
        (999_999_999_999_990, 999_999_999_999_999, false),
    ];
    let mut report = String::new();
    for (created, expires, accepted) in cases {
        let request = signed_with(&COVERED, &params(created, expires));
        match verifier().verify(&request) {
            Ok(_) => assert!(accepted, "{created} {expires}"),
            Err(error) => {
                assert!(!accepted, "{created} {expires}: {error}");
                report.push_str(&format!("{error}\n"));
            }
        }
    }
    insta::assert_snapshot!(report);
}

#[test]
fn limits_can_be_set() {
    let request = signed_with(&COVERED, &params(START - 60, START + 60));
    verifier()
        .max_lifetime(Duration::from_secs(120))
        .verify(&request)
        .expect("long enough");

    let late = signed_with(&COVERED, &params(START - 60, START - 30));
    verifier()
        .allowed_skew(Duration::from_secs(30))
        .verify(&late)
        .expect("skewed enough");
}

#[test]
fn algorithm_names() {
    let named =
        |alg: &str| signed_with(&COVERED, &format!("{};alg={alg}", params(START, START + 5)));
    verifier()
        .verify(&named("\"ed25519\""))
        .expect("the key's algorithm");
    for alg in ["\"ecdsa-p256-sha256\"", "\"\"", "ed25519"] {
        assert!(matches!(
            refusal(&verifier(), &named(alg)),
            VerifyError::AlgorithmMismatch {
                key: KeyAlgorithm::Ed25519
            }
        ));
    }
}

#[test]
fn p521_has_no_algorithm_name() {
    let mut request = signed_by(p521());
    replace(
        &mut request,
        "signature-input",
        ";nonce",
        ";alg=\"ed25519\";nonce",
    );
    let error = refusal(&verifier_for(&p521()), &request);
    insta::assert_snapshot!(error, @"the parameter `alg` is not the algorithm of the key, ECDSA P-521 with SHA-512");
}

#[test]
fn the_order_of_components_is_free() {
    let mut backwards = COVERED;
    backwards.reverse();
    let request = signed_with(&backwards, &params(START, START + 5));
    let verified = verifier().verify(&request).expect("valid");
    assert_eq!(names(&verified), backwards);
}

#[test]
fn other_signatures_and_blanks_do_not_matter() {
    let mut request = signed();
    replace(&mut request, "signature-input", "sig1", "  sig1");
    for (name, value) in [
        (
            "signature-input",
            r#"proxy=("x-forwarded-for";sf "@method");created=1;alg="x""#,
        ),
        ("signature-input", "item=1"),
        ("signature", "proxy=:AAAA:, list=(:AAAA:)"),
    ] {
        let value = HeaderValue::from_static(value);
        request.headers_mut().append(name, value);
    }
    let verified = verifier().verify(&request).expect("still valid");
    assert_eq!(names(&verified), COVERED);
}

#[test]
fn a_request_without_query_and_body() {
    let mut request = Request::get("/users?")
        .body(Bytes::new())
        .expect("a request");
    let signer = Signer::new(ed25519(), KEY_ID).clock(ManualClock::new());
    signer.sign(&mut request).expect("signs");
    let verified = verifier().verify(&request).expect("valid");
    assert_eq!(names(&verified), ["@method", "@path"]);
}

#[test]
fn rfc_9421_b_2_6_through_the_verifier() {
    // Valid as a signature; refused because it lacks what the API wants.
    let key = SigningKey::from_pem(&fixture("rfc9421-ed25519.pem"), None).expect("a key");
    let mut request = Request::post("/foo?param=Value&Pet=dog")
        .header("host", "example.com")
        .header("date", "Tue, 20 Apr 2021 02:07:55 GMT")
        .header("content-type", "application/json")
        .header("content-length", "18")
        .header("upvest-signature-version", "15")
        .header("signature-input", r#"sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#)
        .header("signature", "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:")
        .body(Bytes::from_static(br#"{"hello": "world"}"#))
        .expect("a request");
    let clock = ManualClock::new();
    clock.set(1_618_884_473);
    let public = Arc::new(key.verifying_key());
    let verifier = Verifier::new(move |_: &str| Some((*public).clone()))
        .clock(clock)
        .label("sig-b26");
    assert!(matches!(
        refusal(&verifier, &request),
        VerifyError::MissingParameter { name: "expires" }
    ));
    set(&mut request, "upvest-signature-version", "6");
    assert!(matches!(
        refusal(&verifier, &request),
        VerifyError::Version { .. }
    ));
}
