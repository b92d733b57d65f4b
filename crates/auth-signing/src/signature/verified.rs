use std::fmt;
use std::time::SystemTime;

use super::SignatureVersion;
use super::base::Place;

/// What a valid signature vouches for: its parameters, and the names and values of the components
/// that it covers. Anybody may have added the rest of the request. The signature vouches for the
/// body when it covers the digest, which a [`Verifier`](crate::Verifier) demands of every request
/// with a body.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The version of the rules by which it was signed.
    pub version: SignatureVersion,
    /// The `keyid` of the key that signed.
    pub key_id: String,
    /// When the signature was made.
    pub created: SystemTime,
    /// Until when it is valid; `None` when the signature does not say, which is accepted only with
    /// [`Verifier::expires_optional`](crate::Verifier::expires_optional).
    pub expires: Option<SystemTime>,
    /// The nonce; `None` when the signature has none, which is accepted only
    /// [without a check for replays](crate::Verifier::without_replay_check).
    pub nonce: Option<String>,
    /// The signature base, and where the components stand in it.
    pub(super) base: String,
    pub(super) places: Vec<Place>,
}

impl Verified {
    /// The covered components, names and values, in the order of the signature base. Values are as
    /// they were signed: several lines of a header joined with `, `, the query with its `?`.
    pub fn components(&self) -> impl Iterator<Item = (&str, &str)> {
        self.places.iter().map(|place| {
            let Place { name, value } = place.clone();
            (&self.base[name], &self.base[value])
        })
    }

    /// The value of this component; `None` when the signature does not cover it.
    pub fn value(&self, component: &str) -> Option<&str> {
        self.components()
            .find_map(|(name, value)| (name == component).then_some(value))
    }

    /// Whether the signature covers this component.
    pub fn covers(&self, component: &str) -> bool {
        self.value(component).is_some()
    }
}

/// Shows the names of the components alone: values may be secret, as `authorization` is.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.components().map(|(name, _)| name).collect();
        f.debug_struct("Verified")
            .field("version", &self.version)
            .field("key_id", &self.key_id)
            .field("created", &self.created)
            .field("expires", &self.expires)
            .field("nonce", &self.nonce)
            .field("components", &names)
            .finish()
    }
}
