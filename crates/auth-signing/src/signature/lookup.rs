use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use crate::VerifyingKey;

/// Finds the public key that belongs to a `keyid`.
///
/// A map from key ids to keys is a lookup, and so are a closure `Fn(&str) -> Option<VerifyingKey>`
/// and a shared lookup in an [`Arc`].
///
/// If keys come over the network, [inspect](crate::Verifier::inspect) the request, fetch the key
/// that it names, and verify the request with that key.
pub trait KeyLookup: Send + Sync {
    /// Returns the key known by this id.
    fn key(&self, key_id: &str) -> Option<VerifyingKey>;
}

impl<F> KeyLookup for F
where
    F: Fn(&str) -> Option<VerifyingKey> + Send + Sync,
{
    fn key(&self, key_id: &str) -> Option<VerifyingKey> {
        self(key_id)
    }
}

impl KeyLookup for HashMap<String, VerifyingKey> {
    fn key(&self, key_id: &str) -> Option<VerifyingKey> {
        self.get(key_id).cloned()
    }
}

impl<K: KeyLookup + ?Sized> KeyLookup for Arc<K> {
    fn key(&self, key_id: &str) -> Option<VerifyingKey> {
        (**self).key(key_id)
    }
}

impl fmt::Debug for dyn KeyLookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyLookup")
    }
}
