//! What is said about everything that is no usable key.

use std::error::Error;
use std::io;
use std::path::Path;

use upvest_auth_signing::{KeyError, SigningKey, VerifyingKey};

use super::{block, bytes, content, der, identifier, pkcs8, private, replaced, sec1};
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
fn damaged_texts() {
    let sec1 = fixture("p521-sec1.pem");
    let public = fixture("p521-public.pem");
    let end = sec1.find("-----END").expect("it has an end");
    let cases = [
        ("empty", refusal(" \n", None)),
        ("no PEM", refusal("secret", None)),
        ("JWK", refusal("\n{\"kty\":\"EC\"}", None)),
        ("OpenSSH public key", public_refusal("ssh-ed25519 AAAA")),
        (
            "ECDSA for OpenSSH",
            public_refusal("ecdsa-sha2-nistp521 AA"),
        ),
        ("PuTTY", refusal("PuTTY-User-Key-File-3: ssh-ed25519", None)),
        ("on one line", refusal(&sec1.replace('\n', ""), None)),
        ("with \\n", refusal(&sec1.replace('\n', "\\n"), None)),
        (
            "unknown label",
            refusal(&sec1.replace("EC PRIVATE KEY", "LOVE LETTER"), None),
        ),
        ("long label", refusal(&block(&"X".repeat(64), &[]), None)),
        (
            "too long label",
            refusal(&block(&"X".repeat(65), &[]), None),
        ),
        ("label in control", refusal(&block("\x1b", &[]), None)),
        ("label beyond ASCII", refusal(&block("\u{e4}", &[]), None)),
        (
            "OpenSSH",
            refusal(&sec1.replace("EC PRIVATE", "OPENSSH PRIVATE"), None),
        ),
        ("parameters", refusal(&fixture("parameters-only.pem"), None)),
        ("no END", refusal(&sec1[..end], None)),
        ("two BEGIN", refusal(&[&sec1[..end], &sec1].concat(), None)),
        (
            "another END",
            refusal(&sec1.replace("END EC", "END RSA"), None),
        ),
        ("not base64", refusal(&sec1.replacen("MIH", "M*H", 1), None)),
        ("cut off", refusal(&sec1.replacen("MIHc", "", 1), None)),
        ("odd", refusal(&sec1.replacen("MIHc", "MIH", 1), None)),
        ("public, no END", public_refusal(&public[..80])),
        (
            "public, not base64",
            public_refusal(&public.replacen("MIG", "M*G", 1)),
        ),
    ];
    insta::assert_snapshot!(report(&cases));
}

#[test]
fn damaged_documents() {
    let sec1 = content(&fixture("p521-sec1.pem"));
    let pkcs8 = content(&fixture("p521-pkcs8.pem"));
    let ed25519 = content(&fixture("ed25519-pkcs8.pem"));
    let spki = content(&fixture("p521-public.pem"));
    let mut off_curve = spki.clone();
    *off_curve.last_mut().expect("not empty") ^= 1;
    let public = |der: &[u8]| chain(&VerifyingKey::from_der(der).expect_err("refused"));
    let cases = [
        ("empty", der_refusal(b"")),
        ("text", der_refusal(b"secret")),
        ("PEM", der_refusal(fixture("p521-sec1.pem").as_bytes())),
        ("cut off", der_refusal(&sec1[..100])),
        ("too long", der_refusal(&[&sec1[..], &[0]].concat())),
        ("another structure", der_refusal(&[0x30, 0x02, 0x05, 0x00])),
        (
            "SEC1, version 2",
            der_refusal(&replaced(&sec1, &[2, 1, 1], &[2, 1, 2])),
        ),
        (
            "SEC1, curve is no name",
            der_refusal(&replaced(&sec1, &[0xa0, 7, 6], &[0xa0, 7, 4])),
        ),
        (
            "SEC1, odd bits",
            der_refusal(&replaced(&sec1, &[0x86, 0], &[0x86, 1])),
        ),
        (
            "PKCS#8, version 3",
            der_refusal(&[&pkcs8[..5], &[2], &pkcs8[6..]].concat()),
        ),
        (
            "PKCS#8, no SEC1",
            der_refusal(&replaced(&pkcs8, &[2, 1, 1], &[4, 1, 1])),
        ),
        (
            "Ed25519, no octets",
            der_refusal(&replaced(&ed25519, &[4, 0x20], &[2, 0x20])),
        ),
        (
            "Ed25519, short",
            der_refusal(
                &[
                    &[0x30, 0x2d],
                    &ed25519[2..12],
                    &[0x04, 0x21, 0x04, 0x1f],
                    &ed25519[17..],
                ]
                .concat(),
            ),
        ),
        (
            "mixed halves",
            refusal(
                &fixture("rfc8410-ed25519-v2.pem").replacen("Z9w7lshQ", "Z9w7lshR", 1),
                None,
            ),
        ),
        ("public, cut off", public(&spki[..100])),
        (
            "public, odd bits",
            public(&replaced(&spki, &[0x86, 0], &[0x86, 1])),
        ),
        (
            "public, curve is no name",
            public(&replaced(&spki, &[6, 5, 0x2b], &[4, 5, 0x2b])),
        ),
        ("public, not on the curve", public(&off_curve)),
        (
            "public, compressed",
            public_refusal(&fixture("p521-public-compressed.pem")),
        ),
        ("public, as private", der_refusal(&spki)),
        ("private, as public", public(&pkcs8)),
        ("SEC1, as public", public(&sec1)),
        (
            "encrypted, as public",
            public(&bytes("p521-pkcs8-pbes2.der")),
        ),
    ];
    insta::assert_snapshot!(report(&cases));
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

    // Without the name of the curve, the length of the number tells.
    let p256 = content(&fixture("p256-sec1.pem"));
    let unnamed = replaced(&p256[..39], &[0x30, 0x77], &[0x30, 37]);
    cases.push(("unnamed curve", der_refusal(&unnamed)));
    let p521 = content(&fixture("p521-sec1.pem"));
    let unnamed = replaced(&p521[..74], &[0x30, 0x81, 0xdc], &[0x30, 71]);
    SigningKey::from_der(&unnamed, None).expect("the length of P-521");

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
            "legacy, vector is no number",
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

const PBES2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 13];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12];
const SCRYPT: &[u8] = &[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11];
const HMAC_SHA224: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 8];
const AES_128_GCM: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 6];
const AES_256_CBC: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2a];
const AES_256_GCM: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2e];
const UNKNOWN: &[u8] = &[0x2b, 6, 1, 0x7f];
const SALT: &[u8] = &[4, 8, 1, 2, 3, 4, 5, 6, 7, 8];

