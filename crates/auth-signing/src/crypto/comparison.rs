//! Both libraries compute the same.

use std::num::NonZeroU32;

use super::common::Prf;
use super::{aws_lc, pure_rust};
use crate::KeyAlgorithm;

/// Messages of all lengths around those of the blocks that digests are computed over.
fn messages() -> impl Iterator<Item = Vec<u8>> {
    (0..300).map(|length| vec![b'm'; length])
}

#[test]
fn digests() {
    for message in messages() {
        assert_eq!(aws_lc::sha256(&message), pure_rust::sha256(&message));
        assert_eq!(aws_lc::sha512(&message), pure_rust::sha512(&message));
    }
}

#[test]
fn keys_from_passphrases() {
    for prf in [Prf::HmacSha1, Prf::HmacSha256, Prf::HmacSha512] {
        // Shorter than what the function returns, as long, and longer.
        for length in [16, 20, 32, 64, 100] {
            let (mut one, mut other) = (vec![0; length], vec![0; length]);
            let iterations = NonZeroU32::new(3).expect("it is not zero");
            aws_lc::pbkdf2(prf, iterations, b"salt", b"passphrase", &mut one);
            pure_rust::pbkdf2(prf, iterations, b"salt", b"passphrase", &mut other);
            assert_eq!(one, other, "{prf:?}, {length} bytes");
        }
    }
}

#[test]
fn each_reads_the_keys_and_signatures_of_the_other() {
    for algorithm in [KeyAlgorithm::EcdsaP521Sha512, KeyAlgorithm::Ed25519] {
        for message in messages().step_by(60) {
            let one = aws_lc::PrivateKey::generate(algorithm).expect("a key");
            let private = one.private();
            let other = match algorithm {
                KeyAlgorithm::EcdsaP521Sha512 => {
                    pure_rust::PrivateKey::p521(private[..].try_into().expect("66 bytes"))
                }
                KeyAlgorithm::Ed25519 => {
                    pure_rust::PrivateKey::ed25519(private[..].try_into().expect("32 bytes"))
                }
            }
            .expect("the same key");
            assert_eq!(one.public(), other.public());
            assert_eq!(private, other.private());
            assert_eq!((one.algorithm(), other.algorithm()), (algorithm, algorithm));

            let signatures = [one.sign(&message), other.sign(&message)];
            let one = aws_lc::PublicKey::new(algorithm, one.public()).expect("a public key");
            let other = pure_rust::PublicKey::new(algorithm, other.public()).expect("the same");
            for signature in signatures {
                let signature = signature.expect("a signature");
                assert!(one.verify(&message, &signature), "{algorithm}");
                assert!(other.verify(&message, &signature), "{algorithm}");
                assert!(!one.verify(b"another message", &signature), "{algorithm}");
                assert!(!other.verify(b"another message", &signature), "{algorithm}");
            }
        }
    }
}

#[test]
fn each_generates_keys_that_the_other_reads() {
    for _ in 0..20 {
        let key = pure_rust::PrivateKey::generate(KeyAlgorithm::EcdsaP521Sha512).expect("a key");
        let private = key.private();
        let again = aws_lc::PrivateKey::p521(private[..].try_into().expect("66 bytes"));
        assert_eq!(again.expect("the same key").public(), key.public());
    }
}
