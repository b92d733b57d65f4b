//! What is said about everything that is not a usable key.

mod damaged;
mod pbes2;

use std::error::Error;
use std::io;
use std::path::Path;

use upvest_auth_signing::{KeyError, SigningKey, VerifyingKey};

use super::{block, bytes, content, identifier, pkcs8, private, replaced, sec1};
use crate::support::{PASSPHRASE, chain, fixture, fixture_path};

fn refusal(pem: &str, passphrase: Option<&str>) -> String {
    chain(&SigningKey::from_pem(pem, passphrase).expect_err("refused"))
}

fn public_refusal(pem: &str) -> String {
    chain(&VerifyingKey::from_pem(pem).expect_err("refused"))
}

fn der_refusal(der: &[u8]) -> String {
    chain(&SigningKey::from_der(der, None).expect_err("refused"))
}

fn report(cases: &[(&str, String)]) -> String {
    cases
        .iter()
        .map(|(case, refusal)| format!("{case}: {refusal}\n"))
        .collect()
}

#[test]
fn keys_of_other_kinds() {
    let names = [
        "p256-sec1.pem",
        "p384-pkcs8.pem",
        "p384-sec1.pem",
        "secp256k1-sec1.pem",
        "p521-sec1-explicit.pem",
        "p521-pkcs8-explicit.pem",
        "p256-sec1-aes256.pem",
        "p256-pkcs8-pbes2.pem",
        "rsa-pkcs1.pem",
        "rsa-pkcs1-aes256.pem",
        "rsa-pkcs8.pem",
        "ed448-pkcs8.pem",
        "x25519-pkcs8.pem",
        "certificate.pem",
        "p521-public.pem",
    ];
    let mut cases: Vec<_> = names
        .map(|name| (name, refusal(&fixture(name), Some(PASSPHRASE))))
        .to_vec();
    let names = [
        "p256-public.pem",
        "p384-public.pem",
        "p521-public-explicit.pem",
        "rsa-public.pem",
        "rsa-pkcs1.pem",
        "certificate.pem",
        "p521-sec1.pem",
        "p521-pkcs8.pem",
        "p521-pkcs8-pbes2.pem",
    ];
    cases.extend(names.map(|name| (name, public_refusal(&fixture(name)))));
    let names = ["rsa-pkcs1.der", "certificate.der", "p521-public.der"];
    cases.extend(names.map(|name| (name, der_refusal(&bytes(name)))));
    insta::assert_snapshot!(report(&cases));
}

#[test]
fn a_curve_without_a_name_is_told_by_the_length_of_the_number() {
    let p256 = content(&fixture("p256-sec1.pem"));
    let unnamed = replaced(&p256[..39], &[0x30, 0x77], &[0x30, 37]);
    insta::assert_snapshot!(der_refusal(&unnamed), @"found an elliptic curve key on a curve that is not named, with keys of 32 bytes; the API takes P-521 (secp521r1) or Ed25519");
    let p521 = content(&fixture("p521-sec1.pem"));
    let unnamed = replaced(&p521[..74], &[0x30, 0x81, 0xdc], &[0x30, 71]);
    SigningKey::from_der(&unnamed, None).expect("the length of P-521");
}

#[test]
fn algorithms_of_other_kinds() {
    let mut cases = Vec::new();
    for (case, curve) in [
        ("P-192", &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1][..]),
        ("P-224", &[0x2b, 0x81, 4, 0, 0x21]),
        ("unknown curve", &[0x2b, 0x81, 4, 0, 0x7f]),
    ] {
        cases.push((case, der_refusal(&sec1(curve, &[1; 24]))));
    }
    for (case, algorithm) in [
        (
            "RSA-PSS",
            &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10][..],
        ),
        ("DSA", &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1]),
        ("X448", &[0x2b, 0x65, 0x6f]),
        ("unknown algorithm", &[0x2b, 0x65, 0x7f]),
    ] {
        let key = pkcs8(&identifier(algorithm, &[]), &[1; 24]);
        cases.push((case, der_refusal(&key)));
    }
    for label in ["DSA PRIVATE KEY", "DSA PUBLIC KEY", "RSA PUBLIC KEY"] {
        cases.push((label, public_refusal(&block(label, &[]))));
    }
    for label in ["TRUSTED CERTIFICATE", "X509 CERTIFICATE"] {
        cases.push((label, refusal(&block(label, &[]), None)));
    }
    insta::assert_snapshot!(report(&cases));
}

