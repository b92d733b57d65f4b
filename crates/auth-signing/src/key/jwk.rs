//! JSON Web Keys (RFC 7517): members of `EC` keys (RFC 7518 section 6.2) and of `OKP` keys
//! (RFC 8037 section 2).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use super::pair::KeyPair;
use super::{KeyAlgorithm, KeyError, check, encoding, guess};
use crate::algorithm::{ED25519_LENGTH, P521_LENGTH};

/// A key read from a JWK, and the id that it has there.
///
/// ```
/// use upvest_auth_signing::{Jwk, VerifyingKey};
///
/// let jwk = r#"{
///     "kty": "OKP", "crv": "Ed25519", "kid": "example",
///     "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
/// }"#;
/// let Jwk { key, kid } = VerifyingKey::from_jwk(jwk)?;
/// assert_eq!(kid.as_deref(), Some("example"));
/// # let _ = key;
/// # Ok::<(), upvest_auth_signing::KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Jwk<K> {
    /// The key.
    pub key: K,
    /// The member `kid` (RFC 7517 section 4.5), if there is one: the name by which signatures refer
    /// to the key.
    pub kid: Option<String>,
}

impl<K> Jwk<K> {
    pub(super) fn map<T>(self, to: impl FnOnce(K) -> T) -> Jwk<T> {
        Jwk {
            key: to(self.key),
            kid: self.kid,
        }
    }
}

/// The members that mean something here, as they are written: so nothing of them is copied to
/// memory that is not wiped, and errors quote nothing of them.
#[derive(Deserialize)]
struct Members<'a> {
    #[serde(borrow)]
    keys: Option<&'a RawValue>,
    #[serde(borrow)]
    kty: Option<&'a RawValue>,
    #[serde(borrow)]
    crv: Option<&'a RawValue>,
    #[serde(borrow)]
    x: Option<&'a RawValue>,
    #[serde(borrow)]
    y: Option<&'a RawValue>,
    #[serde(borrow)]
    d: Option<&'a RawValue>,
    #[serde(borrow)]
    kid: Option<&'a RawValue>,
}

/// A public key: its algorithm, and the uncompressed point or the bytes of RFC 8032.
pub(super) fn public(json: &str) -> Result<Jwk<(KeyAlgorithm, Vec<u8>)>, KeyError> {
    let members = Members::parse(json)?;
    let algorithm = members.algorithm()?;
    if members.d.is_some() {
        return Err(KeyError::PrivateKey);
    }
    Ok(Jwk {
        key: (algorithm, members.public(algorithm)?),
        kid: members.kid()?,
    })
}

/// A private key, with the public half that it has to have.
pub(super) fn private(json: &str) -> Result<Jwk<KeyPair>, KeyError> {
    let members = Members::parse(json)?;
    let algorithm = members.algorithm()?;
    if members.d.is_none() {
        return Err(KeyError::PublicKey);
    }
    let public = members.public(algorithm)?;
    let private = bytes("d", members.d)?;
    let pair = match algorithm {
        KeyAlgorithm::EcdsaP521Sha512 => {
            check::length("the member `d` of a P-521 JWK", &private, P521_LENGTH)?;
            KeyPair::p521(&private)
        }
        KeyAlgorithm::Ed25519 => KeyPair::ed25519(&private),
    }?;
    Ok(Jwk {
        key: pair.with_public(Some(&public))?,
        kid: members.kid()?,
    })
}

/// The JWK of a public key: the uncompressed point, or the bytes of RFC 8032.
pub(super) fn encode(algorithm: KeyAlgorithm, public: &[u8], kid: Option<&str>) -> String {
    #[derive(Serialize)]
    struct Public<'a> {
        kty: &'static str,
        crv: &'static str,
        x: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        y: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        kid: Option<&'a str>,
    }
    let jwk = match algorithm {
        KeyAlgorithm::EcdsaP521Sha512 => {
            let (x, y) = coordinates(public);
            Public {
                kty: "EC",
                crv: "P-521",
                x,
                y: Some(y),
                kid,
            }
        }
        KeyAlgorithm::Ed25519 => Public {
            kty: "OKP",
            crv: "Ed25519",
            x: URL_SAFE_NO_PAD.encode(public),
            y: None,
            kid,
        },
    };
    serde_json::to_string(&jwk).expect("strings can be written as JSON")
}

