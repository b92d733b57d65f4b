//! What a developer gets to see whose request was refused.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Uri};
use upvest_auth_signing::{
    ClaimedLine, Difference, Explanation, KeyAlgorithm, SignatureVersion, Signer, SigningKey,
    explain,
};

use crate::support::{ManualClock, ed25519, p521};

const TOKEN: &str = "ory_at_secret-access-token";

fn signed(version: SignatureVersion) -> Request<Bytes> {
    let mut request = Request::post("https://sandbox.upvest.co/endpoint?a=b")
        .header("accept", "application/json")
        .header("authorization", format!("Bearer {TOKEN}"))
        .header("content-type", "application/json")
        .body(Bytes::from_static(br#"{"key": "value"}"#))
        .expect("a request");
    Signer::new(ed25519(), "8d4997a8-cf7a-4e51-adbb-401656a3e5c2")
        .version(version)
        .lifetime(Duration::from_secs(5))
        .clock(ManualClock::new())
        .nonces(|| "o085M4cMgpbicuOL".to_owned())
        .sign(&mut request)
        .expect("signs");
    request
}

fn set(request: &mut Request<Bytes>, name: &'static str, value: &str) {
    let value = HeaderValue::from_str(value).expect("a value");
    request.headers_mut().insert(name, value);
}

fn replace(request: &mut Request<Bytes>, name: &'static str, from: &str, to: &str) {
    let value = request.headers()[name].to_str().expect("ASCII").to_owned();
    assert!(value.contains(from), "`{from}` is not in `{value}`");
    set(request, name, &value.replace(from, to));
}

/// With the key that the requests here are signed with.
fn explained(request: &Request<Bytes>) -> Explanation {
    let explanation = explain(request, Some(&ed25519().verifying_key()));
    for text in [explanation.to_string(), format!("{explanation:?}")] {
        assert!(!text.contains("secret"), "{text}");
    }
    explanation
}

#[test]
fn nothing_is_wrong() {
    let fifteen = explained(&signed(SignatureVersion::V15));
    let six = explained(&signed(SignatureVersion::V6));
    insta::assert_snapshot!(format!("{fifteen}\n\n{six}"));
    assert_eq!(six.version, SignatureVersion::V6);
    assert_eq!(fifteen.lines[0].component, "@method");
    assert_eq!(fifteen.lines[0].built.as_deref(), Some("POST"));
}

#[test]
fn first_differences() {
    type Edit = fn(&mut Request<Bytes>);
    let edits: [(&str, Edit); 13] = [
        ("changed body", |request| {
            *request.body_mut() = Bytes::from_static(br#"{"key":"value"}"#);
        }),
        ("changed body of the same length", |request| {
            *request.body_mut() = Bytes::from_static(br#"{"key": "valuE"}"#);
        }),
        ("dropped header", |request| {
            request.headers_mut().remove("accept");
        }),
        ("header that is not ASCII", |request| {
            set(request, "accept", "caf\u{e9}");
        }),
        ("dropped query", |request| {
            *request.uri_mut() = Uri::from_static("/endpoint");
        }),
        ("authorization not covered", |request| {
            replace(request, "signature-input", "\"authorization\" ", "");
        }),
        ("digest and query not covered", |request| {
            replace(request, "signature-input", "\"@query\" ", "");
            replace(request, "signature-input", " \"content-digest\"", "");
        }),
        ("parameters with a blank", |request| {
            replace(request, "signature-input", ";created", "; created");
        }),
        ("changed path", |request| {
            *request.uri_mut() = Uri::from_static("/proxy/endpoint?a=b");
        }),
        ("no version", |request| {
            request.headers_mut().remove("upvest-signature-version");
        }),
        ("unknown version", |request| {
            set(request, "upvest-signature-version", "16");
        }),
        ("no signature", |request| {
            request.headers_mut().remove("signature");
        }),
        ("other label", |request| {
            replace(request, "signature-input", "sig1", "sig2");
        }),
    ];
    let mut report = String::new();
    for (case, edit) in edits {
        let mut request = signed(SignatureVersion::V15);
        edit(&mut request);
        let explanation = explained(&request);
        assert!(explanation.difference.is_some(), "{case}");
        report.push_str(&format!("--- {case}\n{explanation}\n\n"));
    }
    insta::assert_snapshot!(report);
}

#[test]
fn the_key_decides_last() {
    let request = signed(SignatureVersion::V15);
    let other = SigningKey::generate(KeyAlgorithm::Ed25519).expect("generates");
    for key in [other, p521()] {
        let explanation = explain(&request, Some(&key.verifying_key()));
        assert!(matches!(
            explanation.difference,
            Some(Difference::Signature)
        ));
        assert!(
            explanation
                .lines
                .iter()
                .all(|line| line.claim == ClaimedLine::Same)
        );
    }
    assert!(explain(&request, None).difference.is_none());

    let mut request = request;
    Signer::new(p521(), "key-id")
        .sign(&mut request)
        .expect("signs");
    let explanation = explain(&request, Some(&p521().verifying_key()));
    assert!(explanation.difference.is_none());
}

#[test]
fn credentials_are_not_shown() {
    let mut request = Request::get("/")
        .header("authorization", "secret")
        .header("proxy-authorization", "Basic secret")
        .header("cookie", "session=secret")
        .header("idempotency-key", "shown")
        .body(Bytes::new())
        .expect("a request");
    let mut marked = HeaderValue::from_static("secret");
    marked.set_sensitive(true);
    request.headers_mut().insert("x-marked", marked);
    Signer::new(ed25519(), "key-id")
        .also_cover(
            ["proxy-authorization", "cookie", "x-marked"].map(http::HeaderName::from_static),
        )
        .sign(&mut request)
        .expect("signs");
    let explanation = explained(&request);
    assert!(explanation.difference.is_none());
    let lines: Vec<String> = explanation
        .lines
        .iter()
        .filter(|line| !line.component.starts_with('@'))
        .map(|line| {
            format!(
                "{}: {}",
                line.component,
                line.built.as_deref().unwrap_or("-")
            )
        })
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    authorization: [redacted]
    idempotency-key: shown
    proxy-authorization: Basic [redacted]
    cookie: [redacted]
    x-marked: [redacted]
    ");
}