#[test]
fn encryption() {
    let legacy = fixture("p521-sec1-aes256.pem");
    let des3 = fixture("p521-sec1-des3.pem");
    let pbes2 = fixture("p521-pkcs8-pbes2.pem");
    let scrypt = fixture("p521-pkcs8-pbes2-scrypt.pem");
    let right = Some(PASSPHRASE);
    let odd = {
        let last = legacy.lines().nth_back(1).expect("it has lines");
        legacy.replace(last, "AAAA")
    };
    let mut cases = vec![
        ("legacy, no passphrase", refusal(&legacy, None)),
        ("legacy, empty passphrase", refusal(&legacy, Some(""))),
        ("legacy, wrong passphrase", refusal(&legacy, Some("wrong"))),
        (
            "legacy, no DEK-Info",
            refusal(&legacy.replacen("DEK-Info", "X-Info", 1), right),
        ),
        (
            "legacy, unknown cipher",
            refusal(&legacy.replacen("AES-256-CBC", "DES-CBC", 1), right),
        ),
        (
            "legacy, vector is not a number",
            refusal(&legacy.replacen("AES-256-CBC,", "AES-256-CBC,Z", 1), right),
        ),
        (
            "legacy, odd vector",
            refusal(&legacy.replacen("AES-256-CBC,", "AES-256-CBC,0", 1), right),
        ),
        (
            "legacy, vector of another cipher",
            refusal(&des3.replacen("DES-EDE3-CBC", "AES-256-CBC", 1), right),
        ),
        (
            "legacy, vector of triple DES",
            refusal(&legacy.replacen("AES-256-CBC", "DES-EDE3-CBC", 1), right),
        ),
        ("legacy, no whole blocks", refusal(&odd, right)),
        (
            "legacy, not base64",
            refusal(&legacy.replace("=\n", "*\n"), right),
        ),
        ("PBES2, no passphrase", refusal(&pbes2, None)),
        ("PBES2, empty passphrase", refusal(&pbes2, Some(""))),
        ("PBES2, wrong passphrase", refusal(&pbes2, Some("wrong"))),
        ("scrypt, wrong passphrase", refusal(&scrypt, Some("wrong"))),
    ];
    for name in [
        "p521-pkcs8-pbes2-des3.pem",
        "p521-pkcs8-pbes2-aes192.pem",
        "p521-pkcs8-pbes2-sha384.pem",
        "p521-pkcs8-pbes1.pem",
        "p521-pkcs8-pkcs12.pem",
    ] {
        cases.push((name, refusal(&fixture(name), right)));
    }
    insta::assert_snapshot!(report(&cases));
}

#[test]
fn every_wrong_passphrase_is_called_wrong() {
    // Padding looks right for one passphrase in 256; then the content must give it away.
    for name in ["p521-sec1-aes256.pem", "p521-sec1-des3.pem"] {
        for attempt in 0..600 {
            let error = private(name, Some(&format!("wrong-{attempt}"))).expect_err("wrong");
            assert!(matches!(error, KeyError::PassphraseWrong { .. }), "{error}");
        }
    }
}

