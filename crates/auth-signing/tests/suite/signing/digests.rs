//! Digests of version 15.

use upvest_auth_signing::{DigestError, content_digest, verify_content_digest};

use super::{HELLO, KEY_VALUE, KEY_VALUE_DIGEST};
use crate::support::chain;

const HELLO_DIGEST: &str = "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";

#[test]
fn other_bodies_do_not_match_a_digest() {
    for position in 0..HELLO.len() {
        let mut body = HELLO.to_vec();
        body[position] ^= 1;
        assert!(matches!(
            verify_content_digest(HELLO_DIGEST, &body),
            Err(DigestError::Mismatch { .. })
        ));
    }
    for body in [&HELLO[1..], b"", KEY_VALUE] {
        assert!(matches!(
            verify_content_digest(HELLO_DIGEST, body),
            Err(DigestError::Mismatch { .. })
        ));
    }
}

#[test]
fn digests_of_another_kind_are_refused() {
    let refusal = |header: &str| chain(&verify_content_digest(header, HELLO).expect_err("refused"));
    let base64 = HELLO_DIGEST.trim_start_matches("sha-512=");
    let report = [
        refusal(""),
        refusal("sha-512"),
        refusal("sha-512=abc"),
        refusal("sha-512=:a*c:"),
        refusal("sha-512=::"),
        refusal("sha-512=(:AAAA:)"),
        refusal(&format!("{HELLO_DIGEST}, {HELLO_DIGEST}")),
        refusal(&format!("sha-512=1, {HELLO_DIGEST}")),
        refusal(&format!("sha-256={base64}")),
        refusal(&format!("SHA-512={base64}")),
        refusal(&HELLO_DIGEST[..60]),
        refusal(&format!("{}:", &HELLO_DIGEST[..60])),
    ]
    .join("\n");
    insta::assert_snapshot!(report);
}

#[test]
fn published_digests() {
    assert_eq!(content_digest(HELLO), HELLO_DIGEST);
    assert_eq!(content_digest(KEY_VALUE), KEY_VALUE_DIGEST);
    verify_content_digest(HELLO_DIGEST, HELLO).expect("matches");
    verify_content_digest(&format!("sha-256=:AAAA:, {KEY_VALUE_DIGEST}"), KEY_VALUE)
        .expect("other algorithms are ignored");
}
