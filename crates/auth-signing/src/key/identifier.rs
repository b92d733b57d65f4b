//! What object identifiers stand for: the algorithms and curves that keys may be of, and the names of others.

use der::asn1::ObjectIdentifier;
use der::{Tag, Tagged};
use spki::AlgorithmIdentifierRef;

use super::{KeyAlgorithm, KeyError, error};
use crate::algorithm::{EC, ED25519, P521};

/// The algorithm that an identifier stands for. `what` is what it was found in.
pub(super) fn of(
    identifier: &AlgorithmIdentifierRef<'_>,
    what: &str,
) -> Result<KeyAlgorithm, KeyError> {
    match identifier.oid {
        ED25519 => Ok(KeyAlgorithm::Ed25519),
        EC => match identifier.parameters {
            Some(parameters) if parameters.tag() == Tag::Sequence => Err(explicit_curve()),
            _ => {
                let curve = identifier
                    .parameters_oid()
                    .map_err(|_| error::malformed(what, "the curve is not named"))?;
                expect_p521(curve)?;
                Ok(KeyAlgorithm::EcdsaP521Sha512)
            }
        },
        other => Err(KeyError::WrongAlgorithm {
            found: algorithm_name(other),
        }),
    }
}

/// Refuses all curves but one.
pub(super) fn expect_p521(curve: ObjectIdentifier) -> Result<(), KeyError> {
    if curve == P521 {
        return Ok(());
    }
    Err(KeyError::WrongCurve {
        found: match curve.to_string().as_str() {
            "1.2.840.10045.3.1.1" => "P-192 (prime192v1)".to_owned(),
            "1.2.840.10045.3.1.7" => "P-256 (prime256v1)".to_owned(),
            "1.3.132.0.10" => "secp256k1".to_owned(),
            "1.3.132.0.33" => "P-224 (secp224r1)".to_owned(),
            "1.3.132.0.34" => "P-384 (secp384r1)".to_owned(),
            other => format!("the curve with the object identifier {other}"),
        },
    })
}

/// The error for a curve that is described number by number.
pub(super) fn explicit_curve() -> KeyError {
    KeyError::WrongCurve {
        found: "a curve described by explicit parameters instead of its name".to_owned(),
    }
}

fn algorithm_name(oid: ObjectIdentifier) -> String {
    match oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" => "RSA".to_owned(),
        "1.2.840.113549.1.1.10" => "RSA-PSS".to_owned(),
        "1.2.840.10040.4.1" => "DSA".to_owned(),
        "1.3.101.110" => "X25519".to_owned(),
        "1.3.101.111" => "X448".to_owned(),
        "1.3.101.113" => "Ed448".to_owned(),
        other => format!("the algorithm with the object identifier {other}"),
    }
}
