//! What holds for any request: if it signs, it verifies; if anything covered changes, it does not;
//! and no bytes in a header make a parser panic. The same cases in every run.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Uri};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, RngAlgorithm, RngSeed};
use upvest_auth_signing::{
    EcdsaEncoding, SignatureVersion, Signer, SigningKey, Verifier, explain, verify_content_digest,
    verify_digest,
};

use crate::support::{ManualClock, ed25519, p521};

const EXTRA: HeaderName = HeaderName::from_static("x-extra");

pub(crate) fn config(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        rng_algorithm: RngAlgorithm::XorShift,
        rng_seed: RngSeed::Fixed(0x0075_7076_6573_7401),
        ..Config::default()
    }
}

fn version() -> impl Strategy<Value = SignatureVersion> {
    select(vec![SignatureVersion::V6, SignatureVersion::V15])
}

fn key() -> impl Strategy<Value = SigningKey> {
    any::<bool>().prop_map(|is_p521| if is_p521 { p521() } else { ed25519() })
}

/// Anything that can be a header value of visible ASCII and spaces.
fn text() -> impl Strategy<Value = String> {
    "[ -~]{0,40}"
}

fn unsigned() -> impl Strategy<Value = Request<Bytes>> {
    let names = vec![
        "accept",
        "authorization",
        "content-type",
        "idempotency-key",
        "upvest-client-id",
        "upvest-api-version",
        "date",
        "x-extra",
        "x-not-covered",
    ];
    (
        "[A-Z]{1,8}|[!#$%&'*+.^_`|~a-z0-9-]{1,4}",
        "(/[A-Za-z0-9._~!$&'()*+,;=:@-]{0,9}|/%[0-9A-F]{2}){0,4}",
        prop::option::of("[A-Za-z0-9._~!$&'()*+,;=:@/?-]{0,20}"),
        prop::collection::vec((select(names), text()), 0..12),
        prop::collection::vec(any::<u8>(), 0..200),
    )
        .prop_map(|(method, path, query, headers, body)| {
            let query = query.map(|query| format!("?{query}")).unwrap_or_default();
            let path = if path.is_empty() {
                "/".to_owned()
            } else {
                path
            };
            let mut request = Request::builder()
                .method(Method::from_bytes(method.as_bytes()).expect("a method"))
                .uri(Uri::try_from(format!("https://host{path}{query}")).expect("a URI"));
            for (name, value) in headers {
                request = request.header(name, value);
            }
            if !body.is_empty() {
                request = request.header("content-type", "application/octet-stream");
            }
            request.body(Bytes::from(body)).expect("a request")
        })
}

fn sign(
    mut request: Request<Bytes>,
    version: SignatureVersion,
    key: &SigningKey,
) -> Request<Bytes> {
    Signer::new(key.clone(), "key-id")
        .version(version)
        .also_cover([EXTRA])
        .clock(ManualClock::new())
        .sign(&mut request)
        .expect("signs");
    request
}

fn verifier(version: SignatureVersion, key: &SigningKey) -> Verifier {
    let public = key.verifying_key();
    Verifier::new(move |id: &str| (id == "key-id").then(|| public.clone()))
        .version(version)
        .clock(ManualClock::new())
}

