//! Which 32 bytes are an Ed25519 public key, by another library's count.

use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;
use proptest::prelude::*;
use upvest_auth_signing::{KeyError, VerifyingKey};

use crate::properties::config;

#[derive(Debug, PartialEq)]
enum Verdict {
    Accepted,
    NotOnCurve,
    SmallOrder,
}

fn verdict(key: [u8; 32]) -> Verdict {
    match VerifyingKey::from_ed25519(&key) {
        Ok(_) => Verdict::Accepted,
        Err(KeyError::NotOnCurve) => Verdict::NotOnCurve,
        Err(KeyError::SmallOrder) => Verdict::SmallOrder,
        Err(error) => panic!("{key:02x?}: {error}"),
    }
}

/// Only the canonical encoding of a point compresses to itself.
fn expected(key: [u8; 32]) -> Verdict {
    let encoded = CompressedEdwardsY(key);
    match encoded.decompress() {
        Some(point) if point.compress() == encoded => match point.is_small_order() {
            true => Verdict::SmallOrder,
            false => Verdict::Accepted,
        },
        _ => Verdict::NotOnCurve,
    }
}

/// The same coordinate with both signs.
fn both_signs(key: [u8; 32]) -> [[u8; 32]; 2] {
    [0, 0x80].map(|sign| {
        let mut key = key;
        key[31] = key[31] & 0x7f | sign;
        key
    })
}

#[test]
fn points_of_small_order_and_coordinates_that_are_not_reduced() {
    // Every number from p = 2^255 - 19 on that 255 bits hold.
    let not_reduced = (0xed..=0xff).map(|low| {
        let mut key = [0xff; 32];
        key[0] = low;
        key
    });
    let small = EIGHT_TORSION.map(|point| point.compress().0);
    for key in not_reduced.chain(small).flat_map(both_signs) {
        assert_eq!(verdict(key), expected(key), "{key:02x?}");
        assert_ne!(verdict(key), Verdict::Accepted, "{key:02x?}");
    }
}

proptest! {
    #![proptest_config(config(1000))]

    #[test]
    fn any_bytes_are_judged_as_another_library_does(key in any::<[u8; 32]>()) {
        prop_assert_eq!(verdict(key), expected(key));
    }
}
