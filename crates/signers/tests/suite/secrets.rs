//! PINs and tokens do not print.

use upvest_signers::Secret;

#[test]
fn secrets_do_not_print() {
    let secret = Secret::from_fn(|| Err("s3cret".into()));
    for (secret, shown) in [
        (Secret::text("s3cret"), "Secret::text(..)"),
        (Secret::env("PIN"), r#"Secret::env("PIN")"#),
        (Secret::file("/pin"), r#"Secret::file("/pin")"#),
        (secret, "Secret::from_fn(..)"),
    ] {
        assert_eq!(format!("{secret:?}"), shown);
    }
}
