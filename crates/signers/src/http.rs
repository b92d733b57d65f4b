//! One JSON request to a key service.

use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, ClientBuilder, Method, Url, redirect};
use serde::de::DeserializeOwned;
use upvest_auth_signing::{Excerpt, SignerError};

use crate::{BoxError, OpenError};

/// The largest answer that is read, in bytes. Answers of key services are far smaller.
const MAX_BYTES: usize = 256 * 1024;

/// How many characters of a service's reason are shown.
const MAX_REASON_CHARS: usize = 300;

/// A client that follows no redirects, since they would carry secrets along.
pub(crate) fn client() -> Result<Client, OpenError> {
    build(Client::builder())
}

/// The same for services of this machine, which are not behind a proxy.
#[cfg(any(feature = "azure", feature = "google-kms"))]
pub(crate) fn client_without_proxy() -> Result<Client, OpenError> {
    build(Client::builder().no_proxy())
}

fn build(builder: ClientBuilder) -> Result<Client, OpenError> {
    builder
        .redirect(redirect::Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(10))
        .build()
        .map_err(|error| OpenError::because("the HTTP client cannot be built", error))
}

/// An address, which has to be `https` unless the host is this machine.
pub(crate) fn url(address: &str) -> Result<Url, OpenError> {
    let url = Url::parse(address)
        .map_err(|error| OpenError::because("the address is not a URL", error))?;
    let is_local = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_local => Ok(url),
        _ => Err(OpenError::new(
            "the address has to begin with https://, unless the host is this machine",
        )),
    }
}

/// The result of a request: the status and the body.
pub(crate) struct Answer {
    status: u16,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, SignerError> {
        // No parser error is kept, as it may quote a secret.
        serde_json::from_slice(&self.body)
            .map_err(|_| SignerError::failed("the answer is not the expected JSON"))
    }
}

/// Sends a request.
///
/// # Errors
///
/// [`SignerError::unavailable`] when there is no complete answer.
pub(crate) async fn send(
    client: &Client,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: String,
) -> Result<Answer, SignerError> {
    // The address may be confidential, so the error does not show it.
    let unavailable = |error: reqwest::Error| SignerError::unavailable(error.without_url());
    let request = client.request(method, url).headers(headers).body(body);
    let mut response = request.send().await.map_err(unavailable)?;
    let status = response.status().as_u16();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unavailable)? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(SignerError::failed(format!(
                "the answer is longer than {MAX_BYTES} bytes"
            )));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Answer { status, body })
}

/// The text of a service, cut and in one line.
pub(crate) fn reason(status: u16, said: &str) -> BoxError {
    let said = Excerpt::new(said).limit(MAX_REASON_CHARS);
    format!("status {status}: {said}").into()
}

/// The error for a status: temporary if the service is overloaded or fails, otherwise permanent.
pub(crate) fn refused(status: u16, said: &str) -> SignerError {
    match status {
        408 | 429 | 500.. => SignerError::unavailable(reason(status, said)),
        _ => SignerError::failed(reason(status, said)),
    }
}
