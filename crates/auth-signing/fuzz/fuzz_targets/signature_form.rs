//! Any bytes as the signature that an external signer answers with, in each of its forms.

#![no_main]

use libfuzzer_sys::fuzz_target;
use upvest_auth_signing::{KeyAlgorithm, Signature};

/// The lengths of `r` and `s`, together.
const FIXED_WIDTH: usize = 132;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(signature) = Signature::ecdsa_der(bytes) {
        assert_eq!(
            signature.as_bytes(),
            bytes,
            "DER has one form for each signature"
        );
        check_ecdsa(&signature);
    }
    if let Ok(signature) = Signature::ecdsa_mpints(bytes) {
        assert_eq!(mpints(&numbers(&signature)), bytes, "so have two mpints");
        check_ecdsa(&signature);
    }
    if let Ok(signature) = Signature::ecdsa_fixed_width(bytes) {
        assert_eq!(bytes.len(), FIXED_WIDTH);
        check_ecdsa(&signature);
    }
    if let Ok(signature) = Signature::ed25519(bytes) {
        assert_eq!(
            (signature.algorithm(), signature.as_bytes()),
            (KeyAlgorithm::Ed25519, bytes)
        );
    }
});

/// Written in each other form, it is read as the same signature.
fn check_ecdsa(signature: &Signature) {
    assert_eq!(signature.algorithm(), KeyAlgorithm::EcdsaP521Sha512);
    assert_eq!(
        Signature::ecdsa_der(signature.as_bytes()).as_ref(),
        Ok(signature)
    );
    let numbers = numbers(signature);
    assert_eq!(
        Signature::ecdsa_mpints(&mpints(&numbers)).as_ref(),
        Ok(signature)
    );
    let mut fixed = [0; FIXED_WIDTH];
    for (number, place) in numbers.iter().zip(fixed.chunks_exact_mut(FIXED_WIDTH / 2)) {
        let digits = number.strip_prefix(&[0]).unwrap_or(number);
        let start = place.len() - digits.len();
        place[start..].copy_from_slice(digits);
    }
    assert_eq!(Signature::ecdsa_fixed_width(&fixed).as_ref(), Ok(signature));
}

/// The contents of the two integers in the DER of a signature.
fn numbers(signature: &Signature) -> [&[u8]; 2] {
    let rest = match signature.as_bytes() {
        [0x30, 0x81, _, rest @ ..] | [0x30, _, rest @ ..] => rest,
        other => panic!("no sequence: {other:?}"),
    };
    let (r, rest) = rest[2..].split_at(rest[1].into());
    [r, &rest[2..]]
}

/// Integers as the SSH protocol has them (RFC 4251 section 5).
fn mpints(numbers: &[&[u8]; 2]) -> Vec<u8> {
    let written = numbers.map(|number| {
        let length = u32::try_from(number.len()).expect("is short");
        [&length.to_be_bytes(), number].concat()
    });
    written.concat()
}
