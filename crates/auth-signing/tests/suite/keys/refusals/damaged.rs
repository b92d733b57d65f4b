//! Texts and documents that are damaged.

use upvest_auth_signing::VerifyingKey;

use super::{der_refusal, public_refusal, refusal, report};
use crate::keys::{block, bytes, content, replaced};
use crate::support::{chain, fixture};

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
        (
            "parameters and a public key",
            refusal(
                &[fixture("parameters-only.pem"), public.clone()].concat(),
                None,
            ),
        ),
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

fn damaged_private_documents() -> Vec<(&'static str, String)> {
    let sec1 = content(&fixture("p521-sec1.pem"));
    let pkcs8 = content(&fixture("p521-pkcs8.pem"));
    let ed25519 = content(&fixture("ed25519-pkcs8.pem"));
    vec![
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
            "SEC1, curve is not a name",
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
    ]
}

#[test]
fn damaged_documents() {
    let spki = content(&fixture("p521-public.pem"));
    let mut off_curve = spki.clone();
    *off_curve.last_mut().expect("not empty") ^= 1;
    let public = |der: &[u8]| chain(&VerifyingKey::from_der(der).expect_err("refused"));
    let mut cases = damaged_private_documents();
    cases.extend([
        ("public, cut off", public(&spki[..100])),
        (
            "public, odd bits",
            public(&replaced(&spki, &[0x86, 0], &[0x86, 1])),
        ),
        (
            "public, curve is not a name",
            public(&replaced(&spki, &[6, 5, 0x2b], &[4, 5, 0x2b])),
        ),
        ("public, not on the curve", public(&off_curve)),
        (
            "public, compressed",
            public_refusal(&fixture("p521-public-compressed.pem")),
        ),
        ("public, as private", der_refusal(&spki)),
        (
            "private, as public",
            public(&content(&fixture("p521-pkcs8.pem"))),
        ),
        (
            "SEC1, as public",
            public(&content(&fixture("p521-sec1.pem"))),
        ),
        (
            "encrypted, as public",
            public(&bytes("p521-pkcs8-pbes2.der")),
        ),
    ]);
    insta::assert_snapshot!(report(&cases));
}
