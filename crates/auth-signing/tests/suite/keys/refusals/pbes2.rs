//! Parameters of PBES2.

use super::{der_refusal, report};
use crate::keys::{der, identifier};

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

fn derivations() -> Vec<(&'static str, Vec<u8>)> {
    vec![
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
    ]
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
    for (case, derivation) in derivations() {
        cases.push((case, pbes2_refusal(&derivation, &cipher, &[0; 16])));
    }
    insta::assert_snapshot!(report(&cases));
}
