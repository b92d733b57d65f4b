//! Any bytes as `signature-input`, `signature` and the digest of a signed request, one a line: no
//! parser panics, and nothing verifies but what was signed.

#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request};
use libfuzzer_sys::fuzz_target;
use upvest_auth_signing::{
    EcdsaEncoding, SignatureVersion, Signer, SigningKey, Verified, Verifier, explain,
};

const VERSIONS: [SignatureVersion; 2] = [SignatureVersion::V15, SignatureVersion::V6];

/// The key of appendix B.1.4 of RFC 9421, whose signatures are always the same.
static KEY: LazyLock<SigningKey> = LazyLock::new(|| {
    let pem = include_str!("../../tests/fixtures/rfc9421-ed25519.pem");
    SigningKey::from_pem(pem, None).expect("a key")
});

/// In each version: a signed request, who verifies it, and with what result.
static SIGNED: LazyLock<[(Request<Bytes>, Verifier, Verified); 2]> = LazyLock::new(|| {
    VERSIONS.map(|version| {
        let clock = || UNIX_EPOCH + Duration::from_secs(1_633_529_659);
        let mut request = Request::post("/endpoint?a=b")
            .header("accept", "application/json")
            .header("content-type", "application/json")
            .body(Bytes::from_static(br#"{"key": "value"}"#))
            .expect("a request");
        Signer::new(KEY.clone(), "key")
            .version(version)
            .clock(clock)
            .nonces(|| "nonce".to_owned())
            .sign(&mut request)
            .expect("signs");
        let verifier = Verifier::new(|_: &str| Some(KEY.verifying_key()))
            .version(version)
            .ecdsa_encoding(EcdsaEncoding::Either)
            .without_replay_check()
            .clock(clock);
        let verified = verifier.verify(&request).expect("valid");
        (request, verifier, verified)
    })
});

fuzz_target!(|bytes: &[u8]| {
    let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    for ((signed, verifier, expected), version) in SIGNED.iter().zip(VERSIONS) {
        let mut request = signed.clone();
        let names = ["signature-input", "signature"].map(HeaderName::from_static);
        for (name, line) in names.into_iter().chain([version.digest_header()]).zip(&lines) {
            // An empty line leaves the header as it was.
            if let (false, Ok(value)) = (line.is_empty(), HeaderValue::from_bytes(line)) {
                request.headers_mut().insert(name, value);
            }
        }
        if let Ok(verified) = verifier.verify(&request) {
            assert_eq!(verified, *expected);
        }
        let _ = explain(&request, Some(&KEY.verifying_key())).to_string();
    }
});
