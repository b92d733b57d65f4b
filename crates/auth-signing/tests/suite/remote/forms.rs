//! The forms that signers answer in are converted strictly.

use upvest_auth_signing::{KeyAlgorithm, Signature, SigningKey, VerifyingKey};

const WIDTH: usize = 66;

/// `r` and `s` of a DER signature, by a separate reader.
fn integers(der: &[u8]) -> [Vec<u8>; 2] {
    let start = if der[1] == 0x81 { 3 } else { 2 };
    let mut rest = &der[start..];
    [(); 2].map(|()| {
        let (value, behind) = rest[2..].split_at(rest[1].into());
        rest = behind;
        value.to_vec()
    })
}

fn fixed(integers: &[Vec<u8>; 2]) -> Vec<u8> {
    let mut fixed = Vec::new();
    for integer in integers {
        let digits = integer.strip_prefix(&[0]).unwrap_or(integer);
        fixed.extend(vec![0; WIDTH - digits.len()]);
        fixed.extend_from_slice(digits);
    }
    fixed
}

fn mpints(integers: &[Vec<u8>; 2]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for integer in integers {
        bytes.extend(u32::try_from(integer.len()).expect("short").to_be_bytes());
        bytes.extend_from_slice(integer);
    }
    bytes
}

fn der(integers: &[&[u8]; 2]) -> Vec<u8> {
    let mut content = Vec::new();
    for integer in integers {
        content.extend([2, u8::try_from(integer.len()).expect("short")]);
        content.extend_from_slice(integer);
    }
    let length = u8::try_from(content.len()).expect("short");
    let mut der = vec![0x30];
    der.extend((length >= 0x80).then_some(0x81));
    der.push(length);
    der.append(&mut content);
    der
}

fn assert_same(der: &[u8], key: &VerifyingKey, message: &[u8]) {
    let integers = integers(der);
    for signature in [
        Signature::ecdsa_der(der),
        Signature::ecdsa_fixed_width(&fixed(&integers)),
        Signature::ecdsa_mpints(&mpints(&integers)),
    ] {
        let signature = signature.expect("a signature");
        assert_eq!(signature.as_bytes(), der);
        assert_eq!(signature.algorithm(), KeyAlgorithm::EcdsaP521Sha512);
        key.verify(message, signature.as_bytes()).expect("valid");
    }
}

/// One in 256 numbers is shorter than the longest by a byte or more, so ten thousand signatures have
/// each kind of them by the dozen.
#[test]
fn ten_thousand_signatures_are_the_same_in_all_forms() {
    let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).expect("a key");
    let public = key.verifying_key();
    let mut lengths = std::collections::BTreeSet::new();
    for number in 0..10_000_u32 {
        let message = number.to_be_bytes();
        let der = key.sign(&message).expect("signs");
        lengths.extend(integers(&der).map(|integer| integer.len()));
        // Verifying takes longest, and every form gives the same bytes.
        if number % 100 == 0 {
            assert_same(&der, &public, &message);
        } else {
            let integers = integers(&der);
            for signature in [
                Signature::ecdsa_der(&der),
                Signature::ecdsa_fixed_width(&fixed(&integers)),
                Signature::ecdsa_mpints(&mpints(&integers)),
            ] {
                assert_eq!(signature.expect("a signature").as_bytes(), der);
            }
        }
    }
    assert!(lengths.len() >= 2, "{lengths:?}");
}

#[test]
fn ten_thousand_ed25519_signatures() {
    let key = SigningKey::generate(KeyAlgorithm::Ed25519).expect("a key");
    for number in 0..10_000_u32 {
        let raw = key.sign(&number.to_be_bytes()).expect("signs");
        assert_eq!(Signature::ed25519(&raw).expect("one").as_bytes(), raw);
    }
}

/// The order of the group, and one less.
fn order() -> [u8; WIDTH] {
    let mut order = [0xff; WIDTH];
    order[0] = 1;
    let low = "fa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409";
    for (byte, digits) in order[33..].iter_mut().zip(low.as_bytes().chunks(2)) {
        let digits = std::str::from_utf8(digits).expect("ASCII");
        *byte = u8::from_str_radix(digits, 16).expect("hexadecimal");
    }
    order
}

