//! Digests of version 6.

use upvest_auth_signing::{DigestError, digest, verify_digest};

use crate::support::chain;

#[test]
fn published_digests() {
    for (body, value) in [
        (
            r#"{"hello": "world"}"#,
            "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
        ),
        (
            r#"{"key": "value"}"#,
            "SHA-256=lyTB4g5uPk1/V+0l+dTvsAblCFkNUoyQ2ll/andcE+U=",
        ),
    ] {
        assert_eq!(digest(body.as_bytes()), value);
        verify_digest(value, body.as_bytes()).expect("matches");
        let lower = value.replace("SHA-256", "unixsum=30637, sha-256");
        verify_digest(&lower, body.as_bytes()).expect("matches");
        for position in 0..body.len() {
            let mut other = body.as_bytes().to_vec();
            other[position] ^= 1;
            assert!(matches!(
                verify_digest(value, &other),
                Err(DigestError::Mismatch { .. })
            ));
        }
    }
}

#[test]
fn digests_of_another_kind_are_refused() {
    let right = "SHA-256=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=";
    let report: Vec<String> = [
        "",
        "SHA-256",
        "SHA-256=",
        "SHA-512=X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
        "X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=",
        "SHA-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:",
        right.trim_end_matches('='),
        &right.replace("PE=", "PF="),
        &right.replace("X4", "x4"),
        &format!("{right},{right}"),
    ]
    .into_iter()
    .map(|header| {
        let error = verify_digest(header, br#"{"hello": "world"}"#).expect_err("refused");
        format!("{header}: {}", chain(&error))
    })
    .collect();
    insta::assert_snapshot!(report.join("\n"));
}
