use std::sync::Arc;

use crate::{KeyAlgorithm, RemoteSigner, SigningKey};

/// What a [`Signer`](crate::Signer) signs with: a key in this process, or a remote key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RequestKey {
    /// A key in this process.
    Local(SigningKey),
    /// A remote key.
    Remote(RemoteSigner),
}

impl RequestKey {
    /// The algorithm of the key.
    pub fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Self::Local(key) => key.algorithm(),
            Self::Remote(signer) => signer.algorithm(),
        }
    }
}

impl From<SigningKey> for RequestKey {
    fn from(key: SigningKey) -> Self {
        Self::Local(key)
    }
}

impl From<RemoteSigner> for RequestKey {
    fn from(signer: RemoteSigner) -> Self {
        Self::Remote(signer)
    }
}

/// A key and the id that the API knows it by.
#[derive(Clone, Debug)]
pub(super) struct NamedKey {
    pub(super) key: RequestKey,
    pub(super) id: Arc<str>,
}
