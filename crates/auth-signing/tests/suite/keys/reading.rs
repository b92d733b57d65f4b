//! All forms that are read.

use upvest_auth_signing::{KeyAlgorithm, KeyError, SigningKey, VerifyingKey};

use super::{EC, P521, block, bytes, content, der, identifier, private, sec1};
use crate::support::{PASSPHRASE, ed25519, fixture, fixture_path, p521};

#[test]
fn every_form_of_one_key_is_the_same_key() {
    for name in [
        "p521-sec1.pem",
        "p521-sec1-no-public.pem",
        "p521-sec1-compressed.pem",
        "p521-sec1-aes128.pem",
        "p521-sec1-aes192.pem",
        "p521-sec1-des3.pem",
        "p521-pkcs8.pem",
        "p521-pkcs8-pbes2.pem",
        "p521-pkcs8-pbes2-aes128-scrypt.pem",
        "p521-pkcs8-pbes2-aes128-sha512.pem",
        "p521-pkcs8-pbes2-aes256-sha512.pem",
        "p521-pkcs8-pbes2-scrypt.pem",
        "p521-pkcs8-pbes2-sha1.pem",
    ] {
        // The passphrase is ignored where none is needed.
        let key = private(name, Some(PASSPHRASE)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(key.algorithm(), KeyAlgorithm::EcdsaP521Sha512);
        assert_eq!(*key.to_pkcs8_pem(), fixture("p521-pkcs8.pem"), "{name}");
    }
    for name in ["ed25519-pkcs8.pem", "ed25519-pkcs8-pbes2.pem"] {
        let key = private(name, Some(PASSPHRASE)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(key.algorithm(), KeyAlgorithm::Ed25519);
        assert_eq!(*key.to_pkcs8_pem(), fixture("ed25519-pkcs8.pem"), "{name}");
    }
}

#[test]
fn private_keys_in_der() {
    for (name, pem) in [
        ("p521-sec1.der", "p521-pkcs8.pem"),
        ("p521-pkcs8.der", "p521-pkcs8.pem"),
        ("p521-pkcs8-pbes2.der", "p521-pkcs8.pem"),
        ("ed25519-pkcs8.der", "ed25519-pkcs8.pem"),
    ] {
        let key = SigningKey::from_der(&bytes(name), Some(PASSPHRASE))
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(*key.to_pkcs8_pem(), fixture(pem), "{name}");
    }
}

#[test]
fn public_keys_belong_to_the_private_ones() {
    for (name, key) in [("p521", p521()), ("ed25519", ed25519())] {
        let public = key.verifying_key();
        assert_eq!(public.algorithm(), key.algorithm());
        let pem = fixture(&format!("{name}-public.pem"));
        assert_eq!(VerifyingKey::from_pem(&pem).expect("PEM"), public);
        let der = bytes(&format!("{name}-public.der"));
        assert_eq!(VerifyingKey::from_der(&der).expect("DER"), public);
        let file = fixture_path(&format!("{name}-public.pem"));
        assert_eq!(VerifyingKey::from_pem_file(file).expect("file"), public);
    }
    assert_ne!(p521().verifying_key(), ed25519().verifying_key());
}

#[test]
fn private_key_files() {
    let key = SigningKey::from_pem_file(fixture_path("p521-sec1-aes256.pem"), Some(PASSPHRASE));
    assert_eq!(
        key.expect("as the API's guide makes it").algorithm(),
        KeyAlgorithm::EcdsaP521Sha512
    );
}

#[test]
fn keys_stand_behind_other_blocks_and_text() {
    private("p521-sec1-parameters.pem", None).expect("behind EC PARAMETERS");

    let bundle = format!(
        "Bag Attributes: none\n{}{}",
        fixture("certificate.pem"),
        fixture("p521-pkcs8.pem").replace('\n', "\r\n")
    );
    SigningKey::from_pem(&bundle, None).expect("behind a certificate, with CRLF");

    // Only the block that counts has to be whole.
    let bundle = bundle.replacen("MII", "***", 1);
    SigningKey::from_pem(&bundle, None).expect("behind a damaged certificate");

    let indented = fixture("p521-pkcs8.pem").replace('\n', " \n    ");
    SigningKey::from_pem(&indented, None).expect("indented, as in a configuration file");

    let marked = format!("\u{feff}{}", fixture("p521-pkcs8.pem"));
    SigningKey::from_pem(&marked, None).expect("behind a byte order mark");

    let header = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,MIC-CLEAR\n";
    let clear = fixture("p521-sec1.pem").replace("-----BEGIN EC PRIVATE KEY-----\n", header);
    SigningKey::from_pem(&clear, None).expect("with a header that does not mean encryption");

    let bundle = [fixture("p521-sec1.pem"), fixture("ed25519-public.pem")].concat();
    let public = VerifyingKey::from_pem(&bundle).expect("behind a private key");
    assert_eq!(public, ed25519().verifying_key());
}

#[test]
fn version_2_of_pkcs8() {
    let key = private("rfc8410-ed25519-v2.pem", None).expect("RFC 8410 section 10.3");
    assert_eq!(key.algorithm(), KeyAlgorithm::Ed25519);

    // OpenSSL does not write this version: the parts of version 1, and the public key.
    let point = &bytes("p521-public.der")[25..];
    assert_eq!((point.len(), point[0]), (133, 4));
    let version_2 = |point: &[u8]| {
        let algorithm = identifier(EC, &der(0x06, &[P521]));
        let private = der(0x04, &[&content(&fixture("p521-sec1-no-public.pem"))]);
        let public = der(0x81, &[&[0], point]);
        der(0x30, &[&[0x02, 1, 1], &algorithm, &private, &public])
    };
    let key = SigningKey::from_der(&version_2(point), None).expect("version 2");
    assert_eq!(key.verifying_key(), p521().verifying_key());

    let other = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).expect("generates");
    let other = &other.verifying_key().to_der()[25..];
    let error = SigningKey::from_der(&version_2(other), None).expect_err("another public half");
    assert!(matches!(error, KeyError::HalvesDiffer), "{error}");
}

#[test]
fn numbers_of_all_lengths() {
    let number = &bytes("p521-sec1.der")[8..74];
    assert_eq!(number[0], 0, "the number of the fixture is a short one");
    for number in [number, &number[1..]] {
        let pem = block("EC PRIVATE KEY", &sec1(P521, number));
        let key = SigningKey::from_pem(&pem, None).expect("leading zeros do not count");
        assert_eq!(key.verifying_key(), p521().verifying_key());
    }
    for number in [&[][..], &[0], &[0; 66], &[0xff; 66]] {
        let error = SigningKey::from_der(&sec1(P521, number), None).expect_err("out of range");
        assert!(matches!(error, KeyError::OutOfRange), "{error}");
    }
    let error = SigningKey::from_der(&sec1(P521, &[1; 67]), None).expect_err("too long");
    assert!(matches!(
        error,
        KeyError::WrongLength {
            found: 67,
            expected: 66,
            ..
        }
    ));
}

#[test]
fn public_halves_are_compared() {
    for name in ["p521-sec1.pem", "p521-sec1-compressed.pem"] {
        let mut document = content(&fixture(name));
        *document.last_mut().expect("not empty") ^= 1;
        let error = SigningKey::from_der(&document, None).expect_err("another point");
        assert!(matches!(error, KeyError::HalvesDiffer), "{error}");
    }
}

#[test]
fn compressed_points_have_the_right_sign() {
    let names = [
        "p521-sec1.pem",
        "p521-sec1-parameters.pem",
        "p521-sec1-aes256.pem",
    ];
    let signs = names.map(|name| {
        let key = private(name, Some(PASSPHRASE)).expect("fixture is a key");
        let number = &content(&key.to_pkcs8_pem())[35..101];
        let point = &key.verifying_key().to_der()[25..];
        let sign = 2 + (point[132] & 1);
        let with_sign = |sign: u8| {
            let curve = der(0xa0, &[&der(0x06, &[P521])]);
            let point = der(0xa1, &[&der(0x03, &[&[0, sign], &point[1..67]])]);
            der(
                0x30,
                &[&[0x02, 1, 1], &der(0x04, &[number]), &curve, &point],
            )
        };
        SigningKey::from_der(&with_sign(sign), None).expect("the right sign");
        let error = SigningKey::from_der(&with_sign(sign ^ 1), None).expect_err("the wrong sign");
        assert!(matches!(error, KeyError::HalvesDiffer), "{error}");
        sign
    });
    assert!(signs.contains(&2) && signs.contains(&3), "{signs:?}");
}
