//! What kind of document it is, by its label or by its structure.

use der::asn1::AnyRef;
use der::{Decode, Reader, SliceReader, Tag, Tagged};

use super::guess::looks_like;
use super::{KeyError, error, pem};

/// The kinds of DER documents that can hold a usable key.
#[derive(Clone, Copy)]
pub(super) enum Form {
    /// ECPrivateKey (SEC1, RFC 5915).
    Sec1,
    /// OneAsymmetricKey (PKCS#8, RFC 5958).
    Pkcs8,
    /// EncryptedPrivateKeyInfo (PKCS#8).
    EncryptedPkcs8,
    /// SubjectPublicKeyInfo (RFC 5280).
    Spki,
}

/// How errors call a document that comes without PEM.
pub(super) const DER_DOCUMENT: &str = "the DER document";

impl Form {
    /// The form that the label of a PEM block stands for.
    pub(super) fn of_label(label: &str) -> Result<Self, KeyError> {
        match label {
            pem::SEC1 => Ok(Self::Sec1),
            pem::PKCS8 => Ok(Self::Pkcs8),
            pem::ENCRYPTED_PKCS8 => Ok(Self::EncryptedPkcs8),
            pem::SPKI => Ok(Self::Spki),
            "RSA PRIVATE KEY" | "RSA PUBLIC KEY" => Err(wrong_algorithm("RSA")),
            "DSA PRIVATE KEY" | "DSA PUBLIC KEY" => Err(wrong_algorithm("DSA")),
            "CERTIFICATE" | "TRUSTED CERTIFICATE" | "X509 CERTIFICATE" => {
                Err(KeyError::Certificate)
            }
            label => Err(KeyError::UnknownLabel {
                label: label.to_owned(),
            }),
        }
    }

    /// The form of a DER document, by the types of its first members.
    pub(super) fn of_der(document: &[u8]) -> Result<Self, KeyError> {
        if document.is_empty() {
            return Err(KeyError::Empty);
        }
        if document[0] != 0x30 {
            return Err(KeyError::NotDer {
                looks_like: looks_like(document),
            });
        }
        let tags = tags(document).map_err(error::asn1(DER_DOCUMENT))?;
        match tags[..] {
            [Tag::Integer, Tag::OctetString, ..] => Ok(Self::Sec1),
            [Tag::Integer, Tag::Sequence, Tag::OctetString, ..] => Ok(Self::Pkcs8),
            [Tag::Integer, Tag::Integer, ..] => Err(wrong_algorithm("RSA or DSA")),
            [Tag::Sequence, Tag::OctetString] => Ok(Self::EncryptedPkcs8),
            [Tag::Sequence, Tag::BitString] => Ok(Self::Spki),
            [Tag::Sequence, Tag::Sequence, Tag::BitString] => Err(KeyError::Certificate),
            _ => Err(error::malformed(
                DER_DOCUMENT,
                "its members do not match any kind of key",
            )),
        }
    }
}

fn wrong_algorithm(name: &str) -> KeyError {
    KeyError::WrongAlgorithm {
        found: name.to_owned(),
    }
}

fn tags(document: &[u8]) -> der::Result<Vec<Tag>> {
    let sequence = AnyRef::from_der(document)?;
    let mut reader = SliceReader::new(sequence.value())?;
    let mut tags = Vec::new();
    while !reader.is_finished() {
        tags.push(AnyRef::decode(&mut reader)?.tag());
    }
    Ok(tags)
}
