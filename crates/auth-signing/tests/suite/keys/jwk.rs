//! JSON Web Keys. The first vector is the example in the API's description of its webhook keys.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use upvest_auth_signing::{Jwk, KeyAlgorithm, SigningKey, VerifyingKey};

use super::der;
use crate::support::{chain, ed25519, p521};

const PUBLISHED_KID: &str = "9ed77463-c18e-4794-ab5c-17423f9b801a";
const PUBLISHED_X: &str =
    "AcYAf5Ou0UvtehpeRvyhnvvrUQvjI4B3VCxfSmxK4gqKJGxO_jTB-nTdrHbBfmZpwmwYR86DppMg43E579K5MQ54";
const PUBLISHED_Y: &str =
    "ALkrId77iD0Ye2vBS5bTkLqPH-bo8urTpTXiNc6Ub-VOFbXfJrR0tQ8COvVXXu58BTu8jWV-1mtbjfJpDl3ISbcK";

fn published() -> Value {
    json!({
        "kty": "EC", "crv": "P-521", "x": PUBLISHED_X, "y": PUBLISHED_Y, "kid": PUBLISHED_KID,
    })
}

/// RFC 7515, appendix A.4.
fn rfc7515() -> Value {
    json!({
        "kty": "EC",
        "crv": "P-521",
        "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk",
        "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2",
        "d": "AY5pb7A0UFiB3RELSD64fTLOSV_jazdF7fLYyuTw8lOfRhWg6Y6rUrPAxerEzgdRhajnu0ferB0d53vM9mE15j2C",
    })
}
const RFC7515_MESSAGE: &[u8] = b"eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA";
const RFC7515_SIGNATURE: &str = "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZq\
     wqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8Kp\
     EHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn";

/// RFC 8037, appendix A.
fn rfc8037() -> Value {
    json!({
        "kty": "OKP",
        "crv": "Ed25519",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
    })
}
const RFC8037_MESSAGE: &[u8] = b"eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
const RFC8037_SIGNATURE: &str =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fn with(mut jwk: Value, member: &str, value: impl Into<Value>) -> String {
    jwk[member] = value.into();
    jwk.to_string()
}

fn without(mut jwk: Value, member: &str) -> Value {
    jwk.as_object_mut().expect("an object").remove(member);
    jwk
}

fn decode(base64: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(base64).expect("base64url")
}

/// The signature that JWS writes as two numbers of 66 bytes, in DER.
fn to_der(signature: &[u8]) -> Vec<u8> {
    let (r, s) = signature.split_at(66);
    let integer = |number: &[u8]| {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let sign: &[u8] = if number[zeros] < 0x80 { &[] } else { &[0] };
        der(0x02, &[sign, &number[zeros..]])
    };
    der(0x30, &[&integer(r), &integer(s)])
}

#[test]
fn the_published_key() {
    let Jwk { key, kid } = VerifyingKey::from_jwk(&published().to_string()).expect("on the curve");
    assert_eq!(kid.as_deref(), Some(PUBLISHED_KID));
    assert_eq!(key.algorithm(), KeyAlgorithm::EcdsaP521Sha512);
    assert_eq!(
        key.p521_coordinates(),
        Some((PUBLISHED_X.to_owned(), PUBLISHED_Y.to_owned()))
    );
    let again = VerifyingKey::from_p521_coordinates(PUBLISHED_X, PUBLISHED_Y);
    assert_eq!(again.expect("on the curve"), key);
    assert_eq!(
        key.to_jwk(Some(PUBLISHED_KID)),
        format!(
            r#"{{"kty":"EC","crv":"P-521","x":"{PUBLISHED_X}","y":"{PUBLISHED_Y}","kid":"{PUBLISHED_KID}"}}"#
        )
    );
}

#[test]
fn the_p521_key_of_rfc_7515() {
    let private = SigningKey::from_jwk(&rfc7515().to_string()).expect("RFC 7515");
    assert_eq!(private.kid, None);
    let public = private.key.verifying_key();
    let signature = to_der(&decode(RFC7515_SIGNATURE));
    assert_eq!(public.verify(RFC7515_MESSAGE, &signature), Ok(()));

    let jwk = without(rfc7515(), "d").to_string();
    assert_eq!(VerifyingKey::from_jwk(&jwk).expect("public").key, public);
}

#[test]
fn the_ed25519_key_of_rfc_8037() {
    let jwk = with(rfc8037(), "kid", "a \"quoted\" id");
    let private = SigningKey::from_jwk(&jwk).expect("RFC 8037");
    assert_eq!(private.kid.as_deref(), Some("a \"quoted\" id"));
    let signature = private.key.sign(RFC8037_MESSAGE).expect("signs");
    assert_eq!(URL_SAFE_NO_PAD.encode(signature), RFC8037_SIGNATURE);

    let jwk = without(rfc8037(), "d").to_string();
    let public = VerifyingKey::from_jwk(&jwk).expect("public");
    assert_eq!(public.kid, None);
    assert_eq!(public.key, private.key.verifying_key());
    assert_eq!(
        public.key.to_jwk(None),
        r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#
    );
    assert_eq!(public.key.p521_coordinates(), None);
}

