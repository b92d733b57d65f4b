//! Keys in AWS Key Management Service.
//!
//! ```no_run
//! use upvest_auth_signing::{RemoteSigner, Signer};
//! use upvest_signers::aws_kms::{AwsCredentials, AwsKmsSigner};
//!
//! # async fn example() -> Result<(), upvest_signers::OpenError> {
//! let key = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
//! let signer = AwsKmsSigner::new("eu-central-1", key)
//!     .credentials(AwsCredentials::from_env)
//!     .open()
//!     .await?;
//! let signer = Signer::new(RemoteSigner::new(signer), "8d4997a8-cf7a-4e51-adbb-401656a3e5c2");
//! # let _ = signer;
//! # Ok(())
//! # }
//! ```

mod credentials;
mod sigv4;

use std::fmt;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Client, Method, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha512};
use upvest_auth_signing::{Clock, KeyAlgorithm, Signature, SignerError, SystemClock, VerifyingKey};

pub use credentials::{AwsCredentials, AwsCredentialsSource};

use crate::request_signer::request_signer;
use crate::{OpenError, http};

/// The longest message that KMS signs directly. It accepts longer ones only as digests, which Ed25519
/// does not allow.
const MAX_MESSAGE: usize = 4096;

/// Errors that pass, by their names.
const PASSING: [&str; 5] = [
    "ThrottlingException",
    "LimitExceededException",
    "KMSInternalException",
    "DependencyTimeoutException",
    "KeyUnavailableException",
];

/// A key of KMS, and the settings to open it.
#[must_use = "nothing happens before `open`"]
pub struct AwsKmsOptions {
    region: String,
    key: String,
    endpoint: Option<String>,
    credentials: Arc<dyn AwsCredentialsSource>,
    clock: Arc<dyn Clock>,
}

impl AwsKmsOptions {
    /// The source of credentials, which is asked for every request. The environment unless set.
    pub fn credentials(mut self, credentials: impl AwsCredentialsSource + 'static) -> Self {
        self.credentials = Arc::new(credentials);
        self
    }

    /// Another address than `https://kms.REGION.amazonaws.com`, such as that of a VPC endpoint.
    pub fn endpoint(mut self, address: impl Into<String>) -> Self {
        self.endpoint = Some(address.into());
        self
    }

    /// The clock by which requests are dated.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Opens the signer: fetches the public half of the key.
    ///
    /// # Errors
    ///
    /// When KMS cannot be reached or refuses, or when the key is not a signing key of type
    /// `ECC_NIST_P521` or `ECC_NIST_EDWARDS25519`.
    pub async fn open(self) -> Result<AwsKmsSigner, OpenError> {
        let address = self
            .endpoint
            .unwrap_or_else(|| format!("https://kms.{}.amazonaws.com", self.region));
        let kms = Kms {
            client: http::client()?,
            url: http::url(&address)?,
            region: self.region,
            credentials: self.credentials,
            clock: self.clock,
        };
        let key: PublicKey = kms
            .ask("GetPublicKey", &json!({ "KeyId": self.key }))
            .await
            .map_err(|error| OpenError::because("KMS does not show the key", error))?;
        let algorithm = match (&*key.key_spec, &*key.key_usage) {
            ("ECC_NIST_P521", "SIGN_VERIFY") => KeyAlgorithm::EcdsaP521Sha512,
            ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY") => KeyAlgorithm::Ed25519,
            (spec, usage) => {
                return Err(OpenError::new(format!(
                    "the key is `{}` for `{}`, expected ECC_NIST_P521 or ECC_NIST_EDWARDS25519 \
                     for SIGN_VERIFY",
                    spec.escape_debug(),
                    usage.escape_debug()
                )));
            }
        };
        let der = STANDARD
            .decode(&key.public_key)
            .map_err(|error| OpenError::because("the public key is not base64", error))?;
        let public = VerifyingKey::from_der(&der)
            .map_err(|error| OpenError::because("the public key cannot be used", error))?;
        if public.algorithm() != algorithm {
            return Err(OpenError::new(
                "the algorithm of the public key is not that of the key",
            ));
        }
        Ok(AwsKmsSigner {
            name: format!("AWS KMS key `{}`", self.key.escape_debug()),
            key: self.key,
            public,
            kms,
        })
    }
}

