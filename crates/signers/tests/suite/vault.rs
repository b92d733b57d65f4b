//! The Vault signer against a stand-in that follows the documentation of Transit.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use upvest_auth_signing::{KeyAlgorithm, RequestSigner, SigningKey};
use upvest_signers::Secret;
use upvest_signers::vault::{VaultOptions, VaultSigner};

use crate::stand_in::{Answer, Arrived, StandIn};
use crate::support::{Calls, chain};

const TOKEN: &str = "hvs.CAESIJ";

fn refusal(status: u16, said: &str) -> Answer {
    (status, json!({ "errors": [said] }).to_string())
}

/// What Transit answers to a request for this key, which has two versions of which this is the
/// second.
fn answer(key: &SigningKey, request: &Arrived) -> Answer {
    if request.header("x-vault-token") != TOKEN {
        return refusal(403, "permission denied");
    }
    assert_eq!(request.header("x-vault-request"), "true");
    assert_eq!(request.header("x-vault-namespace"), "team");
    let (kind, public, hash) = match key.algorithm() {
        KeyAlgorithm::EcdsaP521Sha512 => ("ecdsa-p521", key.verifying_key().to_pem(), "/sha2-512"),
        _ => {
            let der = key.verifying_key().to_der();
            ("ed25519", STANDARD.encode(&der[der.len() - 32..]), "")
        }
    };
    let sign = format!("/v1/secrets/transit/sign/api%20key{hash}");
    match (request.method.as_str(), request.path.as_str()) {
        ("GET", "/v1/secrets/transit/keys/api%20key") => {
            let keys = json!({ "1": { "public_key": "" }, "2": { "public_key": public } });
            let data = json!({ "type": kind, "latest_version": 2, "keys": keys });
            (200, json!({ "data": data }).to_string())
        }
        ("POST", path) if path == sign => {
            assert_eq!(request.header("content-type"), "application/json");
            let body: Value = serde_json::from_slice(&request.body).expect("JSON");
            let mut expected = json!({ "input": body["input"], "key_version": 2 });
            if kind == "ecdsa-p521" {
                expected["hash_algorithm"] = "sha2-512".into();
                expected["marshaling_algorithm"] = "asn1".into();
                expected["prehashed"] = false.into();
            }
            assert_eq!(body, expected, "nothing else");
            let input = STANDARD.decode(body["input"].as_str().expect("text"));
            let signature = key.sign(&input.expect("base64")).expect("signs");
            let signature = format!("vault:v2:{}", STANDARD.encode(signature));
            (
                200,
                json!({ "data": { "signature": signature } }).to_string(),
            )
        }
        _ => refusal(404, "no handler for route"),
    }
}

async fn start(algorithm: KeyAlgorithm) -> (StandIn, VaultOptions) {
    let key = SigningKey::generate(algorithm).expect("a key");
    let vault = StandIn::start(move |request| answer(&key, request)).await;
    let options = VaultSigner::new(&*vault.address, "api key")
        .mount("secrets/transit")
        .namespace("team")
        .token(Secret::text(TOKEN));
    (vault, options)
}

#[tokio::test]
async fn calls_pass_strict_verification() {
    for algorithm in [KeyAlgorithm::EcdsaP521Sha512, KeyAlgorithm::Ed25519] {
        let (_vault, options) = start(algorithm).await;
        let signer = options.open().await.expect("opened");
        assert_eq!(signer.algorithm(), algorithm);
        assert_eq!(signer.name(), "Vault key `api key`, version 2");
        let calls = Calls::new(signer);
        for _ in 0..50 {
            calls.call().await.expect("answered");
        }
        assert_eq!(calls.taken(), 50);
    }
}

#[tokio::test]
async fn what_cannot_be_opened() {
    let (vault, options) = start(KeyAlgorithm::Ed25519).await;
    let other_kind = json!({ "data": { "type": "rsa-2048", "latest_version": 1, "keys": {} } });
    for (options, next, expected) in [
        (
            options.clone().token(Secret::text("wrong")),
            None,
            "status 403: permission denied",
        ),
        (
            options.clone().mount("other"),
            None,
            "status 404: no handler for route",
        ),
        (
            options.clone().version(7),
            None,
            "there is no version 7 of the key",
        ),
        (
            options.clone().version(1),
            None,
            "the public key cannot be used",
        ),
        (
            options.clone(),
            Some(other_kind.to_string()),
            "of type `rsa-2048`, expected",
        ),
        (
            options.clone(),
            Some("<html>".to_owned()),
            "not the expected JSON",
        ),
        (
            VaultSigner::new("http://vault.example.com", "key"),
            None,
            "has to begin with https://",
        ),
        (
            VaultSigner::new("vault", "key"),
            None,
            "the address is not a URL",
        ),
    ] {
        if let Some(body) = next {
            vault.next(200, body);
        }
        let shown = format!("{options:?}");
        let error = options.open().await.expect_err(expected);
        let text = chain(&error);
        assert!(text.contains(expected), "{text}");
        assert!(!format!("{shown} {text} {error:?}").contains(TOKEN));
    }
}

#[tokio::test]
async fn answers_that_are_not_a_signature() {
    let (vault, options) = start(KeyAlgorithm::EcdsaP521Sha512).await;
    let calls = Calls::new(options.open().await.expect("opened"));
    let other = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).expect("a key");
    let signed = |text: &str| json!({ "data": { "signature": text } }).to_string();
    let by_other = STANDARD.encode(other.sign(b"something else").expect("signs"));
    let cases = [
        (200, "{}".to_owned(), "not the expected JSON"),
        (
            200,
            signed("vault:v3:AAAA"),
            "the signature is not `vault:v2:` and base64",
        ),
        (
            200,
            signed("vault:v2:~"),
            "the signature is not `vault:v2:` and base64",
        ),
        (
            200,
            signed("vault:v2:AAAA"),
            "the answer is not a signature: it is not DER",
        ),
        (
            200,
            signed(&format!("vault:v2:{by_other}")),
            "its public key does not verify",
        ),
        (
            400,
            r#"{"errors":["bad\nkey"]}"#.to_owned(),
            r"status 400: bad\nkey",
        ),
        (307, String::new(), "status 307"),
        (
            503,
            r#"{"errors":["Vault is sealed"]}"#.to_owned(),
            "cannot be reached: status 503",
        ),
        (
            200,
            "x".repeat(300_000),
            "the answer is longer than 262144 bytes",
        ),
    ];
    vault
        .assert_failures(&calls, "the signer (Vault key `api key`, version 2)", cases)
        .await;
}

/// `cargo test -p upvest-signers --all-features -- --ignored`, with `VAULT_ADDR`, `VAULT_TOKEN` and
/// `UPVEST_TEST_VAULT_KEY` set.
#[tokio::test]
#[ignore = "takes a key in Vault or OpenBao"]
async fn the_real_vault() {
    let variable = |name| std::env::var(name).expect(name);
    let signer = VaultSigner::new(variable("VAULT_ADDR"), variable("UPVEST_TEST_VAULT_KEY"));
    let calls = Calls::new(signer.open().await.expect("opened"));
    calls.call().await.expect("answered");
}
