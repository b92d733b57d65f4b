//! Keys in an ssh-agent, or in another program with the same protocol: hardware keys and smart
//! cards behind an agent, password managers, `gpg-agent`.
//!
//! ```no_run
//! use upvest_auth_signing::{RemoteSigner, Signer};
//! use upvest_signers::ssh_agent::{SshAgentSigner, SshKey};
//!
//! # async fn example() -> Result<(), upvest_signers::OpenError> {
//! let socket = std::env::var("SSH_AUTH_SOCK").unwrap_or_default();
//! let signer = SshAgentSigner::open(socket, SshKey::Comment("upvest".into())).await?;
//! let signer = Signer::new(RemoteSigner::new(signer), "8d4997a8-cf7a-4e51-adbb-401656a3e5c2");
//! # let _ = signer;
//! # Ok(())
//! # }
//! ```

mod protocol;

use std::fmt;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest, Sha256};
use upvest_auth_signing::{Signature, SignerError, VerifyingKey};

use crate::OpenError;
use crate::request_signer::request_signer;
use protocol::{Identity, Reader};

/// The names of the two kinds of keys (RFC 5656, RFC 8709).
const P521: &[u8] = b"ecdsa-sha2-nistp521";
const ED25519: &[u8] = b"ssh-ed25519";

/// Names a key of the agent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SshKey {
    /// The key with this comment.
    Comment(String),
    /// The key with this fingerprint, as `ssh-add -l` shows it: `SHA256:...`.
    Fingerprint(String),
}

impl SshKey {
    fn is(&self, identity: &Identity) -> bool {
        match self {
            Self::Comment(comment) => identity.comment == comment.as_bytes(),
            Self::Fingerprint(fingerprint) => *fingerprint == self::fingerprint(&identity.key),
        }
    }
}

impl fmt::Display for SshKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Comment(text) | Self::Fingerprint(text)) = self;
        write!(f, "`{}`", text.escape_debug())
    }
}

/// Signs with a key in an ssh-agent. Each signature has a separate connection.
pub struct SshAgentSigner {
    socket: PathBuf,
    /// The public key in the form by which the protocol identifies it.
    key: Vec<u8>,
    public: VerifyingKey,
    name: String,
}

impl SshAgentSigner {
    /// Finds a key in the agent at this socket. The variable `SSH_AUTH_SOCK` usually holds its
    /// path.
    ///
    /// # Errors
    ///
    /// When the agent cannot be reached, when the key does not exist or its name is not unique, or
    /// when the key is neither P-521 nor Ed25519.
    pub async fn open(socket: impl Into<PathBuf>, key: SshKey) -> Result<Self, OpenError> {
        let socket = socket.into();
        let identities = protocol::identities(&socket).await.map_err(|error| {
            OpenError::because(format!("no agent answers at {}", socket.display()), error)
        })?;
        let mut found = identities.iter().filter(|identity| key.is(identity));
        let identity = match (found.next(), found.next()) {
            (Some(identity), None) => identity,
            (None, _) => {
                return Err(OpenError::new(format!(
                    "the agent has no key {key}, but {} others; `ssh-add -l` shows them",
                    identities.len()
                )));
            }
            (Some(_), Some(_)) => {
                return Err(OpenError::new(format!(
                    "the agent has several keys {key}: give a fingerprint"
                )));
            }
        };
        Ok(Self {
            socket,
            public: verifying_key(&identity.key)?,
            name: format!("ssh-agent key {}", fingerprint(&identity.key)),
            key: identity.key.clone(),
        })
    }

    async fn signed(&self, base: &[u8]) -> Result<Signature, SignerError> {
        let answer = protocol::sign(&self.socket, &self.key, base).await?;
        let mut reader = Reader::new(&answer);
        let parts = (reader.string(), reader.string(), reader.is_at_end());
        let (Some(kind), Some(signature), true) = parts else {
            return Err(SignerError::failed("the answer is not an SSH signature"));
        };
        match kind {
            P521 => Signature::ecdsa_mpints(signature),
            ED25519 => Signature::ed25519(signature),
            other => {
                return Err(SignerError::failed(format!(
                    "the signature is of type `{}`, not that of the key",
                    other.escape_ascii()
                )));
            }
        }
        .map_err(SignerError::failed)
    }
}

request_signer!(SshAgentSigner);

fn fingerprint(key: &[u8]) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(key)))
}

/// The public key (RFC 5656 section 3.1, RFC 8709 section 4).
fn verifying_key(key: &[u8]) -> Result<VerifyingKey, OpenError> {
    let mut reader = Reader::new(key);
    let public = match reader.string() {
        Some(P521) => {
            let curve = reader.string();
            let point = reader.string().filter(|_| curve == Some(b"nistp521"));
            point.map(VerifyingKey::from_p521_point)
        }
        Some(ED25519) => reader.string().map(VerifyingKey::from_ed25519),
        _ => None,
    };
    let public = public.filter(|_| reader.is_at_end()).ok_or_else(|| {
        OpenError::new(
            "the key is neither a P-521 (ecdsa-sha2-nistp521) nor an Ed25519 key (ssh-ed25519), \
             which are those that the API accepts",
        )
    })?;
    public.map_err(|error| OpenError::because("the public key cannot be used", error))
}
