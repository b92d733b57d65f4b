//! Signatures of version 6, as webhooks have them, and the encodings of ECDSA.

mod digests;
mod encodings;

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri};
use upvest_auth_signing::{Message, SignatureVersion, Signer, SigningKey, Verifier, VerifyError};

use crate::support::{ManualClock, ed25519, p521};

// The worked example of the API's documentation.
const KEY_ID: &str = "8d4997a8-cf7a-4e51-adbb-401656a3e5c2";
const NONCE: &str = "o085M4cMgpbicuOL";
const PARAMS: &str = r#"("@method" "@path" "@query" "accept" "authorization" "content-length" "content-type" "digest" "idempotency-key" "upvest-client-id");keyid="8d4997a8-cf7a-4e51-adbb-401656a3e5c2";created=1633529659;expires=1633529664;nonce="o085M4cMgpbicuOL""#;
const BASE: &str = r#"@method: POST
@path: /endpoint
@query: ?a=b
accept: application/json
authorization: Bearer access-token
content-length: 16
content-type: application/json
digest: SHA-256=lyTB4g5uPk1/V+0l+dTvsAblCFkNUoyQ2ll/andcE+U=
idempotency-key: 2133825797664cad
upvest-client-id: 5ec16164-6173-461d-b90d-116d68f55b40
@signature-params: "#;