impl fmt::Debug for AwsKmsOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsKmsOptions")
            .field("region", &self.region)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

/// Signs with a key in KMS: `ECDSA_SHA_512` over the digest, or `ED25519_SHA_512` over the message.
/// The credentials need `kms:Sign` and `kms:GetPublicKey` on the key.
pub struct AwsKmsSigner {
    kms: Kms,
    key: String,
    public: VerifyingKey,
    name: String,
}

struct Kms {
    client: Client,
    url: Url,
    region: String,
    credentials: Arc<dyn AwsCredentialsSource>,
    clock: Arc<dyn Clock>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PublicKey {
    public_key: String,
    key_spec: String,
    key_usage: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Signed {
    signature: String,
}

impl AwsKmsSigner {
    /// Names a key, by its id, ARN, or alias, in this region.
    #[allow(clippy::new_ret_no_self, reason = "options come first")]
    pub fn new(region: impl Into<String>, key: impl Into<String>) -> AwsKmsOptions {
        AwsKmsOptions {
            region: region.into(),
            key: key.into(),
            endpoint: None,
            credentials: Arc::new(AwsCredentials::from_env),
            clock: Arc::new(SystemClock),
        }
    }

    async fn signed(&self, base: &[u8]) -> Result<Signature, SignerError> {
        let (message, kind, algorithm) = match self.public.algorithm() {
            KeyAlgorithm::EcdsaP521Sha512 => {
                let message = STANDARD.encode(Sha512::digest(base));
                (message, "DIGEST", "ECDSA_SHA_512")
            }
            _ if base.len() > MAX_MESSAGE => {
                return Err(SignerError::failed(format!(
                    "the signature base has {} bytes, and KMS signs at most {MAX_MESSAGE} with \
                     Ed25519: use a P-521 key",
                    base.len()
                )));
            }
            _ => (STANDARD.encode(base), "RAW", "ED25519_SHA_512"),
        };
        let request = json!({
            "KeyId": self.key,
            "Message": message,
            "MessageType": kind,
            "SigningAlgorithm": algorithm,
        });
        let signed: Signed = self.kms.ask("Sign", &request).await?;
        let signature = STANDARD
            .decode(&signed.signature)
            .map_err(|_| SignerError::failed("the signature is not base64"))?;
        match self.public.algorithm() {
            KeyAlgorithm::EcdsaP521Sha512 => Signature::ecdsa_der(&signature),
            _ => Signature::ed25519(&signature),
        }
        .map_err(SignerError::failed)
    }
}

impl Kms {
    /// One action (AWS JSON 1.1).
    async fn ask<T: DeserializeOwned>(&self, action: &str, body: &Value) -> Result<T, SignerError> {
        let credentials = self.credentials.credentials().await;
        let credentials = credentials.map_err(SignerError::unavailable)?;
        let body = body.to_string();
        let headers = sigv4::headers(
            &credentials,
            &self.region,
            &self.url,
            action,
            &body,
            self.clock.now(),
        )?;
        let url = self.url.clone();
        let answer = http::send(&self.client, Method::POST, url, headers, body).await?;
        if answer.is_success() {
            return answer.json();
        }
        #[derive(Deserialize)]
        struct Problem {
            #[serde(rename = "__type")]
            kind: String,
            #[serde(alias = "Message")]
            message: Option<String>,
        }
        let Ok(Problem { kind, message }) = answer.json() else {
            return Err(http::refused(answer.status(), ""));
        };
        // Some come with a namespace: `com.amazonaws.kms#ThrottlingException`.
        let kind = kind.rsplit('#').next().unwrap_or_default();
        let said = format!("{kind}: {}", message.unwrap_or_default());
        match PASSING.contains(&kind) {
            true => Err(SignerError::unavailable(http::reason(
                answer.status(),
                &said,
            ))),
            false => Err(http::refused(answer.status(), &said)),
        }
    }
}

request_signer!(AwsKmsSigner);
