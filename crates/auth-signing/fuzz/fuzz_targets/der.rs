//! Any bytes as DER: private keys without and with a passphrase, and public keys.

#![no_main]

use libfuzzer_sys::fuzz_target;
use upvest_auth_signing::{SigningKey, VerifyingKey};

fuzz_target!(|document: &[u8]| {
    for passphrase in [None, Some("correct-horse")] {
        match SigningKey::from_der(document, passphrase) {
            Ok(key) => {
                let again = SigningKey::from_pem(&key.to_pkcs8_pem(), None).expect("reads");
                assert_eq!(again.verifying_key(), key.verifying_key());
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    match VerifyingKey::from_der(document) {
        Ok(key) => assert_eq!(VerifyingKey::from_der(&key.to_der()).expect("reads"), key),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
