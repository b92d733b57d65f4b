//! Digests, signature bases and signed requests, byte for byte.

mod digests;

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use upvest_auth_signing::{ComponentError, SignError, Signer, SigningKey, signature_base};

use crate::support::{ManualClock, chain, ed25519, p521};

const HELLO: &[u8] = br#"{"hello": "world"}"#;
const KEY_VALUE: &[u8] = br#"{"key": "value"}"#;
const KEY_VALUE_DIGEST: &str = "sha-512=:Hd9/AvGZkbjitW1+Ml8Fg1ux1mtcDYe6mLQjDyoowIWa3LM/PmwN2v9O+MjtQGrCA3EQWUL54dlgxKHyYbrucw==:";

// The worked example of the API's documentation.
const KEY_ID: &str = "8d4997a8-cf7a-4e51-adbb-401656a3e5c2";
const NONCE: &str = "o085M4cMgpbicuOL";
const WORKED_BASE: &str = r#""@method": POST
"@path": /endpoint
"@query": ?a=b
"accept": application/json
"authorization": Bearer access-token
"content-length": 16
"content-type": application/json
"content-digest": sha-512=:Hd9/AvGZkbjitW1+Ml8Fg1ux1mtcDYe6mLQjDyoowIWa3LM/PmwN2v9O+MjtQGrCA3EQWUL54dlgxKHyYbrucw==:
"idempotency-key": 2133825797664cad
"upvest-client-id": 5ec16164-6173-461d-b90d-116d68f55b40
"#;
const WORKED_INPUT: &str = r#"sig1=("@method" "@path" "@query" "accept" "authorization" "content-length" "content-type" "content-digest" "idempotency-key" "upvest-client-id");keyid="8d4997a8-cf7a-4e51-adbb-401656a3e5c2";created=1633529659;expires=1633529664;nonce="o085M4cMgpbicuOL""#;

fn worked_request() -> Request<Bytes> {
    Request::post("https://sandbox.upvest.co/endpoint?a=b")
        .header("user-agent", "not signed")
        .header("upvest-client-id", "5ec16164-6173-461d-b90d-116d68f55b40")
        .header("content-type", "application/json")
        .header("authorization", "Bearer access-token")
        .header("accept", "application/json")
        .header("idempotency-key", "2133825797664cad")
        .body(Bytes::from_static(KEY_VALUE))
        .expect("a request")
}

fn signer(key: SigningKey) -> Signer {
    Signer::new(key, KEY_ID)
        .lifetime(Duration::from_secs(5))
        .clock(ManualClock::new())
        .nonces(|| NONCE.to_owned())
}

fn header<'a, B>(request: &'a Request<B>, name: &str) -> &'a str {
    request.headers()[name].to_str().expect("ASCII")
}

/// The components named in `signature-input`, and its value without the label.
fn covered<B>(request: &Request<B>) -> (Vec<&str>, &str) {
    let params = &header(request, "signature-input")["sig1=".len()..];
    let list = &params[1..params.find(')').expect("a list")];
    (
        list.split(' ').map(|name| name.trim_matches('"')).collect(),
        params,
    )
}

fn base_of<B>(request: &Request<B>) -> String {
    let (components, params) = covered(request);
    signature_base(request, components, params).expect("all components are there")
}

#[test]
fn worked_example_of_the_documentation() {
    for key in [p521(), ed25519()] {
        let mut request = worked_request();
        signer(key.clone()).sign(&mut request).expect("signs");

        assert_eq!(header(&request, "signature-input"), WORKED_INPUT);
        assert_eq!(header(&request, "upvest-signature-version"), "15");
        let params = WORKED_INPUT.trim_start_matches("sig1=");
        let base = format!("{WORKED_BASE}\"@signature-params\": {params}");
        assert_eq!(base_of(&request), base);

        let signature = header(&request, "signature")
            .strip_prefix("sig1=:")
            .and_then(|rest| rest.strip_suffix(':'))
            .expect("a byte sequence labelled sig1");
        let signature = STANDARD.decode(signature).expect("padded base64");
        key.verifying_key()
            .verify(base.as_bytes(), &signature)
            .expect("over this base");
    }
}

