use std::fmt;
use std::sync::Arc;

use zeroize::Zeroizing;

/// Client id and client secret, as Upvest issues them. Clones share one secret, which is wiped from
/// memory when the last of them is dropped, and which `Debug` never shows.
#[derive(Clone)]
pub struct ClientCredentials {
    client_id: Arc<str>,
    client_secret: Arc<Zeroizing<String>>,
}

impl ClientCredentials {
    /// Makes credentials of this client id (a UUID) and secret.
    pub fn new(client_id: impl Into<Arc<str>>, client_secret: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            client_secret: Arc::new(Zeroizing::new(client_secret.into())),
        }
    }

    /// The client id.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    pub(super) fn client_secret(&self) -> &str {
        &self.client_secret
    }
}

impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCredentials")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
