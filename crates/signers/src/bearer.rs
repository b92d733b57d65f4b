//! Access tokens for key services.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tokio::sync::Mutex;
use upvest_auth_signing::{Clock, SignerError};
use zeroize::Zeroizing;

use crate::{BoxError, OpenError, Secret, http};

/// A token is replaced when it has less time left than this.
const MARGIN: Duration = Duration::from_secs(60);

type Fetch = dyn Fn() -> BoxFuture<'static, Result<Zeroizing<String>, BoxError>> + Send + Sync;

/// The source of the access token for requests to a key service. `Debug` does not show the token.
#[derive(Clone)]
pub struct BearerToken(Source);

#[derive(Clone)]
enum Source {
    Secret(Secret),
    Fetch(Arc<Fetch>),
    Metadata(Metadata),
}

impl BearerToken {
    /// Uses a token that another program renews: it is read again for every request.
    pub fn secret(secret: Secret) -> Self {
        Self(Source::Secret(secret))
    }

    /// Uses the token that this function returns. It is called for every request, so it should
    /// cache what takes time. It can use the credentials of the provider's own SDK.
    pub fn from_fn<F, Token>(fetch: F) -> Self
    where
        F: Fn() -> Token + Send + Sync + 'static,
        Token: Future<Output = Result<Zeroizing<String>, BoxError>> + Send + 'static,
    {
        Self(Source::Fetch(Arc::new(move || fetch().boxed())))
    }

    pub(crate) fn metadata(metadata: Metadata) -> Self {
        Self(Source::Metadata(metadata))
    }

    /// Makes a client of a key service with this token. The clock says when to replace it.
    pub(crate) fn open(self, clock: Arc<dyn Clock>) -> Result<Service, OpenError> {
        Ok(Service {
            source: self.0,
            client: http::client()?,
            metadata: http::client_without_proxy()?,
            clock,
            kept: Mutex::new(None),
        })
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Secret(secret) => write!(f, "BearerToken::secret({secret:?})"),
            Source::Fetch(_) => f.write_str("BearerToken::from_fn(..)"),
            Source::Metadata(metadata) => write!(f, "BearerToken({})", metadata.url),
        }
    }
}

#[derive(Deserialize)]
struct Problem {
    error: Reason,
}

/// The reason that Azure (with `code`) or Google (with `status`; `code` is the HTTP status) gives.
#[derive(Deserialize)]
struct Reason {
    status: Option<String>,
    #[serde(default)]
    code: Value,
    message: String,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.status.as_deref().or(self.code.as_str());
        write!(f, "{}: {}", name.unwrap_or_default(), self.message)
    }
}

/// A service of the machine that hands out tokens: only what runs there can reach it.
#[derive(Clone)]
pub(crate) struct Metadata {
    pub(crate) url: Url,
    /// The header without which it does not answer, so that no redirect can reach it.
    pub(crate) header: (&'static str, &'static str),
}

#[derive(Deserialize)]
struct Issued {
    access_token: String,
    #[serde(deserialize_with = "seconds")]
    expires_in: u64,
}

/// A key service that takes JSON and a token.
pub(crate) struct Service {
    source: Source,
    client: Client,
    metadata: Client,
    clock: Arc<dyn Clock>,
    /// The token of the metadata service, and when to replace it.
    kept: Mutex<Option<(HeaderValue, SystemTime)>>,
}

impl Service {
    /// Sends a request; one with a body sends JSON.
    pub(crate) async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        url: Url,
        body: String,
    ) -> Result<T, SignerError> {
        let mut headers = self.headers().await?;
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let answer = http::send(&self.client, method, url, headers, body).await?;
        if answer.is_success() {
            return answer.json();
        }
        let said = answer.json().map(|Problem { error }| error.to_string());
        Err(http::refused(answer.status(), &said.unwrap_or_default()))
    }

    /// Headers with the token in them.
    async fn headers(&self) -> Result<HeaderMap, SignerError> {
        let token = match &self.source {
            Source::Secret(secret) => ready(secret.read()).await,
            Source::Fetch(fetch) => fetch().await,
            Source::Metadata(metadata) => {
                return self.kept(metadata).await.map(headers);
            }
        };
        let token = token.map_err(SignerError::unavailable)?;
        bearer(&token).map(headers)
    }

    async fn kept(&self, metadata: &Metadata) -> Result<HeaderValue, SignerError> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        if let Some((token, until)) = &*kept
            && now < *until
        {
            return Ok(token.clone());
        }
        let (name, value) = metadata.header;
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )]);
        let url = metadata.url.clone();
        let answer = http::send(&self.metadata, Method::GET, url, headers, String::new()).await?;
        if !answer.is_success() {
            let said = "the metadata service of this machine gives no token";
            return Err(http::refused(answer.status(), said));
        }
        let issued: Issued = answer.json()?;
        let token = bearer(&Zeroizing::new(issued.access_token))?;
        let lifetime = Duration::from_secs(issued.expires_in).saturating_sub(MARGIN);
        *kept = now
            .checked_add(lifetime)
            .map(|until| (token.clone(), until));
        Ok(token)
    }
}

fn headers(token: HeaderValue) -> HeaderMap {
    HeaderMap::from_iter([(AUTHORIZATION, token)])
}

fn bearer(token: &str) -> Result<HeaderValue, SignerError> {
    let text = Zeroizing::new(format!("Bearer {token}"));
    let mut value = HeaderValue::from_str(&text)
        .map_err(|_| SignerError::failed("the token has characters that no header can carry"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// Seconds as a number (Google) or as text (Azure).
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Text(String),
    }
    match Seconds::deserialize(deserializer)? {
        Seconds::Number(seconds) => Ok(seconds),
        Seconds::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}

/// The address of a metadata service: plain `http`, as it never leaves the machine's own network.
pub(crate) fn metadata_url(address: &str) -> Result<Url, OpenError> {
    Url::parse(address).map_err(|error| {
        OpenError::because("the address of the metadata service is not a URL", error)
    })
}
