//! The headers of the signature, and what they have to cover.

use bytes::Bytes;
use http::{HeaderValue, Request};
use upvest_auth_signing::VerifyError;

use super::{COVERED, KEY_ID, params, refusal, replace, set, signed, signed_with, verifier};
use crate::support::{START, chain};

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

/// What is changed in `signature-input`: a name for it, the old text and the new one.
const EDITS: &[(&str, &str, &str)] = &[
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
    (
        "key id no string",
        "\"8d4997a8-cf7a-4e51-adbb-401656a3e5c2\"",
        "1",
    ),
    ("created no integer", "1633529659", "1633529659.5"),
    ("created negative", "1633529659", "-1"),
    ("expires no integer", "1633529689", "\"1633529689\""),
    ("nonce no string", "\"nonce-1\"", "1"),
    ("other label", "sig1=", "sig2="),
    ("no list", "sig1=(", "sig1=1, sig2=("),
    ("list left open", ");keyid", ";keyid"),
];

#[test]
fn parameters_cannot_be_changed_or_left_out() {
    let mut report = String::new();
    for (case, from, to) in EDITS {
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
