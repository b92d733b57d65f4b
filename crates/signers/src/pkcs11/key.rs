//! One key of a token.

use cryptoki::error::Error;
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use upvest_auth_signing::{KeyAlgorithm, VerifyingKey};

use crate::OpenError;

/// secp521r1 (RFC 5480) as a DER object identifier.
const P521: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23];

/// Ed25519 as a DER object identifier (RFC 8410), and as the name that PKCS#11 3.0 allows as well.
const ED25519: [&[u8]; 2] = [&[0x06, 0x03, 0x2b, 0x65, 0x70], b"\x13\x0cedwards25519"];

/// The bytes of an Ed25519 public key.
const ED25519_LENGTH: usize = 32;

/// Which key.
#[derive(Clone, Debug, Default)]
pub(super) struct Select {
    pub(super) label: Option<String>,
    pub(super) id: Option<Vec<u8>>,
}

impl Select {
    fn template(&self, class: ObjectClass) -> Vec<Attribute> {
        let mut template = vec![Attribute::Class(class)];
        if let Some(label) = &self.label {
            template.push(Attribute::Label(label.clone().into_bytes()));
        }
        if let Some(id) = &self.id {
            template.push(Attribute::Id(id.clone()));
        }
        template
    }

    /// What it is called.
    pub(super) fn name(&self) -> String {
        match (&self.label, &self.id) {
            (Some(label), _) => format!("key `{}`", label.escape_debug()),
            (None, Some(id)) => format!("key with the id {id:02x?}"),
            (None, None) => "key".to_owned(),
        }
    }

    /// The handle of the private key, which has to be the only one.
    pub(super) fn private(&self, session: &Session) -> Result<ObjectHandle, OpenError> {
        let template = self.template(ObjectClass::PRIVATE_KEY);
        let found = session
            .find_objects(&template)
            .map_err(|error| OpenError::because("the token does not list its keys", error))?;
        match found[..] {
            [key] => Ok(key),
            [] => Err(OpenError::new(format!(
                "there is no private {}: check its label and id, and that the PIN is given",
                self.name()
            ))),
            _ => Err(OpenError::new(format!(
                "there are {} private keys that match the {}: give label and id",
                found.len(),
                self.name()
            ))),
        }
    }

    /// The public half, if the token has it.
    pub(super) fn public(
        &self,
        session: &Session,
        algorithm: KeyAlgorithm,
    ) -> Result<Option<VerifyingKey>, OpenError> {
        let template = self.template(ObjectClass::PUBLIC_KEY);
        let unreadable = |error: Error| OpenError::because("the public key cannot be read", error);
        let found = session.find_objects(&template).map_err(unreadable)?;
        let [key] = found[..] else {
            return Ok(None);
        };
        let attributes = session
            .get_attributes(key, &[AttributeType::EcPoint])
            .map_err(unreadable)?;
        let Some(Attribute::EcPoint(point)) = attributes.first() else {
            return Ok(None);
        };
        verifying_key(algorithm, point).map(Some)
    }
}

/// The algorithm of a private key.
pub(super) fn algorithm(
    session: &Session,
    key: ObjectHandle,
    name: &str,
) -> Result<KeyAlgorithm, OpenError> {
    let attributes = session
        .get_attributes(key, &[AttributeType::EcParams])
        .map_err(|error| OpenError::because(format!("the {name} does not say its curve"), error))?;
    match attributes.first() {
        Some(Attribute::EcParams(curve)) if curve == P521 => Ok(KeyAlgorithm::EcdsaP521Sha512),
        Some(Attribute::EcParams(curve)) if ED25519.contains(&&curve[..]) => {
            Ok(KeyAlgorithm::Ed25519)
        }
        _ => Err(OpenError::new(format!(
            "the {name} is neither a P-521 nor an Ed25519 key, which are those that the API accepts"
        ))),
    }
}

/// The public key from `CKA_EC_POINT`: a DER octet string, or the bytes alone.
fn verifying_key(algorithm: KeyAlgorithm, point: &[u8]) -> Result<VerifyingKey, OpenError> {
    match algorithm {
        KeyAlgorithm::EcdsaP521Sha512 => VerifyingKey::from_p521_point(octets(point)),
        _ if point.len() == ED25519_LENGTH => VerifyingKey::from_ed25519(point),
        _ => VerifyingKey::from_ed25519(octets(point)),
    }
    .map_err(|error| OpenError::because("the public key cannot be used", error))
}

/// The contents of a DER octet string; the bytes themselves, if they are not one.
fn octets(bytes: &[u8]) -> &[u8] {
    match bytes {
        [0x04, length @ 0..=0x7f, octets @ ..] if octets.len() == usize::from(*length) => octets,
        [0x04, 0x81, length @ 0x80..=0xff, octets @ ..] if octets.len() == usize::from(*length) => {
            octets
        }
        bytes => bytes,
    }
}
