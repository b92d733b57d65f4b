use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::BoxError;

/// The source of a PIN or a token. The secret is read again whenever it is needed, so that a change
/// is noticed, and wiped from memory after use. `Debug` does not show it.
#[derive(Clone)]
pub struct Secret(Source);

#[derive(Clone)]
enum Source {
    Text(Zeroizing<String>),
    Env(String),
    File(PathBuf),
    Call(Arc<dyn Fn() -> Result<Zeroizing<String>, BoxError> + Send + Sync>),
}

impl Secret {
    /// Uses this text.
    pub fn text(secret: impl Into<String>) -> Self {
        Self(Source::Text(Zeroizing::new(secret.into())))
    }

    /// Reads an environment variable, by its name.
    pub fn env(name: impl Into<String>) -> Self {
        Self(Source::Env(name.into()))
    }

    /// Reads a file, and removes white space at its end. The file should be small and local, and
    /// readable by its owner only.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Source::File(path.into()))
    }

    /// Uses what this function returns. It must not block for long.
    pub fn from_fn(
        secret: impl Fn() -> Result<Zeroizing<String>, BoxError> + Send + Sync + 'static,
    ) -> Self {
        Self(Source::Call(Arc::new(secret)))
    }

    /// The secret as it is now.
    #[allow(dead_code, reason = "which signers there are is up to the features")]
    pub(crate) fn read(&self) -> Result<Zeroizing<String>, BoxError> {
        match &self.0 {
            Source::Text(text) => Ok(text.clone()),
            Source::Env(name) => std::env::var(name)
                .map(Zeroizing::new)
                .map_err(|error| format!("the environment variable {name}: {error}").into()),
            Source::File(path) => {
                let text = std::fs::read_to_string(path)
                    .map_err(|error| format!("the file {}: {error}", path.display()))?;
                let text = Zeroizing::new(text);
                Ok(Zeroizing::new(text.trim_end().to_owned()))
            }
            Source::Call(secret) => secret(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Text(_) => f.write_str("Secret::text(..)"),
            Source::Env(name) => write!(f, "Secret::env({name:?})"),
            Source::File(path) => write!(f, "Secret::file({path:?})"),
            Source::Call(_) => f.write_str("Secret::from_fn(..)"),
        }
    }
}
