//! The vectors of Wycheproof: signatures that are valid, and signatures that careless verifiers accept.

use std::path::Path;

use super::ecdsa::{self, EcdsaEncoding};
use crate::{InvalidSignature, VerifyingKey};

/// Checks all vectors of a file, and returns how many are valid and how many are not.
fn check(
    file: &str,
    verify: impl Fn(&VerifyingKey, &[u8], &[u8]) -> Result<(), InvalidSignature>,
) -> (usize, usize) {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wycheproof");
    let vectors = std::fs::read_to_string(vectors.join(file)).unwrap();
    let (mut key, mut valid, mut invalid) = (None, 0, 0);
    for line in vectors.lines() {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["key", der] => key = Some(VerifyingKey::from_der(&bytes(der)).unwrap()),
            [id, verdict, message, signature] => {
                let key = key.as_ref().expect("a key comes first");
                let verified = verify(key, &bytes(message), &bytes(signature));
                let is_valid = verdict == "valid";
                assert_eq!(verified.is_ok(), is_valid, "{file}, {id}");
                *(if is_valid { &mut valid } else { &mut invalid }) += 1;
            }
            _ => panic!("{line}"),
        }
    }
    (valid, invalid)
}

/// Hexadecimal digits, or a dash for nothing.
pub(crate) fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.trim_start_matches('-').as_bytes().chunks(2);
    let texts = pairs.map(|pair| std::str::from_utf8(pair).unwrap());
    texts
        .map(|text| u8::from_str_radix(text, 16).unwrap())
        .collect()
}

#[test]
fn p521_signatures_in_der_are_distinguished() {
    let der = |key: &_, message: &_, signature: &_| {
        ecdsa::verify(key, EcdsaEncoding::Der, message, signature)
    };
    assert_eq!(check("p521-der.txt", der), (232, 310));
    assert_eq!(check("p521-der.txt", VerifyingKey::verify), (232, 310));
}

#[test]
fn p521_signatures_of_fixed_width_are_distinguished() {
    let fixed = |key: &_, message: &_, signature: &_| {
        ecdsa::verify(key, EcdsaEncoding::FixedWidth, message, signature)
    };
    assert_eq!(check("p521-fixed-width.txt", fixed), (231, 87));
}

#[test]
fn ed25519_signatures_are_distinguished() {
    assert_eq!(check("ed25519.txt", VerifyingKey::verify), (88, 63));
}