#[test]
fn the_smallest_and_largest_numbers() {
    let order = order();
    let mut largest = order;
    largest[WIDTH - 1] -= 1;
    let one: &[u8] = &[1];
    for (r, s) in [(one, &largest[..]), (&largest, one), (&[0, 0x80], &[0x7f])] {
        let expected = der(&[r, s]);
        let integers = [r.to_vec(), s.to_vec()];
        for signature in [
            Signature::ecdsa_der(&expected),
            Signature::ecdsa_fixed_width(&fixed(&integers)),
            Signature::ecdsa_mpints(&mpints(&integers)),
        ] {
            assert_eq!(signature.expect("in range").as_bytes(), expected);
        }
    }
    for wrong in [&order[..], &[0x7f; WIDTH], &[]] {
        for integers in [[wrong.to_vec(), vec![1]], [vec![1], wrong.to_vec()]] {
            Signature::ecdsa_fixed_width(&fixed(&integers)).expect_err("out of range");
            Signature::ecdsa_mpints(&mpints(&integers)).expect_err("out of range");
            Signature::ecdsa_der(&der(&[&integers[0], &integers[1]])).expect_err("out of range");
        }
    }
}

#[test]
fn what_is_not_der() {
    let cases: &[(&str, &[u8])] = &[
        ("empty", &[]),
        ("tag alone", &[0x30]),
        ("no numbers", &[0x30, 0]),
        ("one number", &[0x30, 3, 2, 1, 1]),
        ("three numbers", &[0x30, 9, 2, 1, 1, 2, 1, 1, 2, 1, 1]),
        ("bytes behind", &[0x30, 6, 2, 1, 1, 2, 1, 1, 0]),
        ("cut short", &[0x30, 6, 2, 1, 1, 2, 1]),
        ("long length", &[0x30, 0x81, 6, 2, 1, 1, 2, 1, 1]),
        ("longer length", &[0x30, 0x82, 0, 6, 2, 1, 1, 2, 1, 1]),
        ("indefinite length", &[0x30, 0x80, 2, 1, 1, 2, 1, 1, 0, 0]),
        ("set", &[0x31, 6, 2, 1, 1, 2, 1, 1]),
        ("other numbers", &[0x30, 6, 3, 1, 1, 2, 1, 1]),
        ("zero", &[0x30, 6, 2, 1, 0, 2, 1, 1]),
        ("empty number", &[0x30, 5, 2, 0, 2, 1, 1]),
        ("negative", &[0x30, 6, 2, 1, 0x80, 2, 1, 1]),
        ("leading zero", &[0x30, 7, 2, 2, 0, 1, 2, 1, 1]),
    ];
    let errors: Vec<String> = cases
        .iter()
        .map(|(name, der)| {
            let error = Signature::ecdsa_der(der).expect_err(name);
            format!("{name}: {error}")
        })
        .collect();
    insta::assert_snapshot!(errors.join("\n"));
}

#[test]
fn what_is_not_a_pair_of_mpints() {
    for wrong in [
        &[][..],
        &[0, 0, 0, 1],
        &[0, 0, 0, 1, 1],
        &[0, 0, 0, 1, 1, 0, 0, 0, 1],
        &[0, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0],
        &[0, 0, 0, 0, 0, 0, 0, 1, 1],
        &[0, 0, 0, 1, 0x80, 0, 0, 0, 1, 1],
        &[0, 0, 0, 2, 0, 1, 0, 0, 0, 1, 1],
        &[0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 1, 1],
    ] {
        Signature::ecdsa_mpints(wrong).expect_err("no pair");
    }
}

#[test]
fn what_has_no_fixed_width() {
    for length in [0, 64, 96, 2 * WIDTH - 1, 2 * WIDTH + 1] {
        Signature::ecdsa_fixed_width(&vec![1; length]).expect_err("another length");
    }
    Signature::ecdsa_fixed_width(&[0; 2 * WIDTH]).expect_err("zero");
}

#[test]
fn what_is_not_an_ed25519_signature() {
    // The order of the group (RFC 8032 section 5.1), little-endian.
    let mut order = [0; 32];
    order[..16].copy_from_slice(&0x14de_f9de_a2f7_9cd6_5812_631a_5cf5_d3ed_u128.to_le_bytes());
    order[31] = 0x10;
    let with = |s: &[u8]| [&[7; 32], s].concat();
    Signature::ed25519(&with(&order)).expect_err("not below");
    Signature::ed25519(&with(&[0xff; 32])).expect_err("not below");
    order[0] -= 1;
    Signature::ed25519(&with(&order)).expect("below");
    for length in [0, 32, 63, 65, 132] {
        Signature::ed25519(&vec![1; length]).expect_err("another length");
    }
}
