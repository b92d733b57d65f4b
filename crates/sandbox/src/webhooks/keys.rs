use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use upvest_auth_signing::{KeyAlgorithm, KeyError, SigningKey};
use uuid::Uuid;

/// The keys that verify deliveries. They are signed with the last one.
pub(crate) struct WebhookKeys(Mutex<Vec<WebhookKey>>);

/// One of them.
#[derive(Clone)]
pub(super) struct WebhookKey {
    pub(super) id: Uuid,
    pub(super) key: SigningKey,
}

impl WebhookKeys {
    /// A single key.
    pub(crate) fn generate() -> Result<Self, KeyError> {
        Ok(Self(Mutex::new(vec![WebhookKey::generate()?])))
    }

    /// Deliveries are signed with a new key from now on. Returns its id.
    pub(crate) fn rotate(&self) -> Result<Uuid, KeyError> {
        let key = WebhookKey::generate()?;
        let id = key.id;
        self.keys().push(key);
        Ok(id)
    }

    /// Forgets all keys but the one that deliveries are signed with.
    pub(crate) fn retire(&self) {
        let mut keys = self.keys();
        let old = keys.len() - 1;
        keys.drain(..old);
    }

    /// The public halves, as they are published: the oldest first.
    pub(crate) fn jwks(&self) -> Value {
        let keys: Vec<Value> = self.keys().iter().map(WebhookKey::jwk).collect();
        json!({ "keys": keys })
    }

    pub(super) fn current(&self) -> WebhookKey {
        self.keys().last().expect("there is always one").clone()
    }

    fn keys(&self) -> MutexGuard<'_, Vec<WebhookKey>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl WebhookKey {
    fn generate() -> Result<Self, KeyError> {
        Ok(Self {
            id: Uuid::new_v4(),
            key: SigningKey::generate(KeyAlgorithm::EcdsaP521Sha512)?,
        })
    }

    /// A key that goes by the same id, and is another.
    pub(super) fn forged(&self) -> Result<Self, KeyError> {
        Ok(Self {
            id: self.id,
            ..Self::generate()?
        })
    }

    fn jwk(&self) -> Value {
        let (x, y) = self.key.verifying_key().p521_coordinates().unzip();
        json!({ "kid": self.id, "kty": "EC", "crv": "P-521", "x": x, "y": y })
    }
}