fn integer(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    // One more zero in front keeps it positive; DER allows no more than are needed.
    let digits = &bytes[zeros..];
    let sign: &[u8] = match digits.first() {
        Some(0..0x80) => &[],
        _ => &[0],
    };
    der(0x02, &[sign, digits])
}

fn pbkdf2(parts: &[&[u8]]) -> Vec<u8> {
    identifier(PBKDF2, &der(0x30, parts))
}

fn scrypt(cost: u64, block_size: u64, parallelization: u64) -> Vec<u8> {
    let numbers = [cost, block_size, parallelization].map(integer).concat();
    identifier(SCRYPT, &der(0x30, &[SALT, &numbers]))
}

/// What is said about an EncryptedPrivateKeyInfo under PBES2, before its passphrase is needed.
fn pbes2_refusal(derivation: &[u8], cipher: &[u8], data: &[u8]) -> String {
    let scheme = identifier(PBES2, &der(0x30, &[derivation, cipher]));
    der_refusal(&der(0x30, &[&scheme, &der(0x04, &[data])]))
}

#[test]
fn parameters_of_pbes2() {
    let derivation = pbkdf2(&[SALT, &integer(2048)]);
    let cipher = identifier(AES_256_CBC, &der(0x04, &[&[0; 16]]));
    let mut cases = vec![
        ("right", pbes2_refusal(&derivation, &cipher, &[0; 16])),
        ("no data", pbes2_refusal(&derivation, &cipher, &[])),
        (
            "half a block",
            pbes2_refusal(&derivation, &cipher, &[0; 24]),
        ),
        (
            "unknown scheme",
            der_refusal(&der(0x30, &[&identifier(UNKNOWN, &[]), &[4, 1, 0]])),
        ),
        (
            "no parameters",
            der_refusal(&der(0x30, &[&identifier(PBES2, &[]), &[4, 1, 0]])),
        ),
    ];
    for (case, oid, iv) in [
        ("AES-128-GCM", AES_128_GCM, 12),
        ("AES-256-GCM", AES_256_GCM, 12),
        ("unknown cipher", UNKNOWN, 16),
        ("short vector", AES_256_CBC, 12),
    ] {
        let cipher = identifier(oid, &der(0x04, &[&vec![0; iv]]));
        cases.push((case, pbes2_refusal(&derivation, &cipher, &[0; 16])));
    }
    for (case, derivation) in [
        ("unknown derivation", identifier(UNKNOWN, &[])),
        ("salt from elsewhere", pbkdf2(&[&identifier(UNKNOWN, &[])])),
        ("no iterations", pbkdf2(&[SALT, &integer(0)])),
        ("most iterations", pbkdf2(&[SALT, &integer(10_000_000)])),
        ("too many iterations", pbkdf2(&[SALT, &integer(10_000_001)])),
        ("2^32 iterations", pbkdf2(&[SALT, &integer(1 << 32)])),
        (
            "key length of the cipher",
            pbkdf2(&[SALT, &integer(2048), &integer(32)]),
        ),
        (
            "another key length",
            pbkdf2(&[SALT, &integer(2048), &integer(16)]),
        ),
        (
            "HMAC-SHA-224",
            pbkdf2(&[SALT, &integer(2048), &identifier(HMAC_SHA224, &[])]),
        ),
        (
            "unknown function",
            pbkdf2(&[SALT, &integer(2048), &identifier(UNKNOWN, &[])]),
        ),
        ("scrypt, most memory", scrypt(1 << 18, 8, 16)),
        ("scrypt, too much memory", scrypt(1 << 18, 9, 1)),
        ("scrypt, far too much memory", scrypt(1 << 62, 1 << 31, 1)),
        ("scrypt, too parallel", scrypt(1024, 8, 17)),
        ("scrypt, N = 0", scrypt(0, 8, 1)),
        ("scrypt, N = 1", scrypt(1, 8, 1)),
        ("scrypt, N = 2", scrypt(2, 8, 1)),
        ("scrypt, N = 3", scrypt(3, 8, 1)),
        ("scrypt, r = 0", scrypt(1024, 0, 1)),
        ("scrypt, p = 0", scrypt(1024, 8, 0)),
    ] {
        cases.push((case, pbes2_refusal(&derivation, &cipher, &[0; 16])));
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
    insta::assert_snapshot!(missing, @"cannot read the key file `no/such/key.pem`: entity not found");
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
