//! OneAsymmetricKey (RFC 5958): PKCS#8, versions 1 and 2.

use der::asn1::{AnyRef, BitStringRef, OctetStringRef, SetOfVec};
use der::{Decode, Reader, SliceReader, TagMode, TagNumber};
use spki::AlgorithmIdentifierRef;
use zeroize::Zeroizing;

use super::pair::KeyPair;
use super::{KeyAlgorithm, KeyError, check, error, identifier, sec1, sequence};
use crate::algorithm;

struct OneAsymmetricKey<'a> {
    version: u8,
    algorithm: AlgorithmIdentifierRef<'a>,
    private_key: &'a OctetStringRef,
    public_key: Option<BitStringRef<'a>>,
}

impl<'a> OneAsymmetricKey<'a> {
    fn read(members: &mut SliceReader<'a>) -> der::Result<Self> {
        let version = members.decode()?;
        let algorithm = members.decode()?;
        let private_key = members.decode()?;
        // Attributes are read, since nothing else may stand there, and not used.
        let _: Option<SetOfVec<AnyRef<'a>>> =
            members.context_specific(TagNumber(0), TagMode::Implicit)?;
        let public_key = members.context_specific(TagNumber(1), TagMode::Implicit)?;
        Ok(Self {
            version,
            algorithm,
            private_key,
            public_key,
        })
    }
}

/// `what` is what the document was found in.
pub(super) fn decode(document: &[u8], what: &str) -> Result<KeyPair, KeyError> {
    let malformed = error::asn1(what);
    let key = sequence::read(document, OneAsymmetricKey::read).map_err(&malformed)?;
    if key.version > 1 {
        return Err(error::malformed(what, "its version is neither 1 nor 2"));
    }
    let public = match &key.public_key {
        None => None,
        Some(bits) => Some(check::whole_bytes(bits, what)?),
    };
    let private = key.private_key.as_bytes();
    match identifier::of(&key.algorithm, what)? {
        KeyAlgorithm::EcdsaP521Sha512 => {
            sec1::decode_within_pkcs8(private, what).and_then(KeyPair::from_numbers)
        }
        KeyAlgorithm::Ed25519 => {
            let private = <&OctetStringRef>::from_der(private).map_err(&malformed)?;
            KeyPair::ed25519(private.as_bytes())
        }
    }?
    .with_public(public)
}

/// The document of version 1, as OpenSSL writes it: with the point of a P-521 key, and without the
/// public half of an Ed25519 key.
pub(super) fn encode(key: &KeyPair) -> Zeroizing<Vec<u8>> {
    let private = key.private();
    // The lengths of both keys are fixed, and so are those of everything around them. The room for
    // all of it is taken at once: growing would leave copies of the key behind.
    let document = match key.algorithm() {
        KeyAlgorithm::EcdsaP521Sha512 => [
            // The sequence, the version, the algorithm and its curve.
            &[0x30, 0x81, 0xee, 0x02, 1, 0, 0x30, 0x10, 0x06, 7],
            algorithm::EC.as_bytes(),
            &[0x06, 5],
            algorithm::P521.as_bytes(),
            // The ECPrivateKey, its version and the number.
            &[0x04, 0x81, 0xd6, 0x30, 0x81, 0xd3, 0x02, 1, 1, 0x04, 66],
            &private[..],
            // The point.
            &[0xa1, 0x81, 0x89, 0x03, 0x81, 0x86, 0],
            key.public(),
        ]
        .concat(),
        KeyAlgorithm::Ed25519 => [
            // The sequence, the version and the algorithm.
            &[0x30, 0x2e, 0x02, 1, 0, 0x30, 5, 0x06, 3],
            algorithm::ED25519.as_bytes(),
            &[0x04, 34, 0x04, 32],
            &private[..],
        ]
        .concat(),
    };
    Zeroizing::new(document)
}
