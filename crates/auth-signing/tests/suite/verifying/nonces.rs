//! A request is accepted once.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use upvest_auth_signing::{MemoryNonceStore, NonceStore, NonceVerdict, VerifyError};

use super::{COVERED, KEY_ID, names, params, refusal, signed, signed_with, verifier};
use crate::support::{ManualClock, START};

#[test]
fn a_request_is_accepted_once() {
    let verifier = verifier();
    let request = signed();
    let verified = verifier.verify(&request).expect("valid");
    assert_eq!(verified.key_id, KEY_ID);
    assert_eq!(verified.created, UNIX_EPOCH + Duration::from_secs(START));
    assert_eq!(
        verified.expires,
        Some(UNIX_EPOCH + Duration::from_secs(START + 30))
    );
    assert_eq!(verified.nonce.as_deref(), Some("nonce-1"));
    assert_eq!(names(&verified), COVERED);

    let clone = verifier.clone();
    insta::assert_snapshot!(refusal(&clone, &request), @"the nonce `nonce-1` was used before");
}

#[test]
fn a_nonce_counts_until_the_signature_is_too_old() {
    let clock = ManualClock::new();
    let verifier = verifier().clock(clock.clone());
    let request = signed();
    verifier.verify(&request).expect("valid");
    // 30 seconds of lifetime and 5 seconds of skew.
    clock.advance(Duration::from_secs(35));
    let error = refusal(&verifier, &request);
    assert!(
        matches!(error, VerifyError::NonceReplayed { .. }),
        "{error}"
    );
    clock.advance(Duration::from_secs(1));
    let error = refusal(&verifier, &request);
    assert!(matches!(error, VerifyError::Expired { .. }), "{error}");
}

#[test]
fn a_nonce_counts_for_ever_where_signatures_do() {
    let clock = ManualClock::new();
    let verifier = verifier()
        .clock(clock.clone())
        .max_lifetime(Duration::MAX)
        .allowed_skew(Duration::MAX)
        .grace(Duration::MAX);
    let early = signed_with(&COVERED, &params(0, 999_999_999_999_999));
    let late = signed_with(&COVERED, &params(999_999_999_999_990, 999_999_999_999_999));
    verifier.verify(&early).expect("valid");
    assert!(matches!(
        refusal(&verifier, &late),
        VerifyError::NonceReplayed { .. }
    ));
    clock.advance(Duration::from_secs(3_000_000_000));
    assert!(matches!(
        refusal(&verifier, &early),
        VerifyError::NonceReplayed { .. }
    ));
}

#[test]
fn a_refused_request_does_not_use_up_its_nonce() {
    let verifier = verifier();
    let request = signed();
    let mut forged = request.clone();
    *forged.body_mut() = Bytes::from_static(br#"{"key": "other"}"#);
    refusal(&verifier, &forged);
    verifier.verify(&request).expect("the nonce is fresh");
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

#[test]
fn nonces_are_remembered_for_as_long_as_they_count() {
    let store = MemoryNonceStore::new(2);
    assert_eq!(
        store.remember("key", "a", at(10), at(0)),
        NonceVerdict::Fresh
    );
    assert_eq!(
        store.remember("key", "a", at(10), at(10)),
        NonceVerdict::Replayed
    );
    assert_eq!(
        store.remember("other key", "a", at(20), at(10)),
        NonceVerdict::Fresh
    );
    assert_eq!(
        store.remember("key", "b", at(20), at(10)),
        NonceVerdict::Full
    );
    assert_eq!(
        store.remember("key", "b", at(20), at(11)),
        NonceVerdict::Fresh
    );
    assert_eq!(
        store.remember("other key", "a", at(20), at(20)),
        NonceVerdict::Replayed
    );
}

#[test]
fn what_separates_key_and_nonce_cannot_be_moved() {
    let store = MemoryNonceStore::new(2);
    for (key, nonce) in [("key1", "1"), ("key", "11")] {
        let verdict = store.remember(key, nonce, at(10), at(0));
        assert_eq!(verdict, NonceVerdict::Fresh);
    }
}

#[test]
fn nonces_are_forgotten_in_the_order_in_which_they_expire() {
    let store = MemoryNonceStore::new(2);
    store.remember("key", "long", at(20), at(0));
    store.remember("key", "short", at(5), at(0));
    assert_eq!(
        store.remember("key", "new", at(20), at(6)),
        NonceVerdict::Fresh
    );
    assert_eq!(
        store.remember("key", "long", at(20), at(6)),
        NonceVerdict::Replayed
    );
    assert_eq!(
        store.remember("key", "short", at(20), at(6)),
        NonceVerdict::Full
    );

    // A clock that is ahead for a while makes it forget nothing that there is room for.
    let store = MemoryNonceStore::new(2);
    store.remember("key", "early", at(10), at(0));
    store.remember("key", "ahead", at(1_000_010), at(1_000_000));
    assert_eq!(
        store.remember("key", "early", at(10), at(0)),
        NonceVerdict::Replayed
    );
}

#[test]
fn a_full_store_refuses_requests() {
    let full = verifier().nonce_store(MemoryNonceStore::new(0));
    assert!(matches!(
        refusal(&full, &signed()),
        VerifyError::NonceStoreFull
    ));
}
