//! The signer by Google Cloud KMS against a stand-in that follows the REST reference of KMS, version 1, and
//! the one of the metadata server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use upvest_auth_signing::{RequestSigner, VerifyingKey};
use upvest_signers::google_kms::{GoogleKmsOptions, GoogleKmsSigner, MetadataServer};
use upvest_signers::{BearerToken, Secret};

use crate::stand_in::{Answer, Arrived, StandIn};
use crate::support::{Calls, chain};

const TOKEN: &str = "ya29.google-token";
const KEYS: &str = "projects/p/locations/europe-west3/keyRings/r/cryptoKeys";

fn refusal(code: u16, status: &str, message: &str) -> Answer {
    let error = json!({ "error": { "code": code, "status": status, "message": message } });
    (code, error.to_string())
}

/// KMS with one key, and the metadata server of the machine, which counts its tokens.
struct Google {
    key: Ed25519KeyPair,
    tokens: AtomicUsize,
}

impl Google {
    fn answer(&self, request: &Arrived) -> Answer {
        let path = &*request.path;
        if path == "/computeMetadata/v1/instance/service-accounts/default/token" {
            assert_eq!(request.header("metadata-flavor"), "Google");
            self.tokens.fetch_add(1, Ordering::SeqCst);
            let issued =
                json!({ "access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer" });
            return (200, issued.to_string());
        }
        if request.header("authorization") != format!("Bearer {TOKEN}") {
            return refusal(401, "UNAUTHENTICATED", "no token");
        }
        let key = format!("/v1/{KEYS}/api/cryptoKeyVersions/1");
        match (request.method.as_str(), path.strip_prefix(&*key)) {
            ("GET", Some("/publicKey")) => (200, self.public("EC_SIGN_ED25519")),
            ("POST", Some(":asymmetricSign")) => self.sign(request),
            ("GET", _) if path.contains("/rsa/") => (200, self.public("RSA_SIGN_PSS_4096_SHA512")),
            _ => refusal(404, "NOT_FOUND", "no such key"),
        }
    }

    fn public(&self, algorithm: &str) -> String {
        let public = VerifyingKey::from_ed25519(self.key.public_key().as_ref()).expect("a key");
        json!({ "pem": public.to_pem(), "algorithm": algorithm, "protectionLevel": "SOFTWARE" })
            .to_string()
    }

    fn sign(&self, request: &Arrived) -> Answer {
        assert_eq!(request.header("content-type"), "application/json");
        let body: Value = serde_json::from_slice(&request.body).expect("JSON");
        assert_eq!(
            body.as_object().map(|body| body.len()),
            Some(1),
            "data alone"
        );
        let data = STANDARD.decode(body["data"].as_str().unwrap_or_default());
        let data = data.expect("base64");
        if data.len() > 64 * 1024 {
            return refusal(400, "INVALID_ARGUMENT", "data is too long");
        }
        let signature = STANDARD.encode(self.key.sign(&data));
        (
            200,
            json!({ "signature": signature, "name": "" }).to_string(),
        )
    }
}

async fn start() -> (StandIn, Arc<Google>) {
    let google = Arc::new(Google {
        key: Ed25519KeyPair::generate().expect("a key"),
        tokens: AtomicUsize::new(0),
    });
    let served = Arc::clone(&google);
    let stand_in = StandIn::start(move |request| served.answer(request)).await;
    (stand_in, google)
}

fn options(kms: &StandIn, key: &str, token: &str) -> GoogleKmsOptions {
    GoogleKmsSigner::new(format!("{KEYS}/{key}/cryptoKeyVersions/1"))
        .endpoint(&*kms.address)
        .token(BearerToken::secret(Secret::text(token)))
}

#[tokio::test]
async fn calls_pass_strict_verification() {
    let (kms, google) = start().await;
    let token = MetadataServer::new().endpoint(&*kms.address).token();
    let signer = options(&kms, "api", "").token(token.expect("a URL"));
    let calls = Calls::new(signer.open().await.expect("opened"));
    for _ in 0..50 {
        calls.call().await.expect("answered");
    }
    assert_eq!(calls.taken(), 50);
    assert_eq!(google.tokens.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_cannot_be_opened() {
    let (kms, _google) = start().await;
    for (options, expected) in [
        (options(&kms, "api", "wrong"), "UNAUTHENTICATED: no token"),
        (options(&kms, "other", TOKEN), "NOT_FOUND: no such key"),
        (
            options(&kms, "rsa", TOKEN),
            "the key is for `RSA_SIGN_PSS_4096_SHA512`, expected `EC_SIGN_ED25519`",
        ),
        (
            GoogleKmsSigner::new("api"),
            "the name of the key is not projects/P",
        ),
        (
            options(&kms, "api", TOKEN).endpoint("http://kms"),
            "has to begin with https://",
        ),
    ] {
        let shown = format!("{options:?}");
        let error = options.open().await.expect_err(expected);
        let text = chain(&error);
        assert!(text.contains(expected), "{text}");
        assert!(!format!("{shown} {text} {error:?}").contains(TOKEN));
    }
}

#[tokio::test]
async fn answers_that_are_not_a_signature() {
    let (kms, _google) = start().await;
    let calls = Calls::new(options(&kms, "api", TOKEN).open().await.expect("opened"));
    let other = json!({ "signature": STANDARD.encode([0; 64]) }).to_string();
    let cases = [
        (200, "{}", "not the expected JSON"),
        (200, r#"{"signature":"~"}"#, "the signature is not base64"),
        (
            200,
            r#"{"signature":"AAAA"}"#,
            "the answer is not a signature",
        ),
        (200, &*other, "its public key does not verify"),
        (
            403,
            r#"{"error":{"code":403,"status":"PERMISSION_DENIED","message":"off"}}"#,
            "PERMISSION_DENIED: off",
        ),
        (503, "", "cannot be reached: status 503"),
    ];
    kms.assert_failures(&calls, "Google KMS key `api`, version 1", cases)
        .await;
}

#[tokio::test]
async fn a_base_that_is_too_long() {
    let (kms, _google) = start().await;
    let signer = options(&kms, "api", TOKEN).open().await.expect("opened");
    signer
        .sign(&[b'x'; 65_536])
        .await
        .expect("as long as can be");
    let error = signer.sign(&[b'x'; 65_537]).await.expect_err("too long");
    assert!(chain(&error).contains("has 65537 bytes"), "{error}");
}

/// `cargo test -p upvest-signers --all-features -- --ignored`, with `UPVEST_TEST_GOOGLE_KEY`, the name of a
/// version, and `UPVEST_TEST_GOOGLE_TOKEN` set.
#[tokio::test]
#[ignore = "takes a key in Google Cloud KMS"]
async fn the_real_kms() {
    let key = std::env::var("UPVEST_TEST_GOOGLE_KEY").expect("UPVEST_TEST_GOOGLE_KEY");
    let token = BearerToken::secret(Secret::env("UPVEST_TEST_GOOGLE_TOKEN"));
    let signer = GoogleKmsSigner::new(key).token(token).open();
    let calls = Calls::new(signer.await.expect("opened"));
    calls.call().await.expect("answered");
}
