//! The examples of RFC 9421, as far as the API's components and algorithms reach.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http::Request;
use upvest_auth_signing::{ComponentError, SigningKey, VerifyingKey, signature_base};

use crate::support::fixture;

/// The value of one component.
fn value(request: &Request<()>, component: &str) -> Result<String, ComponentError> {
    let base = signature_base(request, [component], "()")?;
    let line = base.lines().next().expect("a line");
    Ok(line[component.len() + 4..].to_owned())
}

/// The request of appendix B.2, with the field that names the host.
fn test_request() -> Request<()> {
    Request::post("/foo?param=Value&Pet=dog")
        .header("host", "example.com")
        .header("date", "Tue, 20 Apr 2021 02:07:55 GMT")
        .header("content-type", "application/json")
        .header("content-digest", "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:")
        .header("content-length", "18")
        .body(())
        .expect("a request")
}

#[test]
fn section_2_1_header_fields() {
    let request = Request::get("/")
        .header("host", "www.example.com")
        .header("date", "Tue, 20 Apr 2021 02:07:56 GMT")
        .header("x-ows-header", "   Leading and trailing whitespace.   ")
        .header("cache-control", "max-age=60")
        .header("cache-control", "   must-revalidate")
        .header("example-dict", " a=1,    b=2;x=1;y=2,   c=(a   b   c) ")
        .header("x-empty-header", "")
        .body(())
        .expect("a request");
    for (name, expected) in [
        ("host", "www.example.com"),
        ("date", "Tue, 20 Apr 2021 02:07:56 GMT"),
        ("x-ows-header", "Leading and trailing whitespace."),
        ("cache-control", "max-age=60, must-revalidate"),
        ("example-dict", "a=1,    b=2;x=1;y=2,   c=(a   b   c)"),
        ("x-empty-header", ""),
    ] {
        assert_eq!(value(&request, name).as_deref(), Ok(expected), "{name}");
    }
}

#[test]
fn section_2_2_derived_components() {
    let request = Request::post("https://www.example.com/path?param=value")
        .body(())
        .expect("a request");
    for (name, expected) in [
        ("@method", "POST"),
        ("@authority", "www.example.com"),
        ("@path", "/path"),
        ("@query", "?param=value"),
    ] {
        assert_eq!(value(&request, name).as_deref(), Ok(expected), "{name}");
    }

    let query = |uri: &str| value(&Request::get(uri).body(()).expect("a request"), "@query");
    assert_eq!(
        query("/path?param=value&foo=bar&baz=batman").as_deref(),
        Ok("?param=value&foo=bar&baz=batman")
    );
    assert_eq!(query("/path?queryString").as_deref(), Ok("?queryString"));
    // Here the API differs: no query, no component.
    assert!(matches!(
        query("/path?"),
        Err(ComponentError::Missing { .. })
    ));

    // Known to the RFC, not to the API.
    for name in [
        "@target-uri",
        "@scheme",
        "@request-target",
        "@query-param",
        "@query-params",
        "@status",
        "@signature-params",
    ] {
        assert!(
            matches!(value(&request, name), Err(ComponentError::Unknown { .. })),
            "{name}"
        );
    }
}

#[test]
fn appendix_b_2_1_covers_nothing() {
    let params = r#"();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd""#;
    assert_eq!(
        signature_base(&test_request(), [""; 0], params),
        Ok(format!("\"@signature-params\": {params}"))
    );
}

#[test]
fn appendix_b_2_3_covers_everything() {
    let params = r#"("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss""#;
    let components = [
        "date",
        "@method",
        "@path",
        "@query",
        "@authority",
        "content-type",
        "content-digest",
        "content-length",
    ];
    assert_eq!(
        signature_base(&test_request(), components, params).as_deref(),
        Ok(r#""date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@query": ?param=Value&Pet=dog
"@authority": example.com
"content-type": application/json
"content-digest": sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss""#)
    );
}

/// The published signature fits the base, and signing the base gives it, since Ed25519 is
/// deterministic.
#[track_caller]
fn assert_signature(base: &str, signature: &str) {
    let signature = STANDARD.decode(signature).expect("base64");
    let public = URL_SAFE_NO_PAD
        .decode("JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs")
        .expect("base64url");
    let public = VerifyingKey::from_ed25519(&public).expect("a key");
    public
        .verify(base.as_bytes(), &signature)
        .expect("the published signature");

    let key = SigningKey::from_pem(&fixture("rfc9421-ed25519.pem"), None).expect("a key");
    assert_eq!(key.verifying_key(), public);
    assert_eq!(key.sign(base.as_bytes()).expect("signs"), signature);
}

#[test]
fn appendix_b_2_6_with_ed25519() {
    let params = r#"("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#;
    let components = [
        "date",
        "@method",
        "@path",
        "@authority",
        "content-type",
        "content-length",
    ];
    let base = signature_base(&test_request(), components, params).expect("all there");
    assert_eq!(
        base,
        r#""date": Tue, 20 Apr 2021 02:07:55 GMT
"@method": POST
"@path": /foo
"@authority": example.com
"content-type": application/json
"content-length": 18
"@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#
    );
    assert_signature(
        &base,
        "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==",
    );
}

#[test]
fn appendix_b_4_transformed_on_the_way() {
    let params =
        r#"("@method" "@path" "@authority" "accept");created=1618884473;keyid="test-key-ed25519""#;
    let components = ["@method", "@path", "@authority", "accept"];
    let signature =
        "ZT1kooQsEHpZ0I1IjCqtQppOmIqlJPeo7DHR3SoMn0s5JZ1eRGS0A+vyYP9t/LXlh5QMFFQ6cpLt2m0pmj3NDA==";
    let base = |uri: &str, host: &str, accept: &[&str]| {
        let mut request = Request::get(uri)
            .header("host", host)
            .header("date", "Fri, 15 Jul 2022 14:24:55 GMT");
        for line in accept {
            request = request.header("accept", *line);
        }
        let request = request.body(()).expect("a request");
        signature_base(&request, components, params).expect("all there")
    };

    let original = base(
        "/demo?name1=Value1&Name2=value2",
        "example.org",
        &["application/json", "*/*"],
    );
    assert_signature(&original, signature);
    // Lines joined, a parameter more, the host in another case: the signature is still valid.
    let transformed = base(
        "/demo?name1=Value1&Name2=value2&param=added",
        "Example.org",
        &["application/json, */*"],
    );
    assert_eq!(transformed, original);
    // The order of the lines counts, and so does the method.
    let reordered = base(
        "/demo?name1=Value1&Name2=value2",
        "example.org",
        &["*/*", "application/json"],
    );
    assert_ne!(reordered, original);
}
