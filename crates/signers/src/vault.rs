//! Keys in the Transit engine of HashiCorp Vault or OpenBao.
//!
//! ```no_run
//! use upvest_auth_signing::{RemoteSigner, Signer};
//! use upvest_signers::Secret;
//! use upvest_signers::vault::VaultSigner;
//!
//! # async fn example() -> Result<(), upvest_signers::OpenError> {
//! let signer = VaultSigner::new("https://vault.example.com:8200", "upvest")
//!     .token(Secret::file("/run/vault/token"))
//!     .open()
//!     .await?;
//! let signer = Signer::new(RemoteSigner::new(signer), "8d4997a8-cf7a-4e51-adbb-401656a3e5c2");
//! # let _ = signer;
//! # Ok(())
//! # }
//! ```

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};
use serde::Deserialize;
use serde_json::json;
use upvest_auth_signing::{KeyAlgorithm, Signature, SignerError, VerifyingKey};

use crate::http::{self, Answer};
use crate::request_signer::request_signer;
use crate::{OpenError, Secret};

const TOKEN: HeaderName = HeaderName::from_static("x-vault-token");
const NAMESPACE: HeaderName = HeaderName::from_static("x-vault-namespace");
const REQUEST: HeaderName = HeaderName::from_static("x-vault-request");

/// A key of a Transit engine, and the settings to open it.
#[derive(Clone, Debug)]
#[must_use = "nothing happens before `open`"]
pub struct VaultOptions {
    address: String,
    mount: String,
    key: String,
    version: Option<u64>,
    namespace: Option<String>,
    token: Secret,
}

impl VaultOptions {
    /// What `https://HOST/MOUNT/KEY` says.
    pub(crate) fn from_url(text: &str) -> Result<Self, OpenError> {
        let incomplete = || OpenError::new("the address of Vault does not end in /MOUNT/KEY");
        let mut url = http::url(text)?;
        let path = url.path().trim_matches('/').to_owned();
        let (mount, key) = path.rsplit_once('/').ok_or_else(incomplete)?;
        url.set_path("");
        Ok(VaultSigner::new(url, key).mount(mount))
    }

    /// The path at which the engine is mounted. `transit` unless set.
    pub fn mount(mut self, mount: impl Into<String>) -> Self {
        self.mount = mount.into();
        self
    }

    /// The version of the key to sign with. Unless set, it is the version that is the latest when
    /// the signer is opened. The signer keeps that version, since a later one is a key that the API
    /// does not know yet.
    pub fn version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    /// The namespace, if the server has namespaces.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// The token. It is read again for every request, so that a token that an agent renews is
    /// noticed. The variable `VAULT_TOKEN` unless set.
    pub fn token(mut self, token: Secret) -> Self {
        self.token = token;
        self
    }

    /// Opens the signer: fetches the public half of the key.
    ///
    /// # Errors
    ///
    /// When Vault cannot be reached or refuses, when the key or its version does not exist, or when
    /// its type is neither `ecdsa-p521` nor `ed25519`.
    pub async fn open(self) -> Result<VaultSigner, OpenError> {
        let mut transit = Transit {
            client: http::client()?,
            read: self.url("keys", None)?,
            sign: self.url("sign", None)?,
            namespace: self.namespace.clone(),
            token: self.token.clone(),
        };
        let key = transit
            .read_key()
            .await
            .map_err(|error| OpenError::because("Vault does not show the key", error))?;
        let algorithm = match &*key.kind {
            "ecdsa-p521" => KeyAlgorithm::EcdsaP521Sha512,
            "ed25519" => KeyAlgorithm::Ed25519,
            other => {
                return Err(OpenError::new(format!(
                    "the key is of type `{}`, expected `ecdsa-p521` or `ed25519`",
                    other.escape_debug()
                )));
            }
        };
        if algorithm == KeyAlgorithm::EcdsaP521Sha512 {
            transit.sign = self.url("sign", Some("sha2-512"))?;
        }
        let version = self.version.unwrap_or(key.latest_version);
        let public = key
            .keys
            .get(&version.to_string())
            .and_then(|version| version.public_key.as_deref())
            .ok_or_else(|| OpenError::new(format!("there is no version {version} of the key")))?;
        Ok(VaultSigner {
            name: format!("Vault key `{}`, version {version}", self.key.escape_debug()),
            public: verifying_key(algorithm, public)?,
            version,
            transit,
        })
    }

    /// The address of an operation with the key.
    fn url(&self, action: &str, hash: Option<&str>) -> Result<Url, OpenError> {
        let mut url = http::url(&self.address)?;
        url.path_segments_mut()
            .map_err(|()| OpenError::new("the address is not of the form https://HOST/MOUNT/KEY"))?
            .pop_if_empty()
            .push("v1")
            .extend(self.mount.split('/'))
            .extend([action, &self.key])
            .extend(hash);
        Ok(url)
    }
}