proptest! {
    #![proptest_config(config(300))]

    #[test]
    fn what_signs_verifies(request in unsigned(), version in version(), key in key()) {
        let signed = sign(request, version, &key);
        let verified = verifier(version, &key).verify(&signed);
        prop_assert!(verified.is_ok(), "{verified:?}");
        let verified = verified.expect("checked");
        prop_assert_eq!(verified.value("@method"), Some(signed.method().as_str()));
        prop_assert_eq!(verified.value("@path"), Some(signed.uri().path()));
        for (name, value) in verified.components() {
            if let Some(header) = signed.headers().get(name) {
                prop_assert_eq!(header.as_bytes().trim_ascii(), value.as_bytes());
            }
        }
        prop_assert!(!verified.covers("x-not-covered"));
        prop_assert_eq!(verified.covers(version.digest_header().as_str()), !signed.body().is_empty());
        prop_assert!(explain(&signed, Some(&key.verifying_key())).lines.len() > 2);
    }

    #[test]
    fn key_ids_and_nonces_survive(
        key_id in text(),
        nonce in text(),
        version in version(),
        lifetime in 0_u64..60,
    ) {
        let mut request = Request::new(Bytes::new());
        let sent = nonce.clone();
        Signer::new(ed25519(), key_id.clone())
            .version(version)
            .lifetime(Duration::from_secs(lifetime))
            .clock(ManualClock::new())
            .nonces(move || sent.clone())
            .sign(&mut request)
            .expect("signs");
        let verifier = Verifier::new(move |id: &str| {
            (id == key_id).then(|| ed25519().verifying_key())
        });
        let verified = verifier
            .version(version)
            .clock(ManualClock::new())
            .verify(&request)
            .expect("valid");
        prop_assert_eq!(verified.nonce, Some(nonce));
        let expires = verified.created + Duration::from_secs(lifetime.max(1));
        prop_assert_eq!(verified.expires, Some(expires));
    }

    #[test]
    fn a_change_of_what_is_covered_is_noticed(
        request in unsigned(),
        version in version(),
        key in key(),
        component in any::<Index>(),
        position in any::<Index>(),
        byte in any::<u8>(),
    ) {
        let mut changed = sign(request, version, &key);
        let verifier = verifier(version, &key);
        let verified = verifier.clone().without_replay_check().verify(&changed).expect("valid");
        let components: Vec<_> = verified.components().collect();
        let (name, value) = components[component.index(components.len())];

        // One byte put in, or put in the place of another.
        let mut bytes = value.as_bytes().to_vec();
        match position.index(bytes.len() * 2 + 1) {
            at if at <= bytes.len() => bytes.insert(at, byte),
            at => bytes[at - value.len() - 1] = byte,
        }
        // What is not a value does not arrive, and blanks around a value do not count.
        prop_assume!(bytes.trim_ascii() != value.as_bytes());
        match name {
            "@method" => match Method::from_bytes(&bytes) {
                Ok(method) => *changed.method_mut() = method,
                Err(_) => return Ok(()),
            },
            "@path" | "@query" => {
                let uri = changed.uri();
                let (path, query) = (uri.path(), uri.query().unwrap_or_default());
                let target = if name == "@path" {
                    [&bytes, &b"?"[..], query.as_bytes()].concat()
                } else {
                    [path.as_bytes(), &bytes].concat()
                };
                // What stands behind a `#` is not sent.
                prop_assume!(bytes.first() == value.as_bytes().first() && !bytes.contains(&b'#'));
                match Uri::try_from(&target[..]) {
                    Ok(uri) => *changed.uri_mut() = uri,
                    Err(_) => return Ok(()),
                }
            }
            name => match HeaderValue::from_bytes(&bytes) {
                Ok(value) => {
                    let name = HeaderName::try_from(name).expect("a name");
                    changed.headers_mut().insert(name, value);
                }
                Err(_) => return Ok(()),
            },
        }
        let result = verifier.verify(&changed);
        prop_assert!(result.is_err(), "{name}: {value:?} became {bytes:?}");
    }

    #[test]
    fn a_change_of_the_body_is_noticed(
        request in unsigned(),
        version in version(),
        key in key(),
        body in prop::collection::vec(any::<u8>(), 0..40),
    ) {
        prop_assume!(body != *request.body());
        let mut changed = sign(request, version, &key);
        *changed.body_mut() = body.into();
        prop_assert!(verifier(version, &key).verify(&changed).is_err());
    }
}

const BODY: &[u8] = b"{}";

/// Bytes that a header may have.
fn header_bytes() -> impl Strategy<Value = HeaderValue> {
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..300),
        r#"(sig1=|l[0-9]=|\(|\)|"@?[a-z-]{0,9}"|;[a-z]{1,7}(=["0-9a-z:.?-]{0,9})?|, | |:[A-Za-z0-9+/=]{0,9}:|[ -~]){0,40}"#
            .prop_map(String::into_bytes),
    ]
    .prop_filter_map("no header value", |bytes| HeaderValue::from_bytes(&bytes).ok())
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn parsers_never_panic(
        input in header_bytes(),
        signature in header_bytes(),
        digest in header_bytes(),
        version in version(),
    ) {
        let mut request = sign(
            Request::post("/?a").header("content-type", "a/b").body(Bytes::from_static(BODY)).expect("a request"),
            version,
            &ed25519(),
        );
        let verifier = verifier(version, &ed25519()).ecdsa_encoding(EcdsaEncoding::Either);
        for (name, value) in [
            (HeaderName::from_static("signature-input"), &input),
            (HeaderName::from_static("signature"), &signature),
            (version.digest_header(), &digest),
        ] {
            let before = request.headers_mut().insert(name.clone(), value.clone());
            prop_assert!(verifier.verify(&request).is_err());
            let _ = explain(&request, None).to_string();
            request.headers_mut().insert(name, before.expect("was there"));
        }
        let text = String::from_utf8_lossy(digest.as_bytes());
        prop_assert!(verify_content_digest(&text, BODY).is_err());
        prop_assert!(verify_digest(&text, BODY).is_err());
    }

    #[test]
    fn any_bytes_may_come_as_an_ecdsa_signature(
        bytes in prop::collection::vec(any::<u8>(), 0..150),
        width in prop::collection::vec(any::<u8>(), 132),
    ) {
        use base64::Engine;
        use base64::engine::general_purpose::STANDARD;
        let mut request = sign(Request::new(Bytes::new()), SignatureVersion::V15, &ed25519());
        let verifier = verifier(SignatureVersion::V15, &p521());
        for bytes in [bytes, width] {
            let value = format!("sig1=:{}:", STANDARD.encode(&bytes));
            let value = HeaderValue::from_str(&value).expect("ASCII");
            request.headers_mut().insert("signature", value);
            for encoding in [EcdsaEncoding::Der, EcdsaEncoding::FixedWidth, EcdsaEncoding::Either] {
                prop_assert!(verifier.clone().ecdsa_encoding(encoding).verify(&request).is_err());
            }
        }
    }
}
