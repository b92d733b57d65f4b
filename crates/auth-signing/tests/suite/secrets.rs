//! Nothing secret is shown by `Debug` or `Display`.

use std::fmt::Debug;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response, Uri};
use http_body_util::Full;
use tower::{BoxError, Layer};
use upvest_auth_signing::{
    AccessToken, ClientCredentials, Message, Scopes, SignLayer, Signer, SigningKey, TokenLayer,
    Verifier,
};

use crate::support::{PASSPHRASE, chain, ed25519, fixture, p521};

const SECRET: &str = "the-client-secret";

/// Fails when any run of eight characters of a secret is in the text.
#[track_caller]
fn assert_hides(text: &str, secrets: &[&str]) {
    for secret in secrets {
        for part in secret.as_bytes().windows(8) {
            let part = std::str::from_utf8(part).expect("secrets in tests are ASCII");
            assert!(!text.contains(part), "`{part}` is in {text}");
        }
    }
}

fn shown(value: &impl Debug) -> String {
    format!("{value:?}\n{value:#?}")
}

#[test]
fn private_keys_are_hidden() {
    for key in [p521(), ed25519()] {
        let pem = key.to_pkcs8_pem();
        let base64: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        // After the algorithm, which is not secret.
        let bytes = format!("{:?}", &STANDARD.decode(&base64).expect("base64")[26..]);
        let signer = Signer::new(key.clone(), "key-id");
        let layer = SignLayer::new(signer.clone());
        let text = [
            shown(&key),
            shown(&key.verifying_key()),
            shown(&layer.layer(())),
            shown(&layer),
            shown(&signer),
            shown(&Verifier::new(|_: &str| None)),
        ]
        .concat();
        assert_hides(&text, &[&base64, bytes.trim_matches(['[', ']'])]);
        for part in ["NonceSource", "NonceStore", "KeyLookup", "key-id"] {
            assert!(text.contains(part), "{part} is not in {text}");
        }
    }
}

#[test]
fn what_a_request_carries_is_hidden() {
    let mut request = Request::post("/path?query")
        .header("authorization", "Bearer secret-access-token")
        .header("content-type", "text/plain")
        .body(Bytes::from_static(b"secret-of-the-body"))
        .expect("a request");
    let message = shown(&Message::from(&request));
    Signer::new(ed25519(), "key-id")
        .sign(&mut request)
        .expect("signs");
    let verified = Verifier::new(|_: &str| Some(ed25519().verifying_key()))
        .verify(&request)
        .expect("valid");
    let verified = shown(&verified);
    assert_hides(&message, &["secret-access-token", "secret-of-the-body"]);
    assert_hides(&verified, &["secret-access-token"]);
    for part in ["POST", "/path?query", "18"] {
        assert!(message.contains(part), "{part} is not in {message}");
    }
    for part in [
        "V15",
        "key-id",
        "created",
        "expires",
        "nonce",
        "authorization",
    ] {
        assert!(verified.contains(part), "{part} is not in {verified}");
    }
}

#[test]
fn passphrases_and_keys_are_not_in_errors() {
    for name in [
        "p521-sec1-aes256.pem",
        "p521-pkcs8-pbes2.pem",
        "p521-sec1-des3.pem",
    ] {
        let wrong = format!("{PASSPHRASE}-wrong");
        let pem = fixture(name);
        let error = SigningKey::from_pem(&pem, Some(&wrong)).expect_err("wrong");
        let lines: Vec<&str> = pem.lines().filter(|line| !line.contains('-')).collect();
        assert_hides(&format!("{error:?} {}", chain(&error)), &[&wrong]);
        assert_hides(&format!("{error:?} {}", chain(&error)), &lines);
    }
}

#[test]
fn the_client_secret_is_hidden() {
    let credentials = ClientCredentials::new("client-id", SECRET);
    let layer = TokenLayer::new(
        credentials.clone(),
        Uri::from_static("https://host/auth/token"),
    );
    for text in [
        shown(&credentials),
        shown(&layer),
        shown(&layer.layer(Bytes::new())),
    ] {
        assert!(text.contains("client-id"), "{text}");
        assert_hides(&text, &[SECRET]);
    }
    assert!(shown(&layer).contains("https://host/auth/token"));
}

#[test]
fn access_tokens_are_hidden() {
    let token = || AccessToken::bearer(SECRET).expect("a token");
    let source = move |_: Scopes| std::future::ready(Ok::<_, BoxError>(token()));
    let layer = TokenLayer::from_source("client-id", source);
    let text = [
        shown(&token()),
        shown(&token().expires_in(std::time::Duration::from_secs(60))),
        shown(&layer),
        shown(&layer.layer(Bytes::new())),
    ]
    .concat();
    assert!(text.contains("60s"));
    assert_hides(&text, &[SECRET]);
}

#[tokio::test]
async fn a_token_that_is_not_understood_is_not_in_the_error() {
    for body in [
        r#"{"access_token":"the-client-secret","token_type":"mac"}"#,
        r#"{"access_token":"the-client-secret\n"}"#,
        r#"{"access_token":["the-client-secret"]}"#,
        r#"{"access_token":"the-client-secret","scope":"b"}"#,
        r#"{"access_token":"the-client-secret"#,
        "access_token=the-client-secret",
    ] {
        let credentials = ClientCredentials::new("client-id", SECRET);
        let layer = TokenLayer::new(credentials, Uri::from_static("https://host/auth/token"));
        let service = layer
            .timer(|_| std::future::pending())
            .layer(tower::service_fn(move |_: Request<Bytes>| async move {
                Ok::<_, BoxError>(Response::new(Full::<Bytes>::from(body)))
            }));
        let error = service.authorization(&Scopes::from("a")).await;
        let error = error.expect_err("no token");
        assert_hides(&format!("{}\n{}", shown(&error), chain(&error)), &[SECRET]);
    }
}
