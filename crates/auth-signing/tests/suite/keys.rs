//! Private and public keys: what is read, and what is said about everything else.

use upvest_auth_signing::{InvalidSignature, KeyAlgorithm, KeyError, SigningKey, VerifyingKey};

use crate::support::{PASSPHRASE, chain, ed25519, fixture, fixture_path, p521};

const MESSAGE: &[u8] = b"message";

fn private(name: &str, passphrase: Option<&str>) -> Result<SigningKey, KeyError> {
    SigningKey::from_pem(&fixture(name), passphrase)
}

fn refusal(pem: &str, passphrase: Option<&str>) -> String {
    match SigningKey::from_pem(pem, passphrase) {
        Ok(_) => panic!("the key was accepted"),
        Err(error) => chain(&error),
    }
}

fn public_refusal(pem: &str) -> String {
    match VerifyingKey::from_pem(pem) {
        Ok(_) => panic!("the key was accepted"),
        Err(error) => chain(&error),
    }
}

#[test]
fn wrong_inputs_are_told_apart() {
    let sec1 = fixture("p521-sec1.pem");
    let encrypted = fixture("p521-sec1-aes256.pem");
    let cut_off = &sec1[..sec1.len() / 2];
    let not_base64 = sec1.replacen("MIH", "M*H", 1);
    let not_der = "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n";
    let not_a_scalar = sec1.replacen(&sec1[50..60], "//////////", 1);
    let no_cipher = encrypted.replacen("DEK-Info", "X-Info", 1);
    let bad_vector = encrypted.replacen("AES-256-CBC,", "AES-256-CBC,Z", 1);
    let mixed_halves = {
        // The public half of another key in the version 2 form.
        let pem = fixture("rfc8410-ed25519-v2.pem");
        pem.replacen("Z9w7lshQ", "Z9w7lshR", 1)
    };
    let cases = [
        ("empty", refusal(" \n", None)),
        ("no PEM", refusal("secret", None)),
        (
            "unknown label",
            refusal(&sec1.replace("EC PRIVATE KEY", "LOVE LETTER"), None),
        ),
        (
            "OpenSSH",
            refusal(&sec1.replace("EC PRIVATE", "OPENSSH PRIVATE"), None),
        ),
        (
            "parameters alone",
            refusal(&fixture("parameters-only.pem"), None),
        ),
        ("cut off", refusal(cut_off, None)),
        ("not base64", refusal(&not_base64, None)),
        ("not DER", refusal(not_der, None)),
        ("inconsistent", refusal(&not_a_scalar, None)),
        ("mixed halves", refusal(&mixed_halves, None)),
        ("legacy, no cipher", refusal(&no_cipher, Some(PASSPHRASE))),
        ("legacy, bad vector", refusal(&bad_vector, Some(PASSPHRASE))),
        ("legacy, no passphrase", refusal(&encrypted, None)),
        ("legacy, empty passphrase", refusal(&encrypted, Some(""))),
        (
            "legacy, wrong passphrase",
            refusal(&encrypted, Some("wrong")),
        ),
        (
            "legacy, triple DES",
            refusal(&fixture("p521-sec1-des3.pem"), Some(PASSPHRASE)),
        ),
        (
            "legacy, P-256",
            refusal(&fixture("p256-sec1-aes256.pem"), Some(PASSPHRASE)),
        ),
        (
            "PBES2, no passphrase",
            refusal(&fixture("p521-pkcs8-pbes2.pem"), None),
        ),
        (
            "PBES2, empty passphrase",
            refusal(&fixture("p521-pkcs8-pbes2.pem"), Some("")),
        ),
        (
            "PBES2, wrong passphrase",
            refusal(&fixture("p521-pkcs8-pbes2.pem"), Some("wrong")),
        ),
        (
            "PBES2, triple DES",
            refusal(&fixture("p521-pkcs8-pbes2-des3.pem"), Some(PASSPHRASE)),
        ),
        (
            "PBES2, SHA-1",
            refusal(&fixture("p521-pkcs8-pbes2-sha1.pem"), Some(PASSPHRASE)),
        ),
        (
            "PBES1",
            refusal(&fixture("p521-pkcs8-pbes1.pem"), Some(PASSPHRASE)),
        ),
        ("P-256", refusal(&fixture("p256-sec1.pem"), None)),
        ("P-384", refusal(&fixture("p384-pkcs8.pem"), None)),
        ("RSA, PKCS#1", refusal(&fixture("rsa-pkcs1.pem"), None)),
        ("RSA, PKCS#8", refusal(&fixture("rsa-pkcs8.pem"), None)),
        ("Ed448", refusal(&fixture("ed448-pkcs8.pem"), None)),
        ("certificate", refusal(&fixture("certificate.pem"), None)),
        ("public key", refusal(&fixture("p521-public.pem"), None)),
        ("as public: private key", public_refusal(&sec1)),
        (
            "as public: P-256",
            public_refusal(&fixture("p256-public.pem")),
        ),
        (
            "as public: certificate",
            public_refusal(&fixture("certificate.pem")),
        ),
        (
            "as public: not DER",
            public_refusal(&not_der.replace("EC PRIVATE", "PUBLIC")),
        ),
    ];
    let report: String = cases
        .iter()
        .map(|(case, refusal)| format!("{case}: {refusal}\n"))
        .collect();
    insta::assert_snapshot!(report);
}

