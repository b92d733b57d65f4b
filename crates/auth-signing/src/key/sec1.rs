//! ECPrivateKey (SEC 1, appendix C.4; RFC 5915).

use der::asn1::{AnyRef, BitStringRef, OctetStringRef};
use der::{Decode, Encode, Sequence, Tag, Tagged};
use zeroize::Zeroizing;

use super::algorithm::{self, P521_LENGTH};
use super::{KeyError, check, error};

const VERSION: u8 = 1;

#[derive(Sequence)]
struct EcPrivateKey<'a> {
    version: u8,
    private_key: &'a OctetStringRef,
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    parameters: Option<AnyRef<'a>>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    public_key: Option<BitStringRef<'a>>,
}

/// The numbers of a key.
pub(super) struct Numbers<'a> {
    pub(super) private: &'a [u8],
    /// The point, uncompressed or compressed, if the document has it.
    pub(super) public: Option<&'a [u8]>,
}

/// A key from a document that stands alone.
pub(super) fn decode<'a>(document: &'a [u8], what: &str) -> Result<Numbers<'a>, KeyError> {
    let key = parse(document, what)?;
    if key.parameters.is_none() && key.private_key.as_bytes().len() != P521_LENGTH {
        return Err(KeyError::WrongCurve {
            found: format!(
                "a curve that is not named, with keys of {} bytes",
                key.private_key.as_bytes().len()
            ),
        });
    }
    numbers(&key, what)
}

/// A key from a document within PKCS#8, which has named the curve already.
pub(super) fn decode_within_pkcs8<'a>(
    document: &'a [u8],
    what: &str,
) -> Result<Numbers<'a>, KeyError> {
    numbers(&parse(document, what)?, what)
}

/// The shortest document of a P-521 key: without its public half.
pub(super) fn encode(private_key: &[u8; P521_LENGTH]) -> Zeroizing<Vec<u8>> {
    let encode = || {
        EcPrivateKey {
            version: VERSION,
            private_key: OctetStringRef::new(private_key)?,
            parameters: Some(AnyRef::from(&algorithm::P521)),
            public_key: None,
        }
        .to_der()
    };
    Zeroizing::new(encode().expect("the document is small"))
}

fn parse<'a>(document: &'a [u8], what: &str) -> Result<EcPrivateKey<'a>, KeyError> {
    let key = EcPrivateKey::from_der(document).map_err(error::asn1(what))?;
    if key.version != VERSION {
        return Err(error::malformed(what, "its version is not 1"));
    }
    match key.parameters {
        None => {}
        Some(parameters) if parameters.tag() == Tag::Sequence => {
            return Err(algorithm::explicit_curve());
        }
        Some(parameters) => {
            let curve = parameters.decode_as().map_err(error::asn1(what))?;
            algorithm::expect_p521(curve)?;
        }
    }
    Ok(key)
}

fn numbers<'a>(key: &EcPrivateKey<'a>, what: &str) -> Result<Numbers<'a>, KeyError> {
    let public = match &key.public_key {
        None => None,
        Some(bits) => Some(check::whole_bytes(bits, what)?),
    };
    Ok(Numbers {
        private: key.private_key.as_bytes(),
        public,
    })
}