fn signed(key: SigningKey) -> Request<Bytes> {
    let mut request = Request::post("https://sandbox.upvest.co/endpoint?a=b")
        .header("upvest-client-id", "5ec16164-6173-461d-b90d-116d68f55b40")
        .header("content-type", "application/json")
        .header("authorization", "Bearer access-token")
        .header("accept", "application/json")
        .header("idempotency-key", "2133825797664cad")
        .body(Bytes::from_static(br#"{"key": "value"}"#))
        .expect("a request");
    Signer::new(key, KEY_ID)
        .version(SignatureVersion::V6)
        .lifetime(Duration::from_secs(5))
        .clock(ManualClock::new())
        .nonces(|| NONCE.to_owned())
        .sign(&mut request)
        .expect("signs");
    request
}

fn verifier(key: &SigningKey) -> Verifier {
    Verifier::new(HashMap::from([(KEY_ID.to_owned(), key.verifying_key())]))
        .version(SignatureVersion::V6)
        .clock(ManualClock::new())
}

fn signature(request: &Request<Bytes>) -> Vec<u8> {
    let value = request.headers()["signature"].to_str().expect("ASCII");
    let base64 = value
        .strip_prefix("sig1=:")
        .and_then(|rest| rest.strip_suffix(':'))
        .expect("a byte sequence labelled sig1");
    STANDARD.decode(base64).expect("padded base64")
}

fn set_signature(request: &mut Request<Bytes>, signature: &[u8]) {
    let value = format!("sig1=:{}:", STANDARD.encode(signature));
    let value = HeaderValue::from_str(&value).expect("ASCII");
    request.headers_mut().insert("signature", value);
}

#[test]
fn worked_example_of_the_documentation() {
    for key in [p521(), ed25519()] {
        let request = signed(key.clone());
        assert_eq!(
            request.headers()["signature-input"],
            format!("sig1={PARAMS}")
        );
        assert!(!request.headers().contains_key("upvest-signature-version"));
        assert!(!request.headers().contains_key("content-digest"));
        let base = format!("{BASE}{PARAMS}");
        key.verifying_key()
            .verify(base.as_bytes(), &signature(&request))
            .expect("over this base");
        let components = PARAMS[1..PARAMS.find(')').expect("a list")]
            .split(' ')
            .map(|name| name.trim_matches('"'));
        assert_eq!(
            SignatureVersion::V6.signature_base(&request, components, PARAMS),
            Ok(base)
        );

        let verified = verifier(&key).verify(&request).expect("valid");
        assert_eq!(verified.version, SignatureVersion::V6);
        assert_eq!(verified.value("authorization"), Some("Bearer access-token"));
        assert_eq!(verified.value("@query"), Some("?a=b"));
        assert_eq!(verified.value("content-digest"), None);
    }
}

#[test]
fn a_delivery_in_parts() {
    let request = signed(p521());
    let (parts, body) = request.into_parts();
    let message = Message {
        method: &Method::POST,
        uri: &Uri::from_static("/endpoint?a=b"),
        headers: &parts.headers,
        body: &body,
    };
    verifier(&p521()).verify(message).expect("valid");

    let rewritten = Message {
        uri: &Uri::from_static("/internal/endpoint?a=b"),
        ..message
    };
    assert!(matches!(
        verifier(&p521()).verify(rewritten),
        Err(VerifyError::SignatureMismatch)
    ));
    assert!(!format!("{message:?}").contains("access-token"));
}

#[test]
fn versions_are_not_mixed_up() {
    let both = [SignatureVersion::V6, SignatureVersion::V15];
    let six = signed(ed25519());
    let mut fifteen = six.clone();
    let signer = Signer::new(ed25519(), KEY_ID).clock(ManualClock::new());
    signer.sign(&mut fifteen).expect("signs");
    assert!(!fifteen.headers().contains_key("digest"));

    let accepts = |versions: &[SignatureVersion], request: &Request<Bytes>| {
        verifier(&ed25519())
            .versions(versions.iter().copied())
            .verify(request)
            .map(|verified| verified.version)
    };
    assert!(matches!(accepts(&both, &six), Ok(SignatureVersion::V6)));
    assert!(matches!(
        accepts(&both, &fifteen),
        Ok(SignatureVersion::V15)
    ));
    insta::assert_snapshot!(
        accepts(&both[1..], &six).expect_err("not accepted"),
        @"upvest-signature-version is missing; expected 15"
    );
    insta::assert_snapshot!(
        accepts(&both[..1], &fifteen).expect_err("not accepted"),
        @"upvest-signature-version is 15; expected missing (version 6)"
    );

    // The header is not signed: whoever changes it changes the rules, and nothing fits any more.
    let mut relabelled = six.clone();
    relabelled
        .headers_mut()
        .insert("upvest-signature-version", HeaderValue::from_static("15"));
    insta::assert_snapshot!(
        accepts(&both, &relabelled).expect_err("not accepted"),
        @"the signature does not cover the component `content-digest`"
    );
    relabelled
        .headers_mut()
        .insert("upvest-signature-version", HeaderValue::from_static("16"));
    insta::assert_snapshot!(
        accepts(&both, &relabelled).expect_err("not accepted"),
        @"upvest-signature-version is 16; expected missing (version 6) or 15"
    );
    fifteen.headers_mut().remove("upvest-signature-version");
    insta::assert_snapshot!(
        accepts(&both, &fifteen).expect_err("not accepted"),
        @"the signature does not cover the component `digest`"
    );

    let mut without_body = Request::get("/").body(Bytes::new()).expect("a request");
    signer.sign(&mut without_body).expect("signs");
    without_body
        .headers_mut()
        .remove("upvest-signature-version");
    assert!(matches!(
        accepts(&both, &without_body),
        Err(VerifyError::SignatureMismatch)
    ));
}

#[test]
fn version_of_a_request() {
    let of = |values: &[&'static str]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("upvest-signature-version", HeaderValue::from_static(value));
        }
        SignatureVersion::of(&headers)
    };
    assert_eq!(of(&[]), Some(SignatureVersion::V6));
    assert_eq!(of(&["15"]), Some(SignatureVersion::V15));
    assert_eq!(of(&["15 "]), Some(SignatureVersion::V15));
    assert_eq!(of(&["6"]), Some(SignatureVersion::V6));
    for other in [
        &["6", "15"][..],
        &["16"],
        &[""],
        &["15", "15"],
        &["015"],
        &["15;a"],
    ] {
        assert_eq!(of(other), None, "{other:?}");
    }
}

/// What a receiver of webhooks would set who knows little of how they are signed.
fn lenient(clock: &ManualClock) -> Verifier {
    verifier(&p521())
        .clock(clock.clone())
        .required(["@method", "@path", "@query"])
        .grace(Duration::from_secs(600))
        .expires_optional(Duration::from_secs(60))
        .without_replay_check()
}

/// A request signed over these components, with these parameters.
fn sign(components: &[&str], parameters: &str) -> Request<Bytes> {
    let mut request = signed(p521());
    let list: Vec<String> = components
        .iter()
        .map(|name| format!("\"{name}\""))
        .collect();
    let params = format!("({});keyid=\"{KEY_ID}\"{parameters}", list.join(" "));
    let base = SignatureVersion::V6
        .signature_base(&request, components, &params)
        .expect("all there");
    let signature = p521().sign(base.as_bytes()).expect("signs");
    set_signature(&mut request, &signature);
    let input = HeaderValue::from_str(&format!("sig1={params}")).expect("ASCII");
    request.headers_mut().insert("signature-input", input);
    request
}

/// What a lenient receiver asks for at least.
const LEAST: [&str; 4] = ["@path", "digest", "@method", "@query"];

#[test]
fn a_lenient_receiver_takes_late_deliveries() {
    let clock = ManualClock::new();
    let verifier = lenient(&clock);
    let request = sign(&LEAST, ";created=1633529659");
    for _ in 0..2 {
        let verified = verifier.verify(&request).expect("valid, again and again");
        assert_eq!((verified.expires, verified.nonce), (None, None));
    }
    // 60 seconds of lifetime and 5 of skew; the grace is for those that say when they expire.
    clock.advance(Duration::from_secs(65));
    verifier.verify(&request).expect("in time");
    clock.advance(Duration::from_secs(1));
    insta::assert_snapshot!(
        verifier.verify(&request).expect_err("late"),
        @"the signature expired 6 s ago"
    );
    let limited = sign(&LEAST, ";created=1633529659;expires=1633529719");
    clock.advance(Duration::from_secs(599));
    verifier.verify(&limited).expect("late, but in time");
    clock.advance(Duration::from_secs(1));
    verifier.verify(&limited).expect_err("late");
    let any_age = verifier.clone().without_age_check();
    for request in [&request, &limited] {
        any_age.verify(request).expect("known from before");
    }
    any_age
        .expires_required()
        .verify(&request)
        .expect_err("no expires");
}

#[test]
fn a_lenient_receiver_takes_few_components() {
    let verifier = lenient(&ManualClock::new());
    for component in LEAST {
        let others: Vec<&str> = LEAST
            .into_iter()
            .filter(|name| *name != component)
            .collect();
        let error = verifier
            .verify(&sign(&others, ";created=1633529659"))
            .expect_err("not covered");
        assert!(
            matches!(&error, VerifyError::MissingComponent { name } if name == component),
            "{error}"
        );
    }
    // Whatever the list calls it, the digest is that of the version.
    for digest in ["digest", "content-digest"] {
        verifier
            .clone()
            .required(["@method", digest])
            .verify(&sign(&["@method", "digest"], ";created=1633529659"))
            .expect("valid");
    }
    insta::assert_snapshot!(
        verifier.verify(&sign(&LEAST, "")).expect_err("no time"),
        @"the signature has no parameter `created`"
    );
}
