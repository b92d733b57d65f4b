//! The head of a request is looked at before its key is fetched and its body read.

use std::collections::HashMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use upvest_auth_signing::{
    Excerpt, Message, SignatureVersion, Signer, SigningKey, Verifier, VerifyError,
};

use crate::support::{ManualClock, counting_nonces, ed25519, p521};

const BODY: &[u8] = br#"{"key": "value"}"#;

fn signed(key: SigningKey, body: &'static [u8]) -> Request<Bytes> {
    let mut request = Request::post("https://example.com/hooks?a=b")
        .header("content-type", "application/json")
        .body(Bytes::from_static(body))
        .expect("a request");
    Signer::new(key, "some-key")
        .version(SignatureVersion::V6)
        .clock(ManualClock::new())
        .nonces(counting_nonces())
        .sign(&mut request)
        .expect("signs");
    request
}

fn verifier() -> Verifier {
    Verifier::new(HashMap::new())
        .version(SignatureVersion::V6)
        .clock(ManualClock::new())
}

fn head(request: &Request<Bytes>) -> Message<'_> {
    Message {
        body: b"",
        ..Message::from(request)
    }
}

#[test]
fn the_key_is_known_before_it_is_needed_and_the_body_may_come_later() {
    let verifier = verifier();
    let request = signed(p521(), BODY);
    for _ in 0..2 {
        let unverified = verifier
            .inspect(head(&request))
            .expect("nothing is used up");
        assert_eq!(unverified.key_id(), "some-key");
    }
    let inspect = || verifier.inspect(head(&request)).expect("well-formed");
    let key = p521().verifying_key();

    let stranger = inspect().with_body(BODY).verify(&ed25519().verifying_key());
    assert!(matches!(stranger, Err(VerifyError::SignatureMismatch)));
    let without = inspect().verify(&key);
    assert!(matches!(
        without,
        Err(VerifyError::ContentLengthMismatch { .. })
    ));
    let other = inspect().with_body(br#"{"key": "other"}"#).verify(&key);
    assert!(matches!(other, Err(VerifyError::Digest(_))));

    let verified = inspect().with_body(BODY).verify(&key).expect("valid");
    assert_eq!(verified.value("@path"), Some("/hooks"));
    let again = inspect().with_body(BODY).verify(&key);
    assert!(matches!(again, Err(VerifyError::NonceReplayed { .. })));
}

#[test]
fn a_body_has_to_be_covered_whether_the_head_announces_it_or_not() {
    let verifier = verifier().required(["@method", "@path", "@query"]);
    let key = p521().verifying_key();
    // Signed without a body, and without a length.
    let mut request = signed(p521(), b"");
    request.headers_mut().remove("content-length");
    let unverified = verifier.inspect(&request).expect("there is no body");
    let error = unverified
        .with_body(BODY)
        .verify(&key)
        .expect_err("unsigned");
    assert!(matches!(error, VerifyError::MissingComponent { name } if name == "digest"));

    let length = HeaderValue::from(BODY.len());
    request.headers_mut().insert("content-length", length);
    let error = verifier
        .inspect(head(&request))
        .expect_err("a body follows");
    assert!(matches!(error, VerifyError::MissingComponent { name } if name == "digest"));
}

#[test]
fn the_path_may_be_that_which_a_proxy_was_asked_for() {
    let key = p521().verifying_key();
    let mut request = signed(p521(), BODY);
    *request.uri_mut() = Uri::from_static("/internal?a=b");
    let told = verifier().path("/hooks".parse().expect("a path"));
    let inspect = |verifier: &Verifier, request: &Request<Bytes>| {
        let unverified = verifier.inspect(request).expect("well-formed");
        unverified.verify(&key).is_ok()
    };
    assert!(inspect(&told, &request));
    assert!(!inspect(&verifier(), &request));
    *request.uri_mut() = Uri::from_static("/internal?a=c");
    assert!(!inspect(&told, &request), "the query is still its own");
}

#[test]
fn what_a_request_says_shows_as_an_excerpt() {
    let mut headers = HeaderMap::new();
    let evil = format!("6\u{9b}2J\u{202e}{}", "x".repeat(5000));
    let value = HeaderValue::from_bytes(evil.as_bytes()).expect("bytes beyond ASCII are allowed");
    headers.insert("upvest-signature-version", value);
    let message = Message {
        method: &Method::POST,
        uri: &Uri::from_static("/"),
        headers: &headers,
        body: b"",
    };
    let shown = verifier()
        .inspect(message)
        .expect_err("no version")
        .to_string();
    assert!(
        shown.starts_with(r"upvest-signature-version is 6\u{9b}2J\u{202e}xxx"),
        "{shown}"
    );
    assert!(shown.len() < 300, "{shown}");
    assert_eq!(Excerpt::new("äöü €").limit(5).to_string(), "äöü €");
    assert_eq!(
        Excerpt::new("äöü €").limit(4).to_string(),
        "äöü ... (10 bytes)"
    );
}
