//! Keys in Azure Key Vault or Managed HSM: only P-521, since neither signs with Ed25519.
//!
//! ```no_run
//! use upvest_auth_signing::{RemoteSigner, Signer};
//! use upvest_signers::azure::{AzureKeySigner, ManagedIdentity};
//!
//! # async fn example() -> Result<(), upvest_signers::OpenError> {
//! let signer = AzureKeySigner::new("https://example.vault.azure.net/keys/upvest")
//!     .token(ManagedIdentity::new().token()?)
//!     .open()
//!     .await?;
//! let signer = Signer::new(RemoteSigner::new(signer), "8d4997a8-cf7a-4e51-adbb-401656a3e5c2");
//! # let _ = signer;
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha512};
use upvest_auth_signing::{Clock, Signature, SignerError, SystemClock, VerifyingKey};

use crate::bearer::{Metadata, Service, metadata_url};
use crate::request_signer::request_signer;
use crate::{BearerToken, OpenError, http};

const API_VERSION: &str = "7.4";

/// The managed identity of a virtual machine, whose metadata service issues its tokens.
#[derive(Clone, Debug)]
pub struct ManagedIdentity {
    endpoint: String,
    resource: String,
    client_id: Option<String>,
}

impl Default for ManagedIdentity {
    fn default() -> Self {
        Self::new()
    }
}

impl ManagedIdentity {
    /// Names the system-assigned identity of this machine, for Key Vault.
    pub fn new() -> Self {
        Self {
            endpoint: "http://169.254.169.254".to_owned(),
            resource: "https://vault.azure.net".to_owned(),
            client_id: None,
        }
    }

    /// Uses a user-assigned identity, by its client id.
    #[must_use]
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// The resource that the token is for. `https://vault.azure.net` unless set; a Managed HSM
    /// needs `https://managedhsm.azure.net`.
    #[must_use]
    pub fn resource(mut self, resource: impl Into<String>) -> Self {
        self.resource = resource.into();
        self
    }

    /// Uses another address of the metadata service.
    #[must_use]
    pub fn endpoint(mut self, address: impl Into<String>) -> Self {
        self.endpoint = address.into();
        self
    }

    /// The tokens of this identity, each cached until a minute before it expires.
    ///
    /// # Errors
    ///
    /// When the address is not a URL.
    pub fn token(self) -> Result<BearerToken, OpenError> {
        let address = format!("{}/metadata/identity/oauth2/token", self.endpoint);
        let mut url = metadata_url(&address)?;
        url.query_pairs_mut()
            .append_pair("api-version", "2018-02-01")
            .append_pair("resource", &self.resource)
            .extend_pairs(self.client_id.iter().map(|id| ("client_id", id)));
        let header = ("metadata", "true");
        Ok(BearerToken::metadata(Metadata { url, header }))
    }
}

/// A key of a vault, and the settings to open it.
#[derive(Clone)]
#[must_use = "nothing happens before `open`"]
pub struct AzureKeyOptions {
    key: String,
    token: Option<BearerToken>,
    clock: Arc<dyn Clock>,
}

impl AzureKeyOptions {
    /// The source of the access token. The [`ManagedIdentity`] of this machine unless set.
    pub fn token(mut self, token: BearerToken) -> Self {
        self.token = Some(token);
        self
    }

