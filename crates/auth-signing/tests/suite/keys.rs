//! Private and public keys: what is read and written, and what is said about everything else.

mod jwk;
mod points;
mod reading;
mod refusals;
mod secrecy;
mod writing;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use upvest_auth_signing::{InvalidSignature, KeyError, SigningKey};

use crate::support::{ed25519, fixture, fixture_path, p521};

const MESSAGE: &[u8] = b"message";

fn private(name: &str, passphrase: Option<&str>) -> Result<SigningKey, KeyError> {
    SigningKey::from_pem(&fixture(name), passphrase)
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture_path(name)).expect("fixture is readable")
}

/// The content of the only block of a PEM text.
fn content(pem: &str) -> Vec<u8> {
    let base64: String = pem.lines().filter(|line| !line.contains('-')).collect();
    STANDARD.decode(base64).expect("fixture is base64")
}

/// A block with this content.
fn block(label: &str, content: &[u8]) -> String {
    let base64 = STANDARD.encode(content);
    format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n")
}

/// A DER value: its tag, its length, and the parts that it consists of.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let value = parts.concat();
    let length = u16::try_from(value.len()).expect("short").to_be_bytes();
    let header = match length {
        [0, short @ 0..128] => vec![tag, short],
        [0, long] => vec![tag, 0x81, long],
        [high, low] => vec![tag, 0x82, high, low],
    };
    [header, value].concat()
}

/// The identifier of the curve P-521 and that of elliptic curve keys (RFC 5480), as DER has them.
const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];

/// An algorithm with parameters.
fn identifier(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
    der(0x30, &[&der(0x06, &[oid]), parameters])
}

/// ECPrivateKey with this number, and nothing else but the curve.
fn sec1(curve: &[u8], number: &[u8]) -> Vec<u8> {
    let curve = der(0xa0, &[&der(0x06, &[curve])]);
    der(0x30, &[&[0x02, 1, 1], &der(0x04, &[number]), &curve])
}

/// PKCS#8, version 1.
fn pkcs8(algorithm: &[u8], private: &[u8]) -> Vec<u8> {
    der(0x30, &[&[0x02, 1, 0], algorithm, &der(0x04, &[private])])
}

/// The same bytes with others in one place, where the first ones stand exactly once.
#[track_caller]
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut places = (0..bytes.len()).filter(|place| bytes[*place..].starts_with(from));
    let place = places.next().expect("the bytes are there");
    assert_eq!(places.next(), None, "the bytes are there once");
    [&bytes[..place], to, &bytes[place + from.len()..]].concat()
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
    let signature = bytes("p521-signature.der");
    let public = p521().verifying_key();
    assert_eq!(public.verify(b"signed by OpenSSL", &signature), Ok(()));
    // A sequence of more than 127 bytes.
    assert_eq!(p521().sign(MESSAGE).expect("signs")[..2], [0x30, 0x81]);
}

#[test]
fn keys_show_their_algorithm_alone() {
    let names = [p521(), ed25519()].map(|key| {
        let algorithm = key.algorithm();
        format!("{algorithm}: {key:?} {:?}", key.verifying_key())
    });
    assert_eq!(
        names,
        [
            "ECDSA P-521 with SHA-512: SigningKey { algorithm: EcdsaP521Sha512, .. } \
             VerifyingKey { algorithm: EcdsaP521Sha512, .. }",
            "Ed25519: SigningKey { algorithm: Ed25519, .. } VerifyingKey { algorithm: Ed25519, .. }",
        ]
    );
}
