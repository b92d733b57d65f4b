use std::collections::HashMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use upvest_auth_signing::{Excerpt, KeyError, VerifyingKey};
use upvest_models::{JsonWebKey, JsonWebKeySet};

use crate::{KeyFuture, KeySource};

/// Keys that are known from the start.
///
/// ```
/// use upvest_webhooks::StaticKeys;
///
/// let keys = StaticKeys::from_json(
///     r#"{ "keys": [{
///         "kid": "9ed77463-c18e-4794-ab5c-17423f9b801a",
///         "kty": "EC",
///         "crv": "P-521",
///         "x": "AcYAf5Ou0UvtehpeRvyhnvvrUQvjI4B3VCxfSmxK4gqKJGxO_jTB-nTdrHbBfmZpwmwYR86DppMg43E579K5MQ54",
///         "y": "ALkrId77iD0Ye2vBS5bTkLqPH-bo8urTpTXiNc6Ub-VOFbXfJrR0tQ8COvVXXu58BTu8jWV-1mtbjfJpDl3ISbcK"
///     }] }"#,
/// )?;
/// assert_eq!(keys.len(), 1);
/// # Ok::<(), upvest_webhooks::JwksError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct StaticKeys(HashMap<String, VerifyingKey>);

impl StaticKeys {
    /// The keys of a JSON Web Key Set (RFC 7517): those on the curve P-521 that have a `kid`, which
    /// may be any text. Keys of other types are ignored, as RFC 7517 section 5 demands.
    ///
    /// # Errors
    ///
    /// When the text is not a key set, or when a P-521 key is not on the curve.
    pub fn from_json(jwks: &str) -> Result<Self, JwksError> {
        #[derive(Deserialize)]
        struct Set<'a> {
            #[serde(borrow)]
            keys: Vec<&'a RawValue>,
        }

        let set: Set<'_> =
            serde_json::from_str(jwks).map_err(|source| JwksError::Malformed { source })?;
        let members = set
            .keys
            .iter()
            .filter_map(|key| Member::from_json(key.get()));
        members.map(Member::read).collect()
    }

    /// The keys in the answer of the operation `retrieve_webhook_keys`, chosen as
    /// [`from_json`](Self::from_json) does.
    ///
    /// # Errors
    ///
    /// When a P-521 key is not on the curve.
    pub fn from_jwks(jwks: &JsonWebKeySet) -> Result<Self, JwksError> {
        let members = jwks.keys.iter().filter_map(Member::from_jwk);
        members.map(Member::read).collect()
    }

    /// The usable keys of a set. A key that is not on its curve is left out, and the others stay.
    pub(crate) fn usable(jwks: &JsonWebKeySet) -> Self {
        let members = jwks.keys.iter().filter_map(Member::from_jwk);
        members.flat_map(Member::read).collect()
    }

    pub(crate) fn get(&self, key_id: &str) -> Option<VerifyingKey> {
        self.0.get(key_id).cloned()
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no keys.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A P-521 key of a set.
struct Member {
    kid: String,
    x: String,
    y: String,
}

impl Member {
    fn from_json(key: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Key {
            kid: String,
            kty: String,
            crv: String,
            x: String,
            y: String,
        }

        let key: Key = serde_json::from_str(key).ok()?;
        let is_meant = key.kty == "EC" && key.crv == "P-521";
        is_meant.then_some(Self {
            kid: key.kid,
            x: key.x,
            y: key.y,
        })
    }

    fn from_jwk(key: &JsonWebKey) -> Option<Self> {
        let is_meant = key.kty.as_ref()?.as_str() == "EC" && key.crv.as_ref()?.as_str() == "P-521";
        is_meant.then_some(Self {
            kid: key.kid.as_ref()?.to_string(),
            x: key.x.clone()?,
            y: key.y.clone()?,
        })
    }

    fn read(self) -> Result<(String, VerifyingKey), JwksError> {
        match VerifyingKey::from_p521_coordinates(&self.x, &self.y) {
            Ok(key) => Ok((self.kid, key)),
            Err(source) => Err(JwksError::Key {
                kid: self.kid,
                source,
            }),
        }
    }
}

/// Keys by their ids.
impl FromIterator<(String, VerifyingKey)> for StaticKeys {
    fn from_iter<I: IntoIterator<Item = (String, VerifyingKey)>>(keys: I) -> Self {
        Self(keys.into_iter().collect())
    }
}

impl KeySource for StaticKeys {
    fn key<'a>(&'a self, key_id: &'a str) -> KeyFuture<'a> {
        Box::pin(std::future::ready(Ok(self.get(key_id))))
    }
}

/// Why a key set cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JwksError {
    /// The text is not a JSON Web Key Set.
    #[error("this is not a JSON Web Key Set: expected an object with an array `keys`")]
    Malformed {
        /// The error of the parser.
        source: serde_json::Error,
    },
    /// A key is not on the curve that it names.
    #[error("the key `{}` is not a P-521 key", Excerpt::new(kid))]
    Key {
        /// The id of the key.
        kid: String,
        /// What is wrong with it.
        source: KeyError,
    },
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use upvest_auth_signing::{KeyAlgorithm, SigningKey};

    use super::*;

    #[test]
    fn keys_of_another_type_or_curve_are_passed_over() {
        let key = SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512).unwrap();
        let key = key.verifying_key();
        let (x, y) = key.p521_coordinates().unwrap();
        let member = |kid: &str, kty: &str, crv: &str| json!({ "kid": kid, "kty": kty, "crv": crv, "x": x, "y": y });
        let set = json!({ "keys": [
            member("a", "EC", "P-521"),
            member("b", "EC", "P-521"),
            member("c", "EC", "P-256"),
            member("d", "OKP", "P-521"),
        ] });
        let jwks: JsonWebKeySet = serde_json::from_value(set.clone()).unwrap();
        for keys in [
            StaticKeys::from_json(&set.to_string()).unwrap(),
            StaticKeys::from_jwks(&jwks).unwrap(),
        ] {
            assert!(keys.len() == 2 && !keys.is_empty());
            assert_eq!(keys.get("a"), Some(key.clone()));
            assert_eq!((keys.get("c"), keys.get("d")), (None, None));
        }
    }
}