    /// The clock by which the lifetime of tokens is measured.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Opens the signer: fetches the public half of the key.
    ///
    /// # Errors
    ///
    /// When the vault cannot be reached or refuses, or when the key is not a P-521 key that may
    /// sign.
    pub async fn open(self) -> Result<AzureKeySigner, OpenError> {
        let url = http::url(&self.key)?;
        let parts = url.path_segments().into_iter().flatten();
        let (["keys", name] | ["keys", name, _]) = parts.collect::<Vec<_>>()[..] else {
            return Err(OpenError::new(
                "the address of the key does not end in /keys/NAME or /keys/NAME/VERSION",
            ));
        };
        let name = name.to_owned();
        let token = match self.token {
            Some(token) => token,
            None => ManagedIdentity::new().token()?,
        };
        let vault = token.open(self.clock)?;
        let Bundle { key } = vault
            .ask(Method::GET, with_version(url.clone()), String::new())
            .await
            .map_err(|error| OpenError::because("the vault does not show the key", error))?;
        let (public, version) = key.usable()?;
        // A version that is made later is a key that the API does not know yet.
        let mut sign = url;
        sign.set_path(&format!("/keys/{name}/{version}/sign"));
        Ok(AzureKeySigner {
            name: format!(
                "Azure key `{}`, version {}",
                name.escape_debug(),
                version.escape_debug()
            ),
            sign: with_version(sign),
            public,
            vault,
        })
    }
}

impl fmt::Debug for AzureKeyOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzureKeyOptions")
            .field("key", &self.key)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// Signs with a key of a vault: `POST /keys/NAME/VERSION/sign` with `ES512` over the digest. The
/// answer, `r` and `s` of 66 bytes each, is converted to DER. The identity needs the permissions
/// `keys/get` and `keys/sign`, which the role "Key Vault Crypto User" on this one key grants, for
/// example.
pub struct AzureKeySigner {
    vault: Service,
    sign: Url,
    public: VerifyingKey,
    name: String,
}

#[derive(Deserialize)]
struct Bundle {
    key: Key,
}

#[derive(Deserialize)]
struct Key {
    kid: String,
    kty: String,
    crv: Option<String>,
    #[serde(default)]
    key_ops: Vec<String>,
    #[serde(default)]
    x: String,
    #[serde(default)]
    y: String,
}

impl Key {
    /// The public half and the version, of a key that can sign.
    fn usable(self) -> Result<(VerifyingKey, String), OpenError> {
        let curve = self.crv.as_deref().unwrap_or("no curve");
        if !matches!(&*self.kty, "EC" | "EC-HSM") || curve != "P-521" {
            return Err(OpenError::new(format!(
                "the key is `{}` on `{}`, expected `EC` or `EC-HSM` on `P-521`",
                self.kty.escape_debug(),
                curve.escape_debug()
            )));
        }
        if !self.key_ops.iter().any(|operation| operation == "sign") {
            return Err(OpenError::new(
                "the key is not for signing: its `key_ops` do not contain `sign`",
            ));
        }
        let version = self.kid.rsplit('/').next().unwrap_or_default();
        let public = VerifyingKey::from_p521_coordinates(&self.x, &self.y)
            .map_err(|error| OpenError::because("the public key cannot be used", error))?;
        Ok((public, version.to_owned()))
    }
}

#[derive(Deserialize)]
struct Signed {
    value: String,
}

impl AzureKeySigner {
    /// Names the key at this address: `https://VAULT.vault.azure.net/keys/NAME` for its current
    /// version, and with `/VERSION` for another one.
    #[allow(clippy::new_ret_no_self, reason = "options come first")]
    pub fn new(key: impl Into<String>) -> AzureKeyOptions {
        AzureKeyOptions {
            key: key.into(),
            token: None,
            clock: Arc::new(SystemClock),
        }
    }

    async fn signed(&self, base: &[u8]) -> Result<Signature, SignerError> {
        let digest = URL_SAFE_NO_PAD.encode(Sha512::digest(base));
        let body = json!({ "alg": "ES512", "value": digest }).to_string();
        let signed: Signed = self
            .vault
            .ask(Method::POST, self.sign.clone(), body)
            .await?;
        let signature = URL_SAFE_NO_PAD
            .decode(&signed.value)
            .map_err(|_| SignerError::failed("the signature is not base64url"))?;
        Signature::ecdsa_fixed_width(&signature).map_err(SignerError::failed)
    }
}

/// The address with the version of the API that this client uses.
fn with_version(mut url: Url) -> Url {
    url.set_query(Some(&format!("api-version={API_VERSION}")));
    url
}

request_signer!(AzureKeySigner);
