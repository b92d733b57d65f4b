use std::fmt;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, ready};
use zeroize::Zeroizing;

use crate::BoxError;

/// Credentials of AWS. The secrets are wiped from memory when dropped, and not shown by `Debug`.
#[derive(Clone)]
pub struct AwsCredentials {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: Zeroizing<String>,
    pub(super) session_token: Option<Zeroizing<String>>,
}

impl AwsCredentials {
    /// Makes credentials of an access key id and its secret.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self {
            access_key_id: access_key_id.into(),
            secret_access_key: Zeroizing::new(secret_access_key.into()),
            session_token: None,
        }
    }

    /// Adds the session token that comes with the credentials of a role.
    pub fn session_token(mut self, token: impl Into<String>) -> Self {
        self.session_token = Some(Zeroizing::new(token.into()));
        self
    }

    /// Reads `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, if it is set, `AWS_SESSION_TOKEN`.
    /// This function is a source of credentials, so the variables are read again for every request.
    ///
    /// # Errors
    ///
    /// When one of the first two is missing or is not Unicode.
    pub fn from_env() -> BoxFuture<'static, Result<Self, BoxError>> {
        let variable =
            |name| std::env::var(name).map_err(|error| format!("the variable {name}: {error}"));
        let read = || {
            let secret = variable("AWS_SECRET_ACCESS_KEY")?;
            let credentials = Self::new(variable("AWS_ACCESS_KEY_ID")?, secret);
            Ok(match variable("AWS_SESSION_TOKEN") {
                Ok(token) => credentials.session_token(token),
                Err(_) => credentials,
            })
        };
        ready(read()).boxed()
    }
}

impl fmt::Debug for AwsCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsCredentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// A source of credentials. It is asked for every request, so it should cache what takes time. A
/// function `Fn() -> impl Future<Output = Result<AwsCredentials, BoxError>>` is a source, so the
/// provider chain of AWS's own SDK can be used.
pub trait AwsCredentialsSource: Send + Sync {
    /// The credentials as they are now.
    ///
    /// # Errors
    ///
    /// When the credentials are not available. The error becomes the source of the signer's error.
    fn credentials(&self) -> BoxFuture<'static, Result<AwsCredentials, BoxError>>;
}

impl<F, Fetch> AwsCredentialsSource for F
where
    F: Fn() -> Fetch + Send + Sync,
    Fetch: Future<Output = Result<AwsCredentials, BoxError>> + Send + 'static,
{
    fn credentials(&self) -> BoxFuture<'static, Result<AwsCredentials, BoxError>> {
        self().boxed()
    }
}