#[test]
fn every_wrong_passphrase_is_called_wrong() {
    // Padding looks right for one passphrase in 256; then the content must give it away.
    for name in ["p521-sec1-aes256.pem", "p521-sec1-aes128.pem"] {
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

    let path = fixture_path("p256-sec1.pem");
    let wrong = SigningKey::from_pem_file(&path, None).expect_err("P-256");
    assert!(matches!(&wrong, KeyError::InFile { error, .. }
        if matches!(**error, KeyError::WrongCurve { .. })));
    assert_eq!(
        wrong.to_string(),
        format!(
            "cannot use the key file `{}`: found an elliptic curve key on P-256 (prime256v1); \
             the API takes P-521 (secp521r1) or Ed25519",
            path.display()
        )
    );

    let der = SigningKey::from_pem_file(fixture_path("p521-sec1.der"), None).expect_err("DER");
    assert!(matches!(&der, KeyError::InFile { error, .. } if matches!(**error, KeyError::NotPem)));
}

#[test]
fn every_form_of_one_key_is_the_same_key() {
    let public = VerifyingKey::from_pem(&fixture("p521-public.pem")).expect("public key");
    for name in [
        "p521-sec1.pem",
        "p521-sec1-no-public.pem",
        "p521-sec1-aes128.pem",
        "p521-sec1-aes192.pem",
        "p521-pkcs8.pem",
        "p521-pkcs8-pbes2.pem",
        "p521-pkcs8-pbes2-aes128-sha512.pem",
        "p521-pkcs8-pbes2-scrypt.pem",
    ] {
        // The passphrase is ignored where none is needed.
        let key = private(name, Some(PASSPHRASE)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(key.algorithm(), KeyAlgorithm::EcdsaP521Sha512);
        assert_eq!(key.verifying_key(), public, "{name}");
    }
    let public = VerifyingKey::from_pem(&fixture("ed25519-public.pem")).expect("public key");
    for name in ["ed25519-pkcs8.pem", "ed25519-pkcs8-pbes2.pem"] {
        let key = private(name, Some(PASSPHRASE)).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(key.algorithm(), KeyAlgorithm::Ed25519);
        assert_eq!(key.verifying_key(), public, "{name}");
    }
}

#[test]
fn keys_stand_behind_other_blocks_and_text() {
    private("p521-sec1-parameters.pem", None).expect("behind EC PARAMETERS");
    private("p521-sec1-aes256.pem", Some(PASSPHRASE)).expect("as the API's guide makes it");

    let bundle = format!(
        "Bag Attributes: none\n{}{}",
        fixture("certificate.pem"),
        fixture("p521-pkcs8.pem").replace('\n', "\r\n")
    );
    SigningKey::from_pem(&bundle, None).expect("behind a certificate, with CRLF");

    let indented = fixture("p521-pkcs8.pem").replace('\n', " \n    ");
    SigningKey::from_pem(&indented, None).expect("indented, as in a configuration file");

    let header = "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,MIC-CLEAR\n";
    let clear = fixture("p521-sec1.pem").replace("-----BEGIN EC PRIVATE KEY-----\n", header);
    SigningKey::from_pem(&clear, None).expect("with a header that does not mean encryption");
}

#[test]
fn version_2_of_pkcs8() {
    let key = private("rfc8410-ed25519-v2.pem", None).expect("RFC 8410 section 10.3");
    assert_eq!(key.algorithm(), KeyAlgorithm::Ed25519);
}

#[test]
fn signatures_verify_and_nothing_else_does() {
    for key in [p521(), ed25519()] {
        let public = key.verifying_key();
        let signature = key.sign(MESSAGE).expect("signs");
        assert_eq!(public.verify(MESSAGE, &signature), Ok(()));

        assert_eq!(public.verify(b"massage", &signature), Err(InvalidSignature));
        assert_eq!(public.verify(MESSAGE, &[]), Err(InvalidSignature));
        for position in 0..signature.len() {
            let mut changed = signature.clone();
            changed[position] ^= 1;
            assert_eq!(public.verify(MESSAGE, &changed), Err(InvalidSignature));
        }
        let other = SigningKey::generate(key.algorithm()).expect("generates");
        assert_eq!(
            other.verifying_key().verify(MESSAGE, &signature),
            Err(InvalidSignature)
        );
    }
}

#[test]
fn ecdsa_signatures_are_der_as_openssl_makes_them() {
    let signature = std::fs::read(fixture_path("p521-signature.der")).expect("fixture");
    let public = p521().verifying_key();
    assert_eq!(public.verify(b"signed by OpenSSL", &signature), Ok(()));
    // A sequence of more than 127 bytes.
    assert_eq!(p521().sign(MESSAGE).expect("signs")[..2], [0x30, 0x81]);
}

#[test]
fn generated_keys_survive_pem() {
    for algorithm in [KeyAlgorithm::EcdsaP521Sha512, KeyAlgorithm::Ed25519] {
        let key = SigningKey::generate(algorithm).expect("generates");
        let pem = key.to_pkcs8_pem();
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert!(pem.lines().all(|line| line.len() <= 64));
        let again = SigningKey::from_pem(&pem, None).expect("reads");
        assert_eq!(again.algorithm(), algorithm);
        assert_eq!(again.verifying_key(), key.verifying_key());
    }
    assert_eq!(*p521().to_pkcs8_pem(), fixture("p521-pkcs8.pem"));
    assert_eq!(*ed25519().to_pkcs8_pem(), fixture("ed25519-pkcs8.pem"));
}

// The example in the API's description of its webhook keys.
const JWK_X: &str =
    "AcYAf5Ou0UvtehpeRvyhnvvrUQvjI4B3VCxfSmxK4gqKJGxO_jTB-nTdrHbBfmZpwmwYR86DppMg43E579K5MQ54";
const JWK_Y: &str =
    "ALkrId77iD0Ye2vBS5bTkLqPH-bo8urTpTXiNc6Ub-VOFbXfJrR0tQ8COvVXXu58BTu8jWV-1mtbjfJpDl3ISbcK";

#[test]
fn the_published_jwk_is_a_key() {
    let key = VerifyingKey::from_p521_coordinates(JWK_X, JWK_Y).expect("on the curve");
    assert_eq!(key.algorithm(), KeyAlgorithm::EcdsaP521Sha512);
    assert_eq!(
        key.p521_coordinates(),
        Some((JWK_X.to_owned(), JWK_Y.to_owned()))
    );
    assert_eq!(ed25519().verifying_key().p521_coordinates(), None);
}

#[test]
fn coordinates_that_are_no_key_are_refused() {
    let refusal =
        |x: &str, y: &str| chain(&VerifyingKey::from_p521_coordinates(x, y).expect_err("refused"));
    let report = [
        refusal(JWK_Y, JWK_X),
        refusal(&JWK_X[4..], JWK_Y),
        refusal(JWK_X, "no+base64url"),
        chain(&VerifyingKey::from_p521_point(&[4; 65]).expect_err("refused")),
        chain(&VerifyingKey::from_p521_point(&[2; 133]).expect_err("refused")),
        chain(&VerifyingKey::from_ed25519(&[0; 31]).expect_err("refused")),
    ]
    .join("\n");
    insta::assert_snapshot!(report);
}
