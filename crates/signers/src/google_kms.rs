//! Keys in Google Cloud Key Management Service: only Ed25519, since it does not support P-521.
//!
//! ```no_run
//! use upvest_auth_signing::{RemoteSigner, Signer};
//! use upvest_signers::google_kms::{GoogleKmsSigner, MetadataServer};
//!
//! # async fn example() -> Result<(), upvest_signers::OpenError> {
//! let key = "projects/example/locations/europe-west3/keyRings/upvest/cryptoKeys/api/cryptoKeyVersions/1";
//! let signer = GoogleKmsSigner::new(key)
//!     .token(MetadataServer::new().token()?)
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
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, Url};
use serde::Deserialize;
use serde_json::json;
use upvest_auth_signing::{Clock, Signature, SignerError, SystemClock, VerifyingKey};

use crate::bearer::{Metadata, Service, metadata_url};
use crate::request_signer::request_signer;
use crate::{BearerToken, OpenError, http};

/// The only algorithm of Google Cloud KMS that the API accepts.
const ALGORITHM: &str = "EC_SIGN_ED25519";

/// The longest message that Google signs, in bytes.
const MAX_MESSAGE: usize = 64 * 1024;

/// The service account of a machine at Google, whose metadata server issues its tokens.
#[derive(Clone, Debug)]
pub struct MetadataServer {
    endpoint: String,
}

impl Default for MetadataServer {
    fn default() -> Self {
        Self::new()
    }
}

impl MetadataServer {
    /// Names the metadata server of this machine: `metadata.google.internal`.
    pub fn new() -> Self {
        Self {
            endpoint: "http://metadata.google.internal".to_owned(),
        }
    }

    /// Uses another address of the server.
    #[must_use]
    pub fn endpoint(mut self, address: impl Into<String>) -> Self {
        self.endpoint = address.into();
        self
    }

    /// The tokens of the default service account, each cached until a minute before it expires.
    ///
    /// # Errors
    ///
    /// When the address is not a URL.
    pub fn token(self) -> Result<BearerToken, OpenError> {
        let path = "/computeMetadata/v1/instance/service-accounts/default/token";
        let url = metadata_url(&format!("{}{path}", self.endpoint))?;
        let header = ("metadata-flavor", "Google");
        Ok(BearerToken::metadata(Metadata { url, header }))
    }
}

/// A version of a key in Google Cloud KMS, and the settings to open it.
#[derive(Clone)]
#[must_use = "nothing happens before `open`"]
pub struct GoogleKmsOptions {
    version: String,
    endpoint: String,
    token: Option<BearerToken>,
    clock: Arc<dyn Clock>,
}

impl GoogleKmsOptions {
    /// The source of the access token. The [`MetadataServer`] of this machine unless set. The token
    /// needs the scope `https://www.googleapis.com/auth/cloudkms`.
    pub fn token(mut self, token: BearerToken) -> Self {
        self.token = Some(token);
        self
    }

    /// Uses another address than `https://cloudkms.googleapis.com`.
    pub fn endpoint(mut self, address: impl Into<String>) -> Self {
        self.endpoint = address.into();
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
    /// When Google cannot be reached or refuses, or when the algorithm of the key is not
    /// `EC_SIGN_ED25519`.
    pub async fn open(self) -> Result<GoogleKmsSigner, OpenError> {
        let parts: Vec<&str> = self.version.split('/').collect();
        let [
            "projects",
            _,
            "locations",
            _,
            "keyRings",
            _,
            "cryptoKeys",
            key,
            "cryptoKeyVersions",
            number,
        ] = parts[..]
        else {
            return Err(OpenError::new(
                "the name of the key is not projects/P/locations/L/keyRings/R/cryptoKeys/K/cryptoKeyVersions/V",
            ));
        };
        let name = format!(
            "Google KMS key `{}`, version {}",
            key.escape_debug(),
            number.escape_debug()
        );
        let address = |action: &str| {
            let mut url = http::url(&self.endpoint)?;
            url.set_path(&format!("/v1/{}{action}", self.version));
            Ok::<_, OpenError>(url)
        };
        let (sign, read) = (address(":asymmetricSign")?, address("/publicKey")?);
        let token = match self.token {
            Some(token) => token,
            None => MetadataServer::new().token()?,
        };
        let kms = token.open(self.clock)?;
        let key: PublicKey = kms
            .ask(Method::GET, read, String::new())
            .await
            .map_err(|error| OpenError::because("Google does not show the key", error))?;
        if key.algorithm != ALGORITHM {
            return Err(OpenError::new(format!(
                "the key is for `{}`, expected `{ALGORITHM}`",
                key.algorithm.escape_debug()
            )));
        }
        let public = VerifyingKey::from_pem(&key.pem)
            .map_err(|error| OpenError::because("the public key cannot be used", error))?;
        Ok(GoogleKmsSigner {
            kms,
            sign,
            public,
            name,
        })
    }
}

impl fmt::Debug for GoogleKmsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleKmsOptions")
            .field("version", &self.version)
            .field("token", &self.token)
            .finish_non_exhaustive()
    }
}

/// Signs with a key in Google Cloud KMS: `POST /v1/NAME:asymmetricSign` with the data itself. The
/// account needs the permissions `cloudkms.cryptoKeyVersions.useToSign` and
/// `cloudkms.cryptoKeyVersions.viewPublicKey` on the key; the role `roles/cloudkms.signerVerifier`
/// has both.
pub struct GoogleKmsSigner {
    kms: Service,
    sign: Url,
    public: VerifyingKey,
    name: String,
}

#[derive(Deserialize)]
struct PublicKey {
    pem: String,
    algorithm: String,
}

#[derive(Deserialize)]
struct Signed {
    signature: String,
}

impl GoogleKmsSigner {
    /// Names a version of a key, by its resource name.
    #[allow(clippy::new_ret_no_self, reason = "options come first")]
    pub fn new(version: impl Into<String>) -> GoogleKmsOptions {
        GoogleKmsOptions {
            version: version.into(),
            endpoint: "https://cloudkms.googleapis.com".to_owned(),
            token: None,
            clock: Arc::new(SystemClock),
        }
    }

    async fn signed(&self, base: &[u8]) -> Result<Signature, SignerError> {
        if base.len() > MAX_MESSAGE {
            return Err(SignerError::failed(format!(
                "the signature base has {} bytes, and Google signs at most {MAX_MESSAGE}",
                base.len()
            )));
        }
        let body = json!({ "data": STANDARD.encode(base) }).to_string();
        let signed: Signed = self.kms.ask(Method::POST, self.sign.clone(), body).await?;
        let signature = STANDARD
            .decode(&signed.signature)
            .map_err(|_| SignerError::failed("the signature is not base64"))?;
        Signature::ed25519(&signature).map_err(SignerError::failed)
    }
}

request_signer!(GoogleKmsSigner);
