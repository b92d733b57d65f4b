//! Strict verification: everything that is off by a byte is refused, and for the right reason.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use upvest_auth_signing::{
    DigestError, KeyAlgorithm, MemoryNonceStore, NonceStore, NonceVerdict, Signer, SigningKey,
    Verified, Verifier, VerifyError, signature_base,
};

use crate::support::{ManualClock, START, chain, counting_nonces, ed25519, fixture, p521};

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
fn components_that_must_be_covered() {
    let always = [
        "@method",
        "@path",
        "@query",
        "content-length",
        "content-type",
        "content-digest",
    ];
    for component in COVERED {
        let others: Vec<&str> = COVERED
            .into_iter()
            .filter(|name| *name != component)
            .collect();
        let request = signed_with(&others, &params(START, START + 5));
        if always.contains(&component) {
            let error = refusal(&verifier(), &request);
            assert!(
                matches!(&error, VerifyError::MissingComponent { name } if name == component),
                "{component}: {error}"
            );
        } else {
            let verified = verifier()
                .verify(&request)
                .expect("not required unless told so");
            assert!(!verified.covers(component));

            let for_all = verifier().require([component]);
            for error in [
                refusal(&for_all, &request),
                verifier()
                    .verify_requiring(&request, &[component])
                    .expect_err("required"),
            ] {
                assert!(
                    matches!(&error, VerifyError::MissingComponent { name } if name == component),
                    "{component}: {error}"
                );
            }
        }
    }
}

