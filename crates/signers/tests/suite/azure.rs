//! The signer by Azure Key Vault against a stand-in that follows the REST reference of Key Vault, version
//! 7.4, and the one of the metadata service of virtual machines.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use aws_lc_rs::digest::{Digest, SHA512};
use aws_lc_rs::signature::{ECDSA_P521_SHA512_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use upvest_auth_signing::VerifyingKey;
use upvest_signers::azure::{AzureKeyOptions, AzureKeySigner, ManagedIdentity};
use upvest_signers::{BearerToken, Secret};

use crate::stand_in::{Answer, Arrived, StandIn};
use crate::support::{Calls, chain};

const TOKEN: &str = "eyJ0-azure-token";
const VERSION: &str = "9885aa558e8d448789683188f8c194b0";

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    let error = json!({ "error": { "code": code, "message": message } });
    (status, error.to_string())
}

/// A vault with one key, and the metadata service of the machine, which counts its tokens.
struct Azure {
    key: EcdsaKeyPair,
    tokens: AtomicUsize,
}

impl Azure {
    fn answer(&self, request: &Arrived) -> Answer {
        let (path, query) = request.path.split_once('?').unwrap_or_default();
        if path == "/metadata/identity/oauth2/token" {
            return self.issue(request, query);
        }
        if request.header("authorization") != format!("Bearer {TOKEN}") {
            return refusal(401, "Unauthorized", "AKV10000: no token");
        }
        if query != "api-version=7.4" {
            return refusal(400, "BadParameter", "api-version");
        }
        let signs = format!("/keys/upvest/{VERSION}/sign");
        match (request.method.as_str(), path) {
            ("GET", "/keys/upvest") => (200, self.bundle("EC", "P-521", &["sign"])),
            ("GET", "/keys/old") => (200, self.bundle("EC", "P-256K", &["sign"])),
            ("GET", "/keys/verify") => (200, self.bundle("EC", "P-521", &["verify"])),
            ("POST", path) if path == signs => self.sign(request),
            _ => refusal(404, "KeyNotFound", "no such key"),
        }
    }

    fn issue(&self, request: &Arrived, query: &str) -> Answer {
        assert_eq!(request.header("metadata"), "true");
        assert_eq!(
            query,
            "api-version=2018-02-01&resource=https%3A%2F%2Fvault.azure.net&client_id=one"
        );
        self.tokens.fetch_add(1, Ordering::SeqCst);
        let issued = json!({ "access_token": TOKEN, "expires_in": "3599", "token_type": "Bearer" });
        (200, issued.to_string())
    }

    fn bundle(&self, kty: &str, crv: &str, operations: &[&str]) -> String {
        let point = self.key.public_key().as_ref();
        let public = VerifyingKey::from_p521_point(point).expect("a point");
        let (x, y) = public.p521_coordinates().expect("on P-521");
        let kid = format!("https://example.vault.azure.net/keys/upvest/{VERSION}");
        let key =
            json!({ "kid": kid, "kty": kty, "crv": crv, "key_ops": operations, "x": x, "y": y });
        json!({ "key": key, "attributes": { "enabled": true } }).to_string()
    }

    fn sign(&self, request: &Arrived) -> Answer {
        assert_eq!(request.header("content-type"), "application/json");
        let body: Value = serde_json::from_slice(&request.body).expect("JSON");
        let digest = URL_SAFE_NO_PAD.decode(body["value"].as_str().unwrap_or_default());
        let digest = digest.expect("base64url without padding");
        if body["alg"] != "ES512" || digest.len() != 64 {
            return refusal(400, "BadParameter", "the digest does not fit the algorithm");
        }
        let digest = Digest::import_less_safe(&digest, &SHA512).expect("64 bytes");
        let signature = self.key.sign_digest(&digest).expect("signs");
        let value = URL_SAFE_NO_PAD.encode(signature.as_ref());
        (200, json!({ "kid": "", "value": value }).to_string())
    }
}

async fn start() -> (StandIn, Arc<Azure>) {
    let key = EcdsaKeyPair::generate(&ECDSA_P521_SHA512_FIXED_SIGNING).expect("a key");
    let azure = Arc::new(Azure {
        key,
        tokens: AtomicUsize::new(0),
    });
    let served = Arc::clone(&azure);
    let stand_in = StandIn::start(move |request| served.answer(request)).await;
    (stand_in, azure)
}