#[test]
fn bases() {
    let builder = |method: &str, uri: &str| Request::builder().method(method).uri(uri);
    let cases = [
        ("root", builder("GET", "https://host").body(Bytes::new())),
        (
            "lone question mark",
            builder("GET", "https://host/users?").body(Bytes::new()),
        ),
        (
            "percent-encoding stays",
            builder("DELETE", "https://host/a%20b/%C3%BC%2f?q=%20+%26&empty").body(Bytes::new()),
        ),
        (
            "version and date",
            builder("GET", "/users")
                .header("date", "Wed, 06 Oct 2021 14:14:19 GMT")
                .header("upvest-api-version", "1")
                .body(Bytes::new()),
        ),
        (
            "body fields of a request without body",
            builder("POST", "/users")
                .header("content-type", "application/json")
                .header("content-length", "7")
                .header("content-digest", "sha-512=:AAAA:")
                .body(Bytes::new()),
        ),
        (
            "length in bytes",
            builder("POST", "/users")
                .header("content-type", "text/plain")
                .body(Bytes::from_static("äöü".as_bytes())),
        ),
        (
            "several lines of a field",
            builder("GET", "/users")
                .header("accept", " application/json")
                .header("accept", "application/pdf\t")
                .body(Bytes::new()),
        ),
        (
            "transport headers",
            builder("GET", "/users")
                .header("host", "host")
                .header("user-agent", "agent")
                .header("accept-encoding", "gzip")
                .header("cookie", "a=b")
                .header("x-forwarded-for", "::1")
                .body(Bytes::new()),
        ),
    ];
    let mut report = String::new();
    for (case, request) in cases {
        let mut request = request.expect("a request");
        signer(ed25519()).sign(&mut request).expect("signs");
        report.push_str(&format!("--- {case}\n{}\n", base_of(&request)));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn authorities() {
    let authority = |uri: &str, host: Option<&str>| {
        let mut request = Request::get(uri);
        if let Some(host) = host {
            request = request.header("host", host);
        }
        signature_base(&request.body(()).expect("a request"), ["@authority"], "()")
            .map(|base| base.lines().next().expect("a line")["\"@authority\": ".len()..].to_owned())
    };
    assert_eq!(
        authority("https://Host.Example:443/", None).as_deref(),
        Ok("host.example")
    );
    assert_eq!(
        authority("https://host:8443/", None).as_deref(),
        Ok("host:8443")
    );
    assert_eq!(authority("http://host:80/", None).as_deref(), Ok("host"));
    assert_eq!(authority("https://user@host/", None).as_deref(), Ok("host"));
    assert_eq!(authority("/", Some("Host:80")).as_deref(), Ok("host:80"));
    assert_eq!(
        authority("/", None),
        Err(ComponentError::Missing {
            name: "@authority".to_owned()
        })
    );
}

#[test]
fn components_that_cannot_be_determined() {
    let request = Request::get("/path?")
        .header("accept", "a\tb")
        .body(())
        .expect("a request");
    let refusal = |name: &str| {
        signature_base(&request, [name], "()")
            .expect_err("refused")
            .to_string()
    };
    let report = [
        refusal("@query"),
        refusal("authorization"),
        refusal("@status"),
        refusal("@signature-params"),
        refusal("Accept"),
        refusal(""),
        refusal("accept"),
    ]
    .join("\n");
    insta::assert_snapshot!(report);
}

#[test]
fn signing_again_replaces_the_signature() {
    let clock = ManualClock::new();
    let signer = signer(ed25519()).clock(clock.clone());
    let mut request = worked_request();
    signer.sign(&mut request).expect("signs");
    let first = request.clone();

    clock.advance(Duration::from_secs(1));
    *request.body_mut() = Bytes::new();
    signer.sign(&mut request).expect("signs");

    for name in ["signature", "signature-input", "upvest-signature-version"] {
        assert_eq!(request.headers().get_all(name).iter().count(), 1, "{name}");
    }
    assert_ne!(first.headers()["signature"], request.headers()["signature"]);
    assert!(!request.headers().contains_key("content-digest"));
    assert!(!request.headers().contains_key("content-length"));
    insta::assert_snapshot!(header(&request, "signature-input"), @r#"sig1=("@method" "@path" "@query" "accept" "authorization" "idempotency-key" "upvest-client-id");keyid="8d4997a8-cf7a-4e51-adbb-401656a3e5c2";created=1633529660;expires=1633529665;nonce="o085M4cMgpbicuOL""#);
}

#[test]
fn several_lines_are_sent_as_one_and_stay_sensitive() {
    let mut secret = HeaderValue::from_static("b");
    secret.set_sensitive(true);
    let mut request = Request::get("/")
        .header("authorization", "a")
        .body(Bytes::new())
        .expect("ok");
    request.headers_mut().append("authorization", secret);
    signer(ed25519()).sign(&mut request).expect("signs");

    let lines: Vec<_> = request.headers().get_all("authorization").iter().collect();
    assert_eq!(lines, ["a, b"]);
    assert!(lines[0].is_sensitive());
}

#[test]
fn what_would_not_arrive_unchanged_is_not_signed() {
    let sign = |signer: Signer, uri: &str, name: &str, value: &[u8]| {
        let mut request = Request::get(uri)
            .header(name, value)
            .body(Bytes::new())
            .expect("ok");
        chain(&signer.sign(&mut request).expect_err("refused"))
    };
    let nonce = || signer(ed25519()).nonces(|| "n\u{f6}nce".to_owned());
    let before_1970 = || signer(ed25519()).clock(|| UNIX_EPOCH - Duration::from_secs(1));
    let report = [
        sign(signer(ed25519()), "/", "accept", "caf\u{e9}".as_bytes()),
        sign(signer(ed25519()), "/", "idempotency-key", b"a\xffb"),
        sign(signer(ed25519()), "/", "date", b"a\tb"),
        sign(signer(ed25519()), "/caf\u{e9}", "x-fine", b""),
        sign(nonce(), "/", "x-fine", b""),
        sign(Signer::new(ed25519(), "k\u{e9}y"), "/", "x-fine", b""),
        sign(before_1970(), "/", "x-fine", b""),
        sign(
            signer(ed25519()).lifetime(Duration::MAX),
            "/",
            "x-fine",
            b"",
        ),
    ]
    .join("\n");
    insta::assert_snapshot!(report);

    let mut request = Request::get("/")
        .header("x-not-signed", "caf\u{e9}")
        .body(Bytes::new())
        .expect("ok");
    signer(ed25519())
        .sign(&mut request)
        .expect("what is not covered does not matter");
}

#[test]
fn more_fields_can_be_covered() {
    let names = |names: &[&'static str]| {
        names
            .iter()
            .copied()
            .map(HeaderName::from_static)
            .collect::<Vec<_>>()
    };
    let signer = signer(ed25519())
        .also_cover(names(&["x-tenant", "accept", "x-absent"]))
        .also_cover(names(&[
            "x-tenant",
            "signature",
            "signature-input",
            "upvest-signature-version",
            "digest",
            "x-last",
        ]));
    let mut request = Request::get("/")
        .header("x-last", "z")
        .header("x-tenant", "a")
        .header("x-tenant", "b")
        .header("accept", "application/json")
        .header("digest", "not of this version")
        .body(Bytes::new())
        .expect("ok");
    for _ in 0..2 {
        signer.sign(&mut request).expect("signs");
        let (components, _) = covered(&request);
        assert_eq!(
            components,
            ["@method", "@path", "accept", "x-tenant", "x-last"]
        );
    }
    assert_eq!(header(&request, "x-tenant"), "a, b");
}

#[test]
fn key_ids_are_quoted() {
    let mut request = Request::new(Bytes::new());
    let signer = Signer::new(ed25519(), r#"a"b\c"#)
        .clock(ManualClock::new())
        .nonces(|| NONCE.to_owned());
    signer.sign(&mut request).expect("signs");
    insta::assert_snapshot!(header(&request, "signature-input"), @r#"sig1=("@method" "@path");keyid="a\"b\\c";created=1633529659;expires=1633529689;nonce="o085M4cMgpbicuOL""#);
}

#[test]
fn a_lifetime_is_at_least_a_second() {
    let mut request = Request::new(Bytes::new());
    signer(ed25519())
        .lifetime(Duration::ZERO)
        .sign(&mut request)
        .expect("signs");
    assert!(header(&request, "signature-input").contains("created=1633529659;expires=1633529660;"));
}

#[test]
fn nonces_are_random_uuids() {
    let signer = Signer::new(ed25519(), "key");
    let mut nonces = std::collections::HashSet::new();
    for _ in 0..100 {
        let mut request = Request::new(Bytes::new());
        signer.sign(&mut request).expect("signs");
        let (_, nonce) = header(&request, "signature-input")
            .rsplit_once("nonce=")
            .expect("a nonce");
        let nonce = uuid::Uuid::parse_str(nonce.trim_matches('"')).expect("a UUID");
        assert_eq!(nonce.get_version_num(), 4);
        assert!(nonces.insert(nonce));
    }
}

#[test]
fn sign_errors_say_which_component() {
    let mut request = Request::get("/")
        .header("accept", "\u{e9}")
        .body(Bytes::new())
        .expect("ok");
    let error = signer(ed25519()).sign(&mut request).expect_err("refused");
    assert!(
        matches!(error, SignError::Component(ComponentError::NotAscii { name }) if name == "accept")
    );
}
