use std::fmt;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use subtle::ConstantTimeEq;
use upvest_auth_signing::{KeyAlgorithm, KeyLookup, Scopes, SigningKey, VerifyingKey};
use upvest_models::{Secret, Uuid};

/// A client that is registered with a sandbox: the credentials that a program needs to make calls.
///
/// `Debug` shows no secret.
#[derive(Clone)]
pub struct Client(Arc<Registration>);

struct Registration {
    id: String,
    secret: Secret,
    key_id: String,
    signing_key: SigningKey,
    /// Further keys, by their ids.
    more_keys: RwLock<Vec<(String, VerifyingKey)>>,
    scopes: Scopes,
}

impl Client {
    /// A client with a new key.
    pub(crate) fn generate(
        id: Uuid,
        secret: Secret,
        scopes: Scopes,
        algorithm: KeyAlgorithm,
    ) -> io::Result<Self> {
        Ok(Self(Arc::new(Registration {
            id: id.to_string(),
            secret,
            key_id: Uuid::new_v4().to_string(),
            signing_key: SigningKey::generate(algorithm).map_err(io::Error::other)?,
            more_keys: RwLock::default(),
            scopes,
        })))
    }

    /// The id of the client, a UUID.
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// The secret of the client.
    pub fn secret(&self) -> &str {
        self.0.secret.expose()
    }

    /// The id, a UUID, by which the client's key is known.
    pub fn key_id(&self) -> &str {
        &self.0.key_id
    }

    /// The private key of the client, which signs its requests.
    pub fn signing_key(&self) -> &SigningKey {
        &self.0.signing_key
    }

    /// Registers the public half of another key, such as one that is in an HSM, and returns its id, a
    /// UUID. From then on, requests may be signed with either key.
    pub fn add_key(&self, key: VerifyingKey) -> String {
        let id = Uuid::new_v4().to_string();
        let keys = &self.0.more_keys;
        let mut keys = keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.push((id.clone(), key));
        id
    }

    /// The key of this id, if it is one of the client's.
    pub(crate) fn key(&self, id: &str) -> Option<VerifyingKey> {
        if id == self.key_id() {
            return Some(self.signing_key().verifying_key());
        }
        let keys = &self.0.more_keys;
        let keys = keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter()
            .find(|(known, _)| known == id)
            .map(|(_, key)| key.clone())
    }

    /// The scopes that its tokens may have.
    pub fn scopes(&self) -> &Scopes {
        &self.0.scopes
    }

    /// Whether both are the client's, in a time that does not depend on how much of the secret
    /// is right.
    pub(crate) fn has_credentials(&self, id: &str, secret: &Secret) -> bool {
        let is_secret = self.secret().as_bytes().ct_eq(secret.expose().as_bytes());
        self.id() == id && bool::from(is_secret)
    }

    /// The first of `scopes` that the client lacks.
    pub(crate) fn lacks<'a>(&self, scopes: &'a Scopes) -> Option<&'a str> {
        scopes.iter().find(|scope| !self.0.scopes.contains(scope))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id())
            .field("key_id", &self.key_id())
            .finish_non_exhaustive()
    }
}

/// All clients that are registered. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Clients(Arc<RwLock<Vec<Client>>>);

impl Clients {
    pub(crate) fn add(&self, client: Client) {
        let mut clients = self.0.write().unwrap_or_else(PoisonError::into_inner);
        clients.push(client);
    }

    pub(crate) fn find(&self, is_meant: impl Fn(&Client) -> bool) -> Option<Client> {
        let clients = self.0.read().unwrap_or_else(PoisonError::into_inner);
        clients.iter().find(|client| is_meant(client)).cloned()
    }
}

impl KeyLookup for Clients {
    fn key(&self, key_id: &str) -> Option<VerifyingKey> {
        let clients = self.0.read().unwrap_or_else(PoisonError::into_inner);
        clients.iter().find_map(|client| client.key(key_id))
    }
}