fn options(vault: &StandIn, key: &str, token: &str) -> AzureKeyOptions {
    AzureKeySigner::new(format!("{}/keys/{key}", vault.address))
        .token(BearerToken::secret(Secret::text(token)))
}

#[tokio::test]
async fn calls_pass_strict_verification() {
    let (vault, _azure) = start().await;
    let signer = options(&vault, "upvest", TOKEN)
        .open()
        .await
        .expect("opened");
    let calls = Calls::new(signer);
    for _ in 0..50 {
        calls.call().await.expect("answered");
    }
    assert_eq!(calls.taken(), 50);
}

#[tokio::test]
async fn a_managed_identity_is_asked_once_for_as_long_as_its_token_lasts() {
    let (vault, azure) = start().await;
    let identity = ManagedIdentity::new().client_id("one");
    let token = identity.endpoint(&*vault.address).token().expect("a URL");
    let now = Arc::new(AtomicU64::new(0));
    let clock = Arc::clone(&now);
    let signer = options(&vault, "upvest", "").token(token);
    let signer =
        signer.clock(move || UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::SeqCst)));
    let calls = Calls::new(signer.open().await.expect("opened"));
    for (seconds, tokens) in [(0, 1), (3538, 1), (3540, 2)] {
        now.store(seconds, Ordering::SeqCst);
        calls.call().await.expect("answered");
        assert_eq!(azure.tokens.load(Ordering::SeqCst), tokens, "at {seconds}");
    }
}

#[tokio::test]
async fn what_cannot_be_opened() {
    let (vault, _azure) = start().await;
    for (options, expected) in [
        (
            options(&vault, "upvest", "wrong"),
            "Unauthorized: AKV10000: no token",
        ),
        (options(&vault, "upvest", "a\nb"), "no header can carry"),
        (options(&vault, "other", TOKEN), "KeyNotFound: no such key"),
        (options(&vault, "old", TOKEN), "the key is `EC` on `P-256K`"),
        (options(&vault, "verify", TOKEN), "is not for signing"),
        (options(&vault, "", TOKEN), "KeyNotFound"),
        (
            options(&vault, "a/b/c", TOKEN),
            "does not end in /keys/NAME",
        ),
        (
            AzureKeySigner::new("http://vault/keys/a"),
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
    let (vault, _azure) = start().await;
    let signer = options(&vault, "upvest", TOKEN)
        .open()
        .await
        .expect("opened");
    let calls = Calls::new(signer);
    let zeros = json!({ "value": URL_SAFE_NO_PAD.encode([0; 132]) }).to_string();
    let other = json!({ "value": URL_SAFE_NO_PAD.encode([1; 132]) }).to_string();
    let cases = [
        (200, "{}", "not the expected JSON"),
        (200, r#"{"value":"~"}"#, "the signature is not base64url"),
        (200, r#"{"value":"AAAA"}"#, "the answer is not a signature"),
        (200, &*zeros, "the answer is not a signature"),
        (200, &*other, "its public key does not verify"),
        (
            403,
            r#"{"error":{"code":"Forbidden","message":"off"}}"#,
            "Forbidden: off",
        ),
        (
            429,
            r#"{"error":{"code":"Throttled","message":"slow"}}"#,
            "cannot be reached",
        ),
        (500, "", "cannot be reached: status 500"),
    ];
    vault
        .assert_failures(&calls, "Azure key `upvest`, version 9885", cases)
        .await;
}

/// `cargo test -p upvest-signers --all-features -- --ignored`, with `UPVEST_TEST_AZURE_KEY`, the address of a
/// key, and `UPVEST_TEST_AZURE_TOKEN` set.
#[tokio::test]
#[ignore = "takes a key in Azure Key Vault"]
async fn the_real_vault() {
    let key = std::env::var("UPVEST_TEST_AZURE_KEY").expect("UPVEST_TEST_AZURE_KEY");
    let token = BearerToken::secret(Secret::env("UPVEST_TEST_AZURE_TOKEN"));
    let signer = AzureKeySigner::new(key).token(token).open();
    let calls = Calls::new(signer.await.expect("opened"));
    calls.call().await.expect("answered");
}
