//! The profile of the sandbox on this machine, whose credentials are made up at each start: its admin
//! interface returns them.

use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::{Map, Value};
use tower::ServiceExt as _;
use upvest::Transport;
use upvest::variables::{PRIVATE_KEY, PRIVATE_KEY_FILE};

use crate::failure::{Failure, FailureKind};

/// The name of the profile, unless the file has one of this name.
pub(crate) const NAME: &str = "local";

/// Where `upvest sandbox` has its admin interface, unless set otherwise.
pub(crate) const DEFAULT_ADMIN: &str = "127.0.0.1:8081";

/// The variable that names another address.
const VARIABLE: &str = "UPVEST_SANDBOX_ADMIN";

/// Connections to this machine, which speak no TLS: to read the certificates that the system trusts would
/// take longer than a call does.
///
/// # Errors
///
/// When the HTTP client cannot be built.
pub(crate) fn plain() -> Result<Transport, Failure> {
    let builder = Transport::builder().no_proxy().without_system_roots();
    Ok(builder.build()?)
}

/// The admin interface of a sandbox.
pub(crate) struct Admin {
    address: String,
}

impl Admin {
    /// At this address, or at that of the environment variable, or at the usual one.
    pub(crate) fn at(address: Option<&str>) -> Self {
        let variable = || std::env::var(VARIABLE).ok().filter(|text| !text.is_empty());
        let address = address.map(str::to_owned).or_else(variable);
        let address = address.unwrap_or_else(|| DEFAULT_ADMIN.to_owned());
        let address = address.trim_start_matches("http://").trim_end_matches('/');
        Self {
            address: address.to_owned(),
        }
    }

    /// Sends a request, and returns what is answered.
    ///
    /// # Errors
    ///
    /// When there is no answer, or the answer is an error.
    pub(crate) async fn ask(
        &self,
        method: http::Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Value, Failure> {
        let uri = format!("http://{}{path}", self.address);
        let request = http::Request::builder().method(method).uri(&uri);
        let body = body.map_or_else(Bytes::new, |body| body.to_string().into());
        let request = request
            .body(body)
            .map_err(|error| Failure::usage(format!("{uri} is not a valid address: {error}")))?;
        let transport = plain()?;
        let response = transport.oneshot(request).await;
        let response = response.map_err(|error| self.unreachable(&*error))?;
        let status = response.status();
        let body = response.into_body().collect().await;
        let body = body.map_err(|error| self.unreachable(&*error))?.to_bytes();
        let answer: Value = serde_json::from_slice(&body).map_err(|_| {
            let message =
                format!("{uri} is not the admin interface of a sandbox: it answers with {status}");
            Failure::new(FailureKind::Unavailable, message)
        })?;
        match answer.get("error").and_then(Value::as_str) {
            Some(error) => Err(Failure::new(FailureKind::Refused, error)),
            None => Ok(answer),
        }
    }

    /// The variables that make a client talk to the sandbox.
    ///
    /// # Errors
    ///
    /// As [`ask`](Self::ask).
    pub(crate) async fn variables(&self) -> Result<Map<String, Value>, Failure> {
        let answer = self.ask(http::Method::GET, "/environment", None).await?;
        let mut variables = answer.as_object().cloned().unwrap_or_default();
        // The file may be out of reach; the key itself is there.
        variables.remove(PRIVATE_KEY_FILE);
        if let Some(key) = variables.remove("private_key") {
            variables.insert(PRIVATE_KEY.to_owned(), key);
        }
        Ok(variables)
    }

    fn unreachable(&self, error: &(dyn std::error::Error + 'static)) -> Failure {
        let error = crate::failure::with_sources(error);
        let message = format!("no sandbox answers at {}: {error}", self.address);
        Failure::new(FailureKind::Unavailable, message).help(
            "start one with `upvest sandbox`, or name its admin interface in UPVEST_SANDBOX_ADMIN",
        )
    }
}