#[test]
fn files_are_named() {
    let missing = SigningKey::from_pem_file("no/such/key.pem", None).expect_err("no file");
    assert!(matches!(missing, KeyError::Unreadable { .. }));
    insta::assert_snapshot!(missing, @"cannot read the key file `no/such/key.pem`");
    assert!(
        missing
            .source()
            .is_some_and(|source| source.is::<io::Error>())
    );
    let missing = VerifyingKey::from_pem_file("no/such/key.pem").expect_err("no file");
    assert!(matches!(missing, KeyError::Unreadable { .. }));

    let within = |path: &Path| {
        let error = SigningKey::from_pem_file(path, None).expect_err("no key");
        let KeyError::InFile { path: named, error } = &error else {
            panic!("{error} does not name the file");
        };
        assert_eq!(named, path);
        error.to_string()
    };
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str, content: &[u8]| {
        let path = directory.path().join(name);
        std::fs::write(&path, content).expect("writes");
        path
    };
    let largest = [fixture("p521-sec1.pem"), " ".repeat(65536)].concat();
    let cases = [
        ("P-256", within(&fixture_path("p256-sec1.pem"))),
        ("DER", within(&fixture_path("p521-sec1.der"))),
        ("UTF-16", within(&file("utf-16", b"\xff\xfe-\0-\0"))),
        ("empty", within(&file("empty", b""))),
        (
            "too large",
            within(&file("large", &largest.as_bytes()[..65537])),
        ),
    ];
    insta::assert_snapshot!("within_files", report(&cases));
    SigningKey::from_pem_file(file("largest", &largest.as_bytes()[..65536]), None)
        .expect("as large as it may be");

    let damaged = SigningKey::from_pem_file(file("damaged", &largest.as_bytes()[..100]), None);
    let cause = damaged
        .expect_err("damaged")
        .source()
        .map(ToString::to_string);
    assert_eq!(cause.as_deref(), Some("the END line is missing"));

    let path = fixture_path("p256-sec1.pem");
    let error = SigningKey::from_pem_file(&path, None).expect_err("P-256");
    assert_eq!(
        error.to_string(),
        format!(
            "cannot use the key file `{}`: found an elliptic curve key on P-256 (prime256v1); \
             the API takes P-521 (secp521r1) or Ed25519",
            path.display()
        )
    );
}

#[test]
fn ed25519_points() {
    let refusal = |y: [u8; 32]| chain(&VerifyingKey::from_ed25519(&y).expect_err("refused"));
    // Numbers are little-endian; the highest bit is the sign of the other coordinate.
    let small = |y: u8| [&[y][..], &[0; 31]].concat().try_into().expect("32 bytes");
    let large = |low: u8, high: u8| {
        let middle = [0xff; 30];
        [&[low][..], &middle, &[high]]
            .concat()
            .try_into()
            .expect("32 bytes")
    };
    let cases = [
        ("0, of order 4", refusal(small(0))),
        ("1, of order 1", refusal(small(1))),
        ("2, on no curve", refusal(small(2))),
        ("p - 1, of order 2", refusal(large(0xec, 0x7f))),
        ("p, not reduced", refusal(large(0xed, 0x7f))),
        ("p + 1, not reduced", refusal(large(0xee, 0x7f))),
        ("p + 3, not reduced", refusal(large(0xf0, 0x7f))),
    ];
    insta::assert_snapshot!(report(&cases));
    VerifyingKey::from_ed25519(&small(3)).expect("a point of the curve");
}

#[test]
fn raw_public_keys_of_wrong_lengths() {
    let report = [
        chain(&VerifyingKey::from_p521_point(&[4; 65]).expect_err("refused")),
        chain(&VerifyingKey::from_p521_point(&[5; 67]).expect_err("refused")),
        chain(&VerifyingKey::from_p521_point(&[2; 67]).expect_err("refused")),
        chain(&VerifyingKey::from_p521_point(&[3; 67]).expect_err("refused")),
        chain(&VerifyingKey::from_p521_point(&[2; 133]).expect_err("refused")),
        chain(&VerifyingKey::from_ed25519(&[0; 31]).expect_err("refused")),
        chain(&VerifyingKey::from_ed25519(&[0; 33]).expect_err("refused")),
    ]
    .join("\n");
    insta::assert_snapshot!(report);
}
