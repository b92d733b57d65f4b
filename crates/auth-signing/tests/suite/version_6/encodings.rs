//! How signatures by ECDSA are encoded.

use bytes::Bytes;
use http::Request;
use upvest_auth_signing::{EcdsaEncoding, VerifyError};

use super::{set_signature, signature, signed, verifier};
use crate::support::p521;

/// `r` and `s` of a DER signature, 66 bytes each.
fn to_fixed_width(der: &[u8]) -> Vec<u8> {
    let mut numbers = &der[if der[1] == 0x81 { 3 } else { 2 }..];
    let mut fixed = Vec::new();
    for _ in 0..2 {
        let (head, rest) = numbers.split_at(2);
        assert_eq!(head[0], 2, "an integer");
        let (digits, rest) = rest.split_at(usize::from(head[1]));
        let digits = digits.strip_prefix(&[0]).unwrap_or(digits);
        fixed.resize(fixed.len() + 66 - digits.len(), 0);
        fixed.extend_from_slice(digits);
        numbers = rest;
    }
    assert!(numbers.is_empty());
    fixed
}

#[test]
fn both_encodings_of_ecdsa() {
    let der = signed(p521());
    let mut fixed = der.clone();
    set_signature(&mut fixed, &to_fixed_width(&signature(&der)));

    let accepts = |encoding, request: &Request<Bytes>| {
        verifier(&p521())
            .ecdsa_encoding(encoding)
            .verify(request)
            .map(drop)
    };
    for (encoding, request) in [
        (EcdsaEncoding::Der, &der),
        (EcdsaEncoding::Either, &der),
        (EcdsaEncoding::FixedWidth, &fixed),
        (EcdsaEncoding::Either, &fixed),
    ] {
        accepts(encoding, request).unwrap_or_else(|error| panic!("{encoding:?}: {error}"));
    }
    insta::assert_snapshot!(
        accepts(EcdsaEncoding::Der, &fixed).expect_err("not accepted"),
        @"the signature, of 132 bytes, is not encoded as ASN.1 DER"
    );
    assert!(matches!(
        accepts(EcdsaEncoding::FixedWidth, &der),
        Err(VerifyError::SignatureEncoding { .. })
    ));

    let bytes = signature(&fixed);
    for position in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[position] ^= 1;
        let mut request = fixed.clone();
        set_signature(&mut request, &changed);
        for encoding in [EcdsaEncoding::FixedWidth, EcdsaEncoding::Either] {
            let error = accepts(encoding, &request).expect_err("changed");
            assert!(matches!(error, VerifyError::SignatureMismatch), "{error}");
        }
    }
    for length in [0, 1, 131, 133, 139] {
        let mut request = fixed.clone();
        set_signature(&mut request, &vec![1; length]);
        for encoding in [EcdsaEncoding::FixedWidth, EcdsaEncoding::Either] {
            let error = accepts(encoding, &request).expect_err("no signature");
            assert!(
                matches!(error, VerifyError::SignatureEncoding { .. }),
                "{error}"
            );
        }
    }
    // Numbers with leading zeros, and no number at all.
    for number in [0_u8, 1, 0x7f, 0x80, 0xff] {
        let mut request = fixed.clone();
        let mut bytes = vec![0; 132];
        (bytes[65], bytes[131]) = (number, number);
        set_signature(&mut request, &bytes);
        let error = accepts(EcdsaEncoding::FixedWidth, &request).expect_err("no signature");
        assert!(matches!(error, VerifyError::SignatureMismatch), "{error}");
    }
}

#[test]
fn numbers_of_all_lengths() {
    // Every other number begins with a zero byte, which DER leaves out; every other of these needs
    // one in DER so as not to look negative.
    for _ in 0..30 {
        let mut request = signed(p521());
        let fixed = to_fixed_width(&signature(&request));
        set_signature(&mut request, &fixed);
        verifier(&p521())
            .ecdsa_encoding(EcdsaEncoding::FixedWidth)
            .verify(&request)
            .unwrap_or_else(|error| panic!("{fixed:?}: {error}"));
    }
}