#[test]
fn other_members_are_ignored() {
    let mut jwk = rfc7515();
    jwk["use"] = "sig".into();
    jwk["x5c"] = json!(["\u{e9}\n", 1.5, null, {"d": true}]);
    SigningKey::from_jwk(&format!("\u{feff} {jwk}\n")).expect("a JWK with more members");
    // A member that is null counts as absent.
    let jwk = with(published(), "kid", Value::Null);
    assert_eq!(VerifyingKey::from_jwk(&jwk).expect("a JWK").kid, None);
}

#[test]
fn public_keys_survive() {
    for key in [p521().verifying_key(), ed25519().verifying_key()] {
        let jwk = VerifyingKey::from_jwk(&key.to_jwk(Some("id"))).expect("reads");
        assert_eq!(jwk.kid.as_deref(), Some("id"));
        assert_eq!(jwk.key, key);
    }
}

fn private(case: &'static str, jwk: impl ToString) -> (&'static str, String) {
    let error = SigningKey::from_jwk(&jwk.to_string()).expect_err(case);
    (case, chain(&error))
}

fn public(case: &'static str, jwk: impl ToString) -> (&'static str, String) {
    let error = VerifyingKey::from_jwk(&jwk.to_string()).expect_err(case);
    (case, chain(&error))
}

fn wrong_public_jwks() -> Vec<(&'static str, String)> {
    let duplicate = r#"{"kty":"EC","crv":"P-521","x":"first","x":"second"}"#;
    vec![
        public("empty", "\n"),
        public("an array", json!([published()])),
        public("PEM", "-----BEGIN PUBLIC KEY-----"),
        public("cut off", &published().to_string()[..40]),
        public("twice the same member", duplicate),
        public("a set", json!({"keys": [published()]})),
        public("private key", rfc7515()),
        private("public key", published()),
        public("no kty", without(published(), "kty")),
        public("kty is not a string", with(published(), "kty", 1)),
        public("RSA", json!({"kty": "RSA", "n": "AQAB", "e": "AQAB"})),
        public("symmetric", json!({"kty": "oct", "k": "AQAB"})),
        public("unknown kty", with(published(), "kty", "ec")),
        public("long kty", with(published(), "kty", "x".repeat(17))),
        public("no crv", without(published(), "crv")),
        public("P-256", with(published(), "crv", "P-256")),
        public("long crv", with(published(), "crv", "x".repeat(17))),
        public("Ed448", with(rfc8037(), "crv", "Ed448")),
        public("a curve of the other type", with(rfc8037(), "crv", "P-521")),
        public("no x", without(published(), "x")),
        public("no y", without(published(), "y")),
        public("Ed25519 without x", without(without(rfc8037(), "d"), "x")),
        public("x is not a string", with(published(), "x", json!([1]))),
        public("x is not base64url", with(published(), "x", "no+base64url")),
        public("x is padded", with(published(), "x", "AQ==")),
        public("x has odd bits", with(published(), "x", "AR")),
        public("x is an odd character", with(published(), "x", "A")),
        public("x is short", with(published(), "x", &PUBLISHED_X[4..])),
        public("y is short", with(published(), "y", &PUBLISHED_X[4..])),
        public("not on the curve", with(published(), "x", PUBLISHED_Y)),
        public(
            "Ed25519 x is long",
            with(without(rfc8037(), "d"), "x", PUBLISHED_X),
        ),
        public(
            "Ed25519, of small order",
            with(without(rfc8037(), "d"), "x", "A".repeat(43)),
        ),
        public("kid is not a string", with(published(), "kid", 7)),
    ]
}

#[test]
fn wrong_jwks_are_told_apart() {
    let mut cases = wrong_public_jwks();
    cases.extend([
        private("d is not a string", with(rfc7515(), "d", 12345)),
        private("d is not base64url", with(rfc7515(), "d", "A\u{e4}")),
        private(
            "d is escaped",
            rfc7515().to_string().replacen("AY5p", "\\u0041Y5p", 1),
        ),
        private("d is short", with(rfc7515(), "d", &PUBLISHED_X[4..])),
        private("d is zero", with(rfc7515(), "d", "A".repeat(88))),
        private(
            "d belongs to another",
            with(published(), "d", rfc7515()["d"].clone()),
        ),
        private("no x", without(rfc7515(), "x")),
        private("Ed25519 d is short", with(rfc8037(), "d", "AAAA")),
        private(
            "Ed25519 d belongs to another",
            with(rfc8037(), "x", "A".repeat(43)),
        ),
    ]);
    let report: String = cases
        .iter()
        .map(|(case, refusal)| format!("{case}: {refusal}\n"))
        .collect();
    insta::assert_snapshot!(report);
}