#[test]
fn parameters_cannot_be_changed_or_left_out() {
    let edits = [
        (
            "other key id",
            KEY_ID,
            "8d4997a8-cf7a-4e51-adbb-401656a3e5c3",
        ),
        ("later created", "created=1633529659", "created=1633529660"),
        ("later expires", "expires=1633529689", "expires=1633529690"),
        ("other nonce", "nonce-1", "nonce-2"),
        (
            "other order of components",
            r#""@method" "@path""#,
            r#""@path" "@method""#,
        ),
        ("one component less", r#" "accept""#, ""),
        (
            "one component more",
            r#" "accept""#,
            r#" "accept" "upvest-signature-version""#,
        ),
        ("one component twice", r#""accept""#, r#""accept" "accept""#),
        ("absent component", r#""accept""#, r#""accept" "x-absent""#),
        (
            "unknown derived component",
            r#""accept""#,
            r#""accept" "@status""#,
        ),
        (
            "signature parameters as component",
            r#""accept""#,
            r#""accept" "@signature-params""#,
        ),
        ("upper-case component", r#""accept""#, r#""Accept""#),
        ("component with parameter", r#""accept""#, r#""accept";sf"#),
        ("component no string", r#""accept""#, "accept"),
        ("one parameter more", ";nonce", ";tag=\"t\";nonce"),
        (
            "other order of parameters",
            ";created=1633529659;expires=1633529689",
            ";expires=1633529689;created=1633529659",
        ),
        (
            "algorithm of another key",
            ";nonce",
            ";alg=\"ecdsa-p256-sha256\";nonce",
        ),
        ("algorithm not signed", ";nonce", ";alg=\"ed25519\";nonce"),
        ("no key id", ";keyid=", ";x="),
        ("no created", ";created=", ";x="),
        ("no expires", ";expires=", ";x="),
        ("no nonce", ";nonce=", ";x="),
        ("key id no string", &format!("\"{KEY_ID}\""), "1"),
        ("created no integer", "1633529659", "1633529659.5"),
        ("created negative", "1633529659", "-1"),
        ("expires no integer", "1633529689", "\"1633529689\""),
        ("nonce no string", "\"nonce-1\"", "1"),
        ("other label", "sig1=", "sig2="),
        ("no list", "sig1=(", "sig1=1, sig2=("),
        ("list left open", ");keyid", ";keyid"),
    ];
    let mut report = String::new();
    for (case, from, to) in edits {
        let mut request = signed();
        replace(&mut request, "signature-input", from, to);
        report.push_str(&format!(
            "{case}: {}\n",
            chain(&refusal(&verifier(), &request))
        ));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn headers_of_the_signature() {
    type Edit = fn(&mut Request<Bytes>);
    let edits: [(&str, Edit); 13] = [
        ("no version", |request| {
            request.headers_mut().remove("upvest-signature-version");
        }),
        ("version 6", |request| {
            set(request, "upvest-signature-version", "6")
        }),
        ("two versions", |request| {
            request
                .headers_mut()
                .append("upvest-signature-version", HeaderValue::from_static("15"));
        }),
        ("no signature-input", |request| {
            request.headers_mut().remove("signature-input");
        }),
        ("no signature", |request| {
            request.headers_mut().remove("signature");
        }),
        ("empty signature-input", |request| {
            set(request, "signature-input", "")
        }),
        ("empty signature", |request| set(request, "signature", "")),
        ("other label", |request| {
            replace(request, "signature", "sig1", "sig2")
        }),
        ("no bytes", |request| {
            set(request, "signature", "sig1=\"abc\"")
        }),
        ("no base64", |request| {
            set(request, "signature", "sig1=:a*c:")
        }),
        ("empty bytes", |request| {
            set(request, "signature", "sig1=::")
        }),
        ("as the oldest draft had it", |request| {
            set(
                request,
                "signature",
                r#"keyId="key",algorithm=hs2019,headers="*request-target *created",signature="AAAA""#,
            );
        }),
        ("not ASCII", |request| {
            let value = HeaderValue::from_bytes(b"sig1=\xff").expect("a value");
            request.headers_mut().insert("signature-input", value);
        }),
    ];
    let mut report = String::new();
    for (case, edit) in edits {
        let mut request = signed();
        edit(&mut request);
        report.push_str(&format!(
            "{case}: {}\n",
            chain(&refusal(&verifier(), &request))
        ));
    }
    insta::assert_snapshot!(report);
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
fn a_request_is_accepted_once() {
    let verifier = verifier();
    let request = signed();
    let verified = verifier.verify(&request).expect("valid");
    assert_eq!(verified.key_id, KEY_ID);
    assert_eq!(verified.created, UNIX_EPOCH + Duration::from_secs(START));
    assert_eq!(
        verified.expires,
        Some(UNIX_EPOCH + Duration::from_secs(START + 30))
    );
    assert_eq!(verified.nonce.as_deref(), Some("nonce-1"));
    assert_eq!(names(&verified), COVERED);

    let clone = verifier.clone();
    insta::assert_snapshot!(refusal(&clone, &request), @"the nonce `nonce-1` was used before");
}

#[test]
fn a_nonce_counts_until_the_signature_is_too_old() {
    let clock = ManualClock::new();
    let verifier = verifier().clock(clock.clone());
    let request = signed();
    verifier.verify(&request).expect("valid");
    // 30 seconds of lifetime and 5 seconds of skew.
    clock.advance(Duration::from_secs(35));
    let error = refusal(&verifier, &request);
    assert!(
        matches!(error, VerifyError::NonceReplayed { .. }),
        "{error}"
    );
    clock.advance(Duration::from_secs(1));
    let error = refusal(&verifier, &request);
    assert!(matches!(error, VerifyError::Expired { .. }), "{error}");
}

#[test]
fn a_nonce_counts_for_ever_where_signatures_do() {
    let clock = ManualClock::new();
    let verifier = verifier()
        .clock(clock.clone())
        .max_lifetime(Duration::MAX)
        .allowed_skew(Duration::MAX)
        .grace(Duration::MAX);
    let early = signed_with(&COVERED, &params(0, 999_999_999_999_999));
    let late = signed_with(&COVERED, &params(999_999_999_999_990, 999_999_999_999_999));
    verifier.verify(&early).expect("valid");
    assert!(matches!(
        refusal(&verifier, &late),
        VerifyError::NonceReplayed { .. }
    ));
    clock.advance(Duration::from_secs(3_000_000_000));
    assert!(matches!(
        refusal(&verifier, &early),
        VerifyError::NonceReplayed { .. }
    ));
}

#[test]
fn a_refused_request_does_not_use_up_its_nonce() {
    let verifier = verifier();
    let request = signed();
    let mut forged = request.clone();
    *forged.body_mut() = Bytes::from_static(br#"{"key": "other"}"#);
    refusal(&verifier, &forged);
    verifier.verify(&request).expect("the nonce is fresh");
}

#[test]
fn nonces_are_remembered_for_as_long_as_they_count() {
    let store = MemoryNonceStore::new(2);
    let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    assert_eq!(
        store.remember("key", "a", at(10), at(0)),
        NonceVerdict::Fresh
    );
    assert_eq!(
        store.remember("key", "a", at(10), at(10)),
        NonceVerdict::Replayed
    );
    assert_eq!(
        store.remember("other key", "a", at(20), at(10)),
        NonceVerdict::Fresh
    );
    assert_eq!(
        store.remember("key", "b", at(20), at(10)),
        NonceVerdict::Full
    );
    assert_eq!(
        store.remember("key", "b", at(20), at(11)),
        NonceVerdict::Fresh
    );
    assert_eq!(
        store.remember("other key", "a", at(20), at(20)),
        NonceVerdict::Replayed
    );

    // What separates key and nonce cannot be moved.
    let store = MemoryNonceStore::new(2);
    for (key, nonce) in [("key1", "1"), ("key", "11")] {
        let verdict = store.remember(key, nonce, at(10), at(0));
        assert_eq!(verdict, NonceVerdict::Fresh);
    }
    // The first to come is not the first to go.
    let store = MemoryNonceStore::new(2);
    store.remember("key", "long", at(20), at(0));
    store.remember("key", "short", at(5), at(0));
    assert_eq!(
        store.remember("key", "new", at(20), at(6)),
        NonceVerdict::Fresh
    );
    assert_eq!(
        store.remember("key", "long", at(20), at(6)),
        NonceVerdict::Replayed
    );
    assert_eq!(
        store.remember("key", "short", at(20), at(6)),
        NonceVerdict::Full
    );

    // A clock that is ahead for a while makes it forget nothing that there is room for.
    let store = MemoryNonceStore::new(2);
    store.remember("key", "early", at(10), at(0));
    store.remember("key", "ahead", at(1_000_010), at(1_000_000));
    assert_eq!(
        store.remember("key", "early", at(10), at(0)),
        NonceVerdict::Replayed
    );

    let full = verifier().nonce_store(MemoryNonceStore::new(0));
    assert!(matches!(
        refusal(&full, &signed()),
        VerifyError::NonceStoreFull
    ));
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