/// The members `x` and `y` of an uncompressed point.
pub(super) fn coordinates(point: &[u8]) -> (String, String) {
    let (x, y) = point[1..].split_at(P521_LENGTH);
    (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y))
}

/// The uncompressed point of the members `x` and `y`.
pub(super) fn point(x: &str, y: &str) -> Result<Vec<u8>, KeyError> {
    let x = base64url("x", x)?;
    check::length("the member `x` of a P-521 JWK", &x, P521_LENGTH)?;
    let y = base64url("y", y)?;
    check::length("the member `y` of a P-521 JWK", &y, P521_LENGTH)?;
    Ok([&[4][..], &x, &y].concat())
}

impl<'a> Members<'a> {
    fn parse(json: &'a str) -> Result<Self, KeyError> {
        let json = json.trim_start_matches('\u{feff}').trim();
        if json.is_empty() {
            return Err(KeyError::Empty);
        }
        if !json.starts_with('{') {
            return Err(KeyError::NotJwk {
                looks_like: guess::looks_like(json.as_bytes()),
            });
        }
        let members: Self = serde_json::from_str(json).map_err(|error| KeyError::Malformed {
            what: "the JWK".to_owned(),
            source: error.into(),
        })?;
        match members.keys {
            Some(_) => Err(KeyError::JwkSet),
            None => Ok(members),
        }
    }

    fn algorithm(&self) -> Result<KeyAlgorithm, KeyError> {
        let found = match string("kty", self.kty)? {
            "EC" => {
                return match string("crv", self.crv)? {
                    "P-521" => Ok(KeyAlgorithm::EcdsaP521Sha512),
                    other => Err(KeyError::WrongCurve {
                        found: quote(other, "an unknown curve"),
                    }),
                };
            }
            "OKP" => match string("crv", self.crv)? {
                "Ed25519" => return Ok(KeyAlgorithm::Ed25519),
                other => quote(other, "an unknown curve"),
            },
            "RSA" => "RSA".to_owned(),
            "oct" => "a symmetric algorithm (`oct`)".to_owned(),
            other => format!("an algorithm of {}", quote(other, "an unknown type")),
        };
        Err(KeyError::WrongAlgorithm { found })
    }

    fn public(&self, algorithm: KeyAlgorithm) -> Result<Vec<u8>, KeyError> {
        match algorithm {
            KeyAlgorithm::EcdsaP521Sha512 => point(string("x", self.x)?, string("y", self.y)?),
            KeyAlgorithm::Ed25519 => {
                let x = bytes("x", self.x)?;
                check::length("the member `x` of an Ed25519 JWK", &x, ED25519_LENGTH)?;
                Ok(x.to_vec())
            }
        }
    }

    fn kid(&self) -> Result<Option<String>, KeyError> {
        self.kid
            .map(|kid| {
                serde_json::from_str(kid.get()).map_err(|_| KeyError::NotString { member: "kid" })
            })
            .transpose()
    }
}

/// The text between the quotation marks. There are no escapes in what is asked for here.
fn string<'a>(member: &'static str, json: Option<&'a RawValue>) -> Result<&'a str, KeyError> {
    json.ok_or(KeyError::MissingMember { member })?
        .get()
        .strip_prefix('"')
        .and_then(|json| json.strip_suffix('"'))
        .ok_or(KeyError::NotString { member })
}

fn bytes(member: &'static str, json: Option<&RawValue>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    base64url(member, string(member, json)?)
}

fn base64url(member: &'static str, text: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    encoding::decode(&URL_SAFE_NO_PAD, text).map_err(|reason| KeyError::NotBase64Url {
        member,
        source: reason.into(),
    })
}

/// A name to show, unless it is so long that it may be a part of a key.
fn quote(name: &str, otherwise: &str) -> String {
    if name.len() <= 16 {
        format!("`{name}`")
    } else {
        otherwise.to_owned()
    }
}
