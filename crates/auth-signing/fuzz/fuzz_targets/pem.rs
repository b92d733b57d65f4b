//! Any text as PEM: private keys without and with a passphrase, and public keys.

#![no_main]

use libfuzzer_sys::fuzz_target;
use upvest_auth_signing::{SigningKey, VerifyingKey};

/// That of the fixtures.
const PASSPHRASE: &str = "correct-horse";

fuzz_target!(|text: &str| {
    for passphrase in [None, Some(PASSPHRASE)] {
        match SigningKey::from_pem(text, passphrase) {
            Ok(key) => {
                let again = SigningKey::from_pem(&key.to_pkcs8_pem(), None).expect("reads");
                assert_eq!(again.verifying_key(), key.verifying_key());
            }
            Err(error) => {
                let shown = format!("{error} {error:?}").contains(PASSPHRASE);
                assert!(!shown || text.contains(PASSPHRASE));
            }
        }
    }
    match VerifyingKey::from_pem(text) {
        Ok(key) => assert_eq!(VerifyingKey::from_pem(&key.to_pem()).expect("reads"), key),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
