//! OneAsymmetricKey (RFC 5958): PKCS#8, versions 1 and 2.

use der::asn1::{AnyRef, BitStringRef, OctetStringRef, SetOfVec};
use der::{Decode, Sequence};
use spki::AlgorithmIdentifierRef;

use super::pair::KeyPair;
use super::{KeyAlgorithm, KeyError, algorithm, check, error, sec1};

#[derive(Sequence)]
struct OneAsymmetricKey<'a> {
    version: u8,
    algorithm: AlgorithmIdentifierRef<'a>,
    private_key: &'a OctetStringRef,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    attributes: Option<SetOfVec<AnyRef<'a>>>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    public_key: Option<BitStringRef<'a>>,
}

/// `what` is what the document was found in.
pub(super) fn decode(document: &[u8], what: &str) -> Result<KeyPair, KeyError> {
    let malformed = error::asn1(what);
    let key = OneAsymmetricKey::from_der(document).map_err(&malformed)?;
    if key.version > 1 {
        return Err(error::malformed(what, "its version is neither 1 nor 2"));
    }
    let public = match &key.public_key {
        None => None,
        Some(bits) => Some(check::whole_bytes(bits, what)?),
    };
    let private = key.private_key.as_bytes();
    match algorithm::of(&key.algorithm, what)? {
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
