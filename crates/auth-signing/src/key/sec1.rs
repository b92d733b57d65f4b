//! ECPrivateKey (SEC 1, appendix C.4; RFC 5915).

use der::asn1::{AnyRef, BitStringRef, ContextSpecific, OctetStringRef};
use der::{Reader, SliceReader, Tag, TagMode, TagNumber, Tagged};

use super::{KeyError, check, error, identifier, sequence};
use crate::algorithm::P521_LENGTH;

const VERSION: u8 = 1;

struct EcPrivateKey<'a> {
    version: u8,
    private_key: &'a OctetStringRef,
    parameters: Option<AnyRef<'a>>,
    public_key: Option<BitStringRef<'a>>,
}

impl<'a> EcPrivateKey<'a> {
    fn read(members: &mut SliceReader<'a>) -> der::Result<Self> {
        Ok(Self {
            version: members.decode()?,
            private_key: members.decode()?,
            parameters: ContextSpecific::decode_explicit(members, TagNumber(0))?
                .map(|parameters| parameters.value),
            public_key: members.context_specific(TagNumber(1), TagMode::Explicit)?,
        })
    }
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

fn parse<'a>(document: &'a [u8], what: &str) -> Result<EcPrivateKey<'a>, KeyError> {
    let key = sequence::read(document, EcPrivateKey::read).map_err(error::asn1(what))?;
    if key.version != VERSION {
        return Err(error::malformed(what, "its version is not 1"));
    }
    match key.parameters {
        None => {}
        Some(parameters) if parameters.tag() == Tag::Sequence => {
            return Err(identifier::explicit_curve());
        }
        Some(parameters) => {
            let curve = parameters.decode_as().map_err(error::asn1(what))?;
            identifier::expect_p521(curve)?;
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
