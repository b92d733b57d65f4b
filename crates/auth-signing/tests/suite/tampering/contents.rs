//! The body, its digest, and the signature itself cannot be changed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderValue, Request};
use upvest_auth_signing::{KeyAlgorithm, SigningKey, Verifier, VerifyError};

use super::{Case, KEY_ID, set, value, verifier};
use crate::support::{ManualClock, ed25519, p521};

#[test]
fn digests() {
    for case in Case::all() {
        // Signed over a digest that is not the body's: the signature is right, the digest is not.
        let mut request = case.signed();
        let original = value(&request, case.digest());
        let body = request.body().clone();
        for position in 0..original.len() {
            let mut changed = original.clone().into_bytes();
            changed[position] ^= 1;
            let Ok(changed) = HeaderValue::from_bytes(&changed) else {
                continue;
            };
            request.headers_mut().insert(case.digest(), changed);
            resign(&case, &mut request);
            let error = case.refusal(&request);
            assert!(
                matches!(
                    error,
                    VerifyError::Digest(_) | VerifyError::MalformedComponent { .. }
                ),
                "{position}: {error}"
            );
        }
        assert_eq!(*request.body(), body);
    }
}

/// Signs the request again as its headers are, whether they are right or not.
fn resign(case: &Case, request: &mut Request<Bytes>) {
    let input = value(request, "signature-input");
    let params = input.trim_start_matches("sig1=");
    let names = params[1..params.find(')').expect("a list")]
        .split(' ')
        .map(|name| name.trim_matches('"'));
    let Ok(base) = case.version.signature_base(request, names, params) else {
        return;
    };
    let signature = case.key.sign(base.as_bytes()).expect("signs");
    let signature = format!("sig1=:{}:", STANDARD.encode(signature));
    set(request, "signature", signature.as_bytes());
}

#[test]
fn bodies() {
    for case in Case::all() {
        let signed = case.signed();
        let refusal = |body: Vec<u8>| {
            let mut request = signed.clone();
            *request.body_mut() = body.into();
            case.refusal(&request)
        };
        let body = signed.body().to_vec();
        for position in 0..body.len() {
            let mut changed = body.clone();
            changed[position] ^= 1;
            let error = refusal(changed);
            assert!(matches!(error, VerifyError::Digest(_)), "{error}");
        }
        for other in [&body[1..], &body[..1], &[], &[&body[..], b" "].concat()] {
            let error = refusal(other.to_vec());
            assert!(
                matches!(error, VerifyError::ContentLengthMismatch { .. }),
                "{error}"
            );
        }
    }
}

#[test]
fn signatures() {
    for case in Case::all() {
        let signed = case.signed();
        let text = value(&signed, "signature");
        let base64 = text.trim_start_matches("sig1=").trim_matches(':');
        let bytes = STANDARD.decode(base64).expect("base64");
        let refusal = |value: String| {
            let mut request = signed.clone();
            set(&mut request, "signature", value.as_bytes());
            case.refusal(&request)
        };
        let encoded = |bytes: &[u8]| format!("sig1=:{}:", STANDARD.encode(bytes));
        let is_der = case.key.algorithm() == KeyAlgorithm::EcdsaP521Sha512;
        let mismatch = |error: VerifyError, first: bool| {
            let right = match error {
                VerifyError::SignatureEncoding { .. } => is_der && first,
                VerifyError::SignatureMismatch => !(is_der && first),
                _ => false,
            };
            assert!(right, "{error}");
        };
        for position in 0..bytes.len() {
            for bit in [1, 0x80] {
                let mut changed = bytes.clone();
                changed[position] ^= bit;
                mismatch(refusal(encoded(&changed)), position == 0);
            }
        }
        mismatch(refusal(encoded(&bytes[1..])), true);
        mismatch(refusal(encoded(&bytes[..bytes.len() - 1])), false);
        mismatch(refusal(encoded(&[&bytes[..], &[0]].concat())), false);
        mismatch(refusal(encoded(&[])), true);
    }
}

#[test]
fn texts_of_signatures() {
    for case in Case::all() {
        let signed = case.signed();
        let text = value(&signed, "signature");
        let base64 = text.trim_start_matches("sig1=").trim_matches(':');
        let refusal = |value: String| {
            let mut request = signed.clone();
            set(&mut request, "signature", value.as_bytes());
            case.refusal(&request)
        };
        // Every character of the header counts, also those that decode to the same bytes.
        for position in 0..text.len() {
            for with in ["A", "!", "=", ":", ""] {
                let mut changed = text.clone();
                changed.replace_range(position..=position, with);
                if changed != text {
                    let _ = refusal(changed);
                }
            }
        }
        let malformed = |value: String| {
            let error = refusal(value);
            assert!(
                matches!(&error, VerifyError::MalformedHeader { name, .. } if name == "signature"),
                "{error}"
            );
        };
        if base64.ends_with('=') {
            malformed(format!("sig1=:{}:", base64.trim_end_matches('=')));
            let stray = base64.trim_end_matches('=').len() - 1;
            let mut other = base64.to_owned();
            let next = char::from(other.as_bytes()[stray] + 1).to_string();
            other.replace_range(stray..=stray, &next);
            malformed(format!("sig1=:{other}:"));
        }
        malformed(format!("sig1=(:{base64}:)"));
        malformed("sig1=\"\"".to_owned());
        malformed("sig1".to_owned());
        malformed(format!("{text},"));
    }
}

#[test]
fn keys() {
    for case in Case::all() {
        let signed = case.signed();
        let other = SigningKey::generate(case.key.algorithm()).expect("generates");
        let error = verifier(&other, case.version)
            .verify(&signed)
            .expect_err("another key");
        assert!(matches!(error, VerifyError::SignatureMismatch), "{error}");

        let of_other_algorithm = match case.key.algorithm() {
            KeyAlgorithm::Ed25519 => p521(),
            _ => ed25519(),
        };
        let error = verifier(&of_other_algorithm, case.version)
            .verify(&signed)
            .expect_err("another algorithm");
        assert!(
            matches!(
                error,
                VerifyError::SignatureMismatch | VerifyError::SignatureEncoding { .. }
            ),
            "{error}"
        );

        let unknown = Verifier::new(|_: &str| None)
            .version(case.version)
            .clock(ManualClock::new());
        let error = unknown.verify(&signed).expect_err("unknown");
        assert!(
            matches!(&error, VerifyError::UnknownKey { key_id } if key_id == KEY_ID),
            "{error}"
        );
    }
}

#[test]
fn headers_of_the_signature() {
    for case in Case::all() {
        let signed = case.signed();
        for name in ["signature-input", "signature"] {
            let mut without = signed.clone();
            without.headers_mut().remove(name);
            let error = case.refusal(&without);
            assert!(
                matches!(&error, VerifyError::MissingHeader { name: missing } if missing == name),
                "{error}"
            );

            let mut twice = signed.clone();
            let line = twice.headers()[name].clone();
            twice.headers_mut().append(name, line);
            let error = case.refusal(&twice);
            assert!(
                matches!(&error, VerifyError::DuplicateLabel { name: of, label } if of == name && label == "sig1"),
                "{error}"
            );

            let mut relabelled = signed.clone();
            let other = value(&signed, name).replace("sig1", "sig2");
            set(&mut relabelled, name, other.as_bytes());
            let error = case.refusal(&relabelled);
            assert!(
                matches!(&error, VerifyError::MissingLabel { name: of, .. } if of == name),
                "{error}"
            );
        }
    }
}