/// Signs with a key in a Transit engine.
///
/// With P-521, `POST /v1/MOUNT/sign/KEY/sha2-512` with `marshaling_algorithm=asn1`; with Ed25519,
/// `POST /v1/MOUNT/sign/KEY`. The token needs `read` on `MOUNT/keys/KEY` and `update` on
/// `MOUNT/sign/KEY` and `MOUNT/sign/KEY/*`.
pub struct VaultSigner {
    transit: Transit,
    version: u64,
    public: VerifyingKey,
    name: String,
}

struct Transit {
    client: Client,
    read: Url,
    sign: Url,
    namespace: Option<String>,
    token: Secret,
}

#[derive(Deserialize)]
struct Data<T> {
    data: T,
}

#[derive(Deserialize)]
struct Key {
    #[serde(rename = "type")]
    kind: String,
    latest_version: u64,
    keys: BTreeMap<String, Version>,
}

#[derive(Deserialize)]
struct Version {
    public_key: Option<String>,
}

#[derive(Deserialize)]
struct Signed {
    signature: String,
}

impl VaultSigner {
    /// Names a key of the Transit engine at this address, which must begin with `https://` unless
    /// it is this machine.
    #[allow(clippy::new_ret_no_self, reason = "options come first")]
    pub fn new(address: impl Into<String>, key: impl Into<String>) -> VaultOptions {
        VaultOptions {
            address: address.into(),
            mount: "transit".to_owned(),
            key: key.into(),
            version: None,
            namespace: None,
            token: Secret::env("VAULT_TOKEN"),
        }
    }

    async fn signed(&self, base: &[u8]) -> Result<Signature, SignerError> {
        let mut body = json!({ "input": STANDARD.encode(base), "key_version": self.version });
        if self.public.algorithm() == KeyAlgorithm::EcdsaP521Sha512 {
            body["hash_algorithm"] = "sha2-512".into();
            body["marshaling_algorithm"] = "asn1".into();
            body["prehashed"] = false.into();
        }
        let url = self.transit.sign.clone();
        let answer = self.transit.ask(Method::POST, url, body.to_string());
        let Data { data } = answer.await?.json::<Data<Signed>>()?;
        let prefix = format!("vault:v{}:", self.version);
        let signature = data
            .signature
            .strip_prefix(&prefix)
            .and_then(|text| STANDARD.decode(text).ok())
            .ok_or_else(|| {
                SignerError::failed(format!("the signature is not `{prefix}` and base64"))
            })?;
        match self.public.algorithm() {
            KeyAlgorithm::EcdsaP521Sha512 => Signature::ecdsa_der(&signature),
            _ => Signature::ed25519(&signature),
        }
        .map_err(SignerError::failed)
    }
}

impl Transit {
    async fn read_key(&self) -> Result<Key, SignerError> {
        let answer = self.ask(Method::GET, self.read.clone(), String::new());
        Ok(answer.await?.json::<Data<Key>>()?.data)
    }

    async fn ask(&self, method: Method, url: Url, body: String) -> Result<Answer, SignerError> {
        let token = self.token.read().map_err(SignerError::failed)?;
        let mut token = HeaderValue::from_str(&token).map_err(|_| {
            SignerError::failed("the token has characters that no header can carry")
        })?;
        token.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(TOKEN, token);
        headers.insert(REQUEST, HeaderValue::from_static("true"));
        if let Some(namespace) = &self.namespace {
            let namespace = HeaderValue::from_str(namespace).map_err(SignerError::failed)?;
            headers.insert(NAMESPACE, namespace);
        }
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let answer = http::send(&self.client, method, url, headers, body).await?;
        if answer.is_success() {
            return Ok(answer);
        }
        #[derive(Deserialize)]
        struct Errors {
            errors: Vec<String>,
        }
        let said = answer.json::<Errors>().map(|said| said.errors.join("; "));
        Err(http::refused(answer.status(), &said.unwrap_or_default()))
    }
}

request_signer!(VaultSigner);

/// A public key as Transit shows it: PEM for P-521, base64 of the 32 bytes for Ed25519.
fn verifying_key(algorithm: KeyAlgorithm, text: &str) -> Result<VerifyingKey, OpenError> {
    let unusable = |error| OpenError::because("the public key cannot be used", error);
    let public = match algorithm {
        KeyAlgorithm::EcdsaP521Sha512 => VerifyingKey::from_pem(text),
        _ => {
            let bytes = STANDARD
                .decode(text)
                .map_err(|error| OpenError::because("the public key is not base64", error))?;
            VerifyingKey::from_ed25519(&bytes)
        }
    };
    let public = public.map_err(unusable)?;
    match public.algorithm() == algorithm {
        true => Ok(public),
        false => Err(OpenError::new(
            "the algorithm of the public key is not that of the key",
        )),
    }
}
