//! The signer by AWS KMS against a stand-in that follows the API reference of KMS and checks
//! signatures of requests by the steps of AWS's documentation, written down a second time.

use std::future::ready;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::digest::{Digest, SHA256, SHA512, digest};
use aws_lc_rs::hmac::{HMAC_SHA256, Key, sign};
use aws_lc_rs::signature::{
    ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use upvest_auth_signing::{KeyAlgorithm, RequestSigner, SignerError, VerifyingKey};
use upvest_signers::aws_kms::{AwsCredentials, AwsKmsOptions, AwsKmsSigner};

use crate::stand_in::{Answer, Arrived, StandIn};
use crate::support::{Calls, chain};

const KEY_ID: &str = "alias/upvest";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
/// 2015-08-30T12:36:00Z.
const NOW: Duration = Duration::from_secs(1_440_938_160);

/// A key of KMS.
enum HeldKey {
    P521(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl HeldKey {
    fn generate(algorithm: KeyAlgorithm) -> Self {
        match algorithm {
            KeyAlgorithm::EcdsaP521Sha512 => {
                let key = EcdsaKeyPair::generate(&ECDSA_P521_SHA512_ASN1_SIGNING);
                Self::P521(key.expect("a key"))
            }
            _ => Self::Ed25519(Ed25519KeyPair::generate().expect("a key")),
        }
    }

    fn public(&self) -> VerifyingKey {
        match self {
            Self::P521(key) => VerifyingKey::from_p521_point(key.public_key().as_ref()),
            Self::Ed25519(key) => VerifyingKey::from_ed25519(key.public_key().as_ref()),
        }
        .expect("a public key")
    }

    fn spec(&self) -> &'static str {
        match self {
            Self::P521(_) => "ECC_NIST_P521",
            Self::Ed25519(_) => "ECC_NIST_EDWARDS25519",
        }
    }

    /// `Sign`.
    fn sign(&self, body: &Value) -> Answer {
        let message = STANDARD.decode(body["Message"].as_str().unwrap_or_default());
        let message = message.expect("base64");
        let how = (
            body["MessageType"].as_str().unwrap_or_default(),
            body["SigningAlgorithm"].as_str().unwrap_or_default(),
        );
        let signature = match (self, how) {
            (Self::P521(key), ("DIGEST", "ECDSA_SHA_512")) if message.len() == 64 => {
                let digest = Digest::import_less_safe(&message, &SHA512).expect("64 bytes");
                key.sign_digest(&digest).expect("signs").as_ref().to_vec()
            }
            (Self::Ed25519(key), ("RAW", "ED25519_SHA_512")) if message.len() <= 4096 => {
                key.sign(&message).as_ref().to_vec()
            }
            _ => return refusal(400, "ValidationException", "not for this key"),
        };
        let signature = STANDARD.encode(signature);
        (
            200,
            json!({ "KeyId": KEY_ID, "Signature": signature }).to_string(),
        )
    }
}

fn refusal(status: u16, kind: &str, message: &str) -> Answer {
    (
        status,
        json!({ "__type": kind, "message": message }).to_string(),
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether a request is signed as AWS's documentation has it.
fn is_signed(request: &Arrived) -> bool {
    let authorization = request.header("authorization");
    let Some((credential, rest)) = authorization
        .strip_prefix("AWS4-HMAC-SHA256 Credential=")
        .and_then(|rest| rest.split_once(", SignedHeaders="))
    else {
        return false;
    };
    let (names, signature) = rest.split_once(", Signature=").expect("a signature");
    let (key_id, scope) = credential.split_once('/').expect("a scope");
    for needed in ["content-type", "host", "x-amz-date", "x-amz-target"] {
        assert!(names.split(';').any(|name| name == needed), "{needed}");
    }
    let mut canonical = format!("{}\n{}\n\n", request.method, request.path);
    for name in names.split(';') {
        canonical += &format!("{name}:{}\n", request.header(name).trim());
    }
    let body = hex(digest(&SHA256, &request.body).as_ref());
    canonical += &format!("\n{names}\n{body}");
    let date = request.header("x-amz-date");
    assert_eq!((key_id, date), ("AKIDEXAMPLE", "20150830T123600Z"));
    assert_eq!(scope, "20150830/eu-central-1/kms/aws4_request");
    let canonical = hex(digest(&SHA256, canonical.as_bytes()).as_ref());
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{canonical}");
    let mac = |key: &[u8], text: &str| sign(&Key::new(HMAC_SHA256, key), text.as_bytes());
    let day = mac(format!("AWS4{SECRET}").as_bytes(), "20150830");
    let region = mac(day.as_ref(), "eu-central-1");
    let service = mac(region.as_ref(), "kms");
    let key = mac(service.as_ref(), "aws4_request");
    hex(mac(key.as_ref(), &text).as_ref()) == signature
}

fn answer(key: &HeldKey, request: &Arrived) -> Answer {
    if !is_signed(request) {
        return refusal(400, "InvalidSignatureException", "does not match");
    }
    assert_eq!(request.method.as_str(), "POST");
    assert_eq!(request.header("content-type"), "application/x-amz-json-1.1");
    assert_eq!(request.header("x-amz-security-token"), "session");
    let body: Value = serde_json::from_slice(&request.body).expect("JSON");
    if body["KeyId"] != KEY_ID {
        return refusal(400, "NotFoundException", "no such key");
    }
    let members = body.as_object().expect("an object").len();
    match (request.header("x-amz-target"), members) {
        ("TrentService.GetPublicKey", 1) => {
            let public = STANDARD.encode(key.public().to_der());
            let usage = "SIGN_VERIFY";
            let key = json!({ "PublicKey": public, "KeySpec": key.spec(), "KeyUsage": usage });
            (200, key.to_string())
        }
        ("TrentService.Sign", 4) => key.sign(&body),
        _ => refusal(400, "UnknownOperationException", ""),
    }
}

async fn start(algorithm: KeyAlgorithm) -> (StandIn, impl Fn(&str, &str) -> AwsKmsOptions) {
    let key = Arc::new(HeldKey::generate(algorithm));
    let kms = StandIn::start(move |request| answer(&key, request)).await;
    let address = kms.address.clone();
    let options = move |key: &str, secret: &str| {
        let credentials = AwsCredentials::new("AKIDEXAMPLE", secret).session_token("session");
        AwsKmsSigner::new("eu-central-1", key)
            .endpoint(&*address)
            .credentials(move || ready(Ok(credentials.clone())))
            .clock(|| UNIX_EPOCH + NOW)
    };
    (kms, options)
}

#[tokio::test]
async fn calls_pass_strict_verification() {
    for algorithm in [KeyAlgorithm::EcdsaP521Sha512, KeyAlgorithm::Ed25519] {
        let (_kms, options) = start(algorithm).await;
        let signer = options(KEY_ID, SECRET).open().await.expect("opened");
        assert_eq!(signer.algorithm(), algorithm);
        let calls = Calls::new(signer);
        for _ in 0..50 {
            calls.call().await.expect("answered");
        }
        assert_eq!(calls.taken(), 50);
    }
}

#[tokio::test]
async fn what_cannot_be_opened() {
    let (kms, options) = start(KeyAlgorithm::EcdsaP521Sha512).await;
    let other = json!({ "PublicKey": "", "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY" });
    for (options, next, expected) in [
        (
            options(KEY_ID, "wrong"),
            None,
            "InvalidSignatureException: does not match",
        ),
        (
            options("alias/other", SECRET),
            None,
            "NotFoundException: no such key",
        ),
        (
            options(KEY_ID, SECRET),
            Some(other),
            "the key is `RSA_2048` for `SIGN_VERIFY`",
        ),
        (
            options(KEY_ID, SECRET).endpoint("http://kms"),
            None,
            "has to begin with https://",
        ),
    ] {
        if let Some(body) = next {
            kms.next(200, body.to_string());
        }
        let shown = format!("{options:?}");
        let error = options.open().await.expect_err(expected);
        let text = chain(&error);
        assert!(text.contains(expected), "{text}");
        assert!(!format!("{shown} {text} {error:?}").contains(SECRET));
    }
}

#[tokio::test]
async fn answers_that_are_not_a_signature() {
    let (kms, options) = start(KeyAlgorithm::EcdsaP521Sha512).await;
    let calls = Calls::new(options(KEY_ID, SECRET).open().await.expect("opened"));
    let cases = [
        (200, "{}", "not the expected JSON"),
        (200, r#"{"Signature":"~"}"#, "the signature is not base64"),
        (
            200,
            r#"{"Signature":"AAAA"}"#,
            "the answer is not a signature: it is not DER",
        ),
        (
            400,
            r#"{"__type":"ThrottlingException","message":"slow"}"#,
            "cannot be reached",
        ),
        (
            400,
            r#"{"__type":"a#DisabledException","message":"off"}"#,
            "DisabledException: off",
        ),
        (500, "", "cannot be reached: status 500"),
    ];
    kms.assert_failures(&calls, "AWS KMS key `alias/upvest`", cases)
        .await;
}

#[tokio::test]
async fn a_base_that_is_too_long_for_ed25519() {
    let (_kms, options) = start(KeyAlgorithm::Ed25519).await;
    let signer = options(KEY_ID, SECRET).open().await.expect("opened");
    signer.sign(&[b'x'; 4096]).await.expect("as long as can be");
    let error: SignerError = signer.sign(&[b'x'; 4097]).await.expect_err("too long");
    assert!(chain(&error).contains("has 4097 bytes"), "{error}");
}

#[test]
fn credentials_do_not_print() {
    let credentials = AwsCredentials::new("AKIDEXAMPLE", SECRET).session_token("session");
    let shown = format!("{credentials:?}");
    assert_eq!(
        shown,
        r#"AwsCredentials { access_key_id: "AKIDEXAMPLE", .. }"#
    );
    let _: SystemTime = UNIX_EPOCH + NOW;
}

/// `cargo test -p upvest-signers --all-features -- --ignored`, with `UPVEST_TEST_KMS_REGION` and
/// `UPVEST_TEST_KMS_KEY` and the credentials of AWS set.
#[tokio::test]
#[ignore = "takes a key in AWS KMS"]
async fn the_real_kms() {
    let variable = |name| std::env::var(name).expect(name);
    let key = variable("UPVEST_TEST_KMS_KEY");
    let signer = AwsKmsSigner::new(variable("UPVEST_TEST_KMS_REGION"), key);
    let calls = Calls::new(signer.open().await.expect("opened"));
    calls.call().await.expect("answered");
}
