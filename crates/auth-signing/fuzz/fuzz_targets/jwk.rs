//! Any text as a JWK, private and public.

#![no_main]

use libfuzzer_sys::fuzz_target;
use upvest_auth_signing::{Jwk, SigningKey, VerifyingKey};

fuzz_target!(|text: &str| {
    match SigningKey::from_jwk(text) {
        Ok(Jwk { key, .. }) => {
            let again = SigningKey::from_pem(&key.to_pkcs8_pem(), None).expect("reads");
            assert_eq!(again.verifying_key(), key.verifying_key());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    match VerifyingKey::from_jwk(text) {
        Ok(Jwk { key, kid }) => {
            let again = VerifyingKey::from_jwk(&key.to_jwk(kid.as_deref())).expect("reads");
            assert_eq!((again.key, again.kid), (key, kid));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
