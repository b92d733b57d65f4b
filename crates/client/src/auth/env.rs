//! Settings from environment variables.

use std::ffi::OsString;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tracing::info;
use upvest_auth_signing::{RequestKey, SigningKey};
use zeroize::Zeroizing;

use super::variables::{
    BASE_URL, CLIENT_ID, CLIENT_SECRET, ENVIRONMENT, KEY_ID, PRIVATE_KEY, PRIVATE_KEY_BASE64,
    PRIVATE_KEY_FILE, PRIVATE_KEY_PASSPHRASE, SCOPES, SIGNER, other_name,
};
use super::{Builder, Environment, scopes};
use crate::{BoxError, Client, Error};

#[cfg(test)]
mod tests;

impl Client {
    /// Builds a client with tokens and signatures from environment variables:
    ///
    /// | variable | what it holds |
    /// |---|---|
    /// | `UPVEST_ENVIRONMENT` | `sandbox` or `live` |
    /// | `UPVEST_BASE_URL` | instead of it: another address of the API |
    /// | `UPVEST_CLIENT_ID` | the client id |
    /// | `UPVEST_CLIENT_SECRET` | the client secret |
    /// | `UPVEST_KEY_ID` | the id that Upvest gave to the public key |
    /// | `UPVEST_PRIVATE_KEY_FILE` | the path of the private key, in PEM |
    /// | `UPVEST_PRIVATE_KEY` | instead of the file: the PEM itself |
    /// | `UPVEST_PRIVATE_KEY_BASE64` | instead of the file: the PEM, encoded in base64 |
    /// | `UPVEST_PRIVATE_KEY_PASSPHRASE` | its passphrase, if it has one |
    /// | `UPVEST_SCOPES` | optional: the scopes that the client was granted, separated by spaces or commas; each operation asks for the least of these that is enough for it |
    ///
    /// The variables of Upvest's own package are read as well: `UPVEST_API_BASE_URL`,
    /// `UPVEST_API_CLIENT_ID`, `UPVEST_API_CLIENT_SECRET`, `UPVEST_API_KEY_ID`,
    /// `UPVEST_API_SCOPES`, `UPVEST_API_HTTP_SIGN_PRIVATE_KEY`, `..._FILENAME`, `..._BASE64` and
    /// `..._PASSPHRASE`. An event of `tracing` says which variables were used.
    ///
    /// Opening the remote signer that `UPVEST_SIGNER` describes is asynchronous: see
    /// [`from_env_with`](crate::auth::from_env_with).
    ///
    /// # Errors
    /// When a variable is missing or wrong; the error names all that are.
    pub fn from_env() -> Result<Self, Error> {
        from_env()?.build()
    }
}

/// Makes a builder from the environment variables that
/// [`Client::from_env`](crate::Client::from_env) reads, for programs that set more.
///
/// # Errors
/// When a variable is missing or wrong; the error names all that are.
pub fn from_env() -> Result<Builder, Error> {
    from_variables(|name| std::env::var_os(name), None)
}

/// Does the same as [`from_env`], with this key or signer instead of a private key in a file, and
/// with `UPVEST_KEY_ID` as the id of its public half.
///
/// `upvest_signers::from_env()` opens the signer that the variable `UPVEST_SIGNER` describes.
///
/// # Errors
/// When a variable is missing or wrong; the error names all that are.
pub fn from_env_with(signer: impl Into<RequestKey>) -> Result<Builder, Error> {
    from_variables(|name| std::env::var_os(name), Some(signer.into()))
}

/// Does the same as [`from_env`], with variables from another source: `lookup` reads one by its name,
/// from a file of settings for example. A given key or signer takes the place of a private key in a
/// file.
///
/// # Errors
/// When a variable is missing or wrong; the error names all that are.
pub fn from_variables(
    lookup: impl Fn(&str) -> Option<OsString>,
    signer: Option<RequestKey>,
) -> Result<Builder, Error> {
    let mut settings = Settings {
        lookup,
        taken: Vec::new(),
        faults: Vec::new(),
    };
    let base_url = settings.base_url();
    let client_id = settings.required(CLIENT_ID);
    let client_secret = settings.required(CLIENT_SECRET).map(Zeroizing::new);
    let key_id = settings.required(KEY_ID);
    let granted = settings.granted();
    let key = signer.or_else(|| settings.signing_key().map(RequestKey::from));
    match (base_url, client_id, client_secret, key_id, key) {
        (Some(base_url), Some(id), Some(secret), Some(key_id), Some(key))
            if settings.faults.is_empty() =>
        {
            let variables = settings.taken.join(", ");
            info!(variables, "settings were taken from the environment");
            let builder = super::builder()
                .base_url(base_url)
                .credentials(id, secret.as_str())
                .signer(key, key_id);
            Ok(match granted {
                Some(granted) => {
                    builder.scopes(move |operation| scopes::least_of(&granted, operation))
                }
                None => builder,
            })
        }
        _ => Err(settings.into_error()),
    }
}

struct Settings<F> {
    lookup: F,
    /// The variables that are set.
    taken: Vec<&'static str>,
    faults: Vec<Fault>,
}

struct Fault {
    message: String,
    source: Option<BoxError>,
}

impl<F: Fn(&str) -> Option<OsString>> Settings<F> {
    /// The value of this variable, or of the one that Upvest's own package uses for it.
    fn optional(&mut self, name: &'static str) -> Option<String> {
        let other = other_name(name).and_then(|other| Some((other, self.read(other)?)));
        match (self.read(name), other) {
            (Some(_), Some((other, _))) => {
                self.fault(format!("{name} and {other} are both set: keep one"), None);
                None
            }
            (Some(value), None) => {
                self.taken.push(name);
                Some(value)
            }
            (None, Some((other, value))) => {
                self.taken.push(other);
                Some(value)
            }
            (None, None) => None,
        }
    }

    /// An empty variable counts as missing.
    fn read(&mut self, name: &str) -> Option<String> {
        match (self.lookup)(name)?.into_string() {
            Ok(value) => (!value.is_empty()).then_some(value),
            Err(_) => {
                self.fault(format!("{name} is not UTF-8"), None);
                None
            }
        }
    }

    fn required(&mut self, name: &'static str) -> Option<String> {
        let before = self.faults.len();
        let value = self.optional(name);
        if value.is_none() && self.faults.len() == before {
            self.fault(format!("{name} is not set"), None);
        }
        value
    }

    fn base_url(&mut self) -> Option<String> {
        match (self.optional(ENVIRONMENT), self.optional(BASE_URL)) {
            (Some(_), Some(_)) => {
                self.fault(
                    format!("{ENVIRONMENT} and {BASE_URL} are both set: keep one"),
                    None,
                );
                None
            }
            (None, None) => {
                self.fault(format!("neither {ENVIRONMENT} nor {BASE_URL} is set"), None);
                None
            }
            (None, base_url) => base_url,
            (Some(environment), None) => match environment.parse::<Environment>() {
                Ok(environment) => Some(environment.base_url().to_owned()),
                Err(error) => {
                    self.fault(format!("{ENVIRONMENT}: {error}"), None);
                    None
                }
            },
        }
    }

    fn signing_key(&mut self) -> Option<SigningKey> {
        if self.read(SIGNER).is_some() {
            let advice = "open it with `upvest_signers::from_env`, and call `from_env_with`";
            self.fault(format!("{SIGNER} is set: {advice}"), None);
            return None;
        }
        let passphrase = self.optional(PRIVATE_KEY_PASSPHRASE).map(Zeroizing::new);
        let passphrase = passphrase.as_ref().map(|text| text.as_str());
        let text = self.optional(PRIVATE_KEY).map(Zeroizing::new);
        let base64 = self.optional(PRIVATE_KEY_BASE64).map(Zeroizing::new);
        let is_elsewhere = text.is_some() || base64.is_some();
        let file = match is_elsewhere {
            true => self.optional(PRIVATE_KEY_FILE),
            false => self.required(PRIVATE_KEY_FILE),
        };
        let (name, key) = match (file, text, base64) {
            (Some(file), None, None) => (
                PRIVATE_KEY_FILE,
                SigningKey::from_pem_file(file, passphrase).map_err(BoxError::from),
            ),
            (None, Some(text), None) => (
                PRIVATE_KEY,
                SigningKey::from_pem(&text, passphrase).map_err(BoxError::from),
            ),
            (None, None, Some(base64)) => (PRIVATE_KEY_BASE64, decoded(&base64, passphrase)),
            (None, None, None) => return None,
            _ => {
                let names = [PRIVATE_KEY_FILE, PRIVATE_KEY, PRIVATE_KEY_BASE64];
                self.fault(
                    format!("more than one of {} is set", names.join(", ")),
                    None,
                );
                return None;
            }
        };
        key.map_err(|error| self.fault(name.to_owned(), Some(error)))
            .ok()
    }

    /// The scopes that the client was granted, if the variable is set.
    fn granted(&mut self) -> Option<Vec<String>> {
        let granted = self.optional(SCOPES)?;
        let separators = |char: char| char == ',' || char.is_whitespace();
        let granted = granted.split(separators).filter(|scope| !scope.is_empty());
        Some(granted.map(str::to_owned).collect())
    }

    fn fault(&mut self, message: String, source: Option<BoxError>) {
        self.faults.push(Fault { message, source });
    }

    /// One error for everything that is missing or wrong.
    fn into_error(mut self) -> Error {
        if self.faults.len() == 1
            && let Some(Fault { message, source }) = self.faults.pop()
        {
            let error = Error::configuration(message);
            return match source {
                Some(source) => error.with_source(source),
                None => error,
            };
        }
        let faults: Vec<String> = self.faults.iter().map(Fault::line).collect();
        Error::configuration(faults.join("; "))
    }
}

/// A key whose PEM is written in base64, with or without line breaks.
fn decoded(base64: &str, passphrase: Option<&str>) -> Result<SigningKey, BoxError> {
    let text: Zeroizing<String> = Zeroizing::new(base64.split_ascii_whitespace().collect());
    let pem = Zeroizing::new(
        STANDARD
            .decode(text.as_bytes())
            // The error of the parser may quote a part of the key.
            .map_err(|_| "it is not base64")?,
    );
    let pem = str::from_utf8(&pem).map_err(|_| "it is base64, but not of PEM text")?;
    Ok(SigningKey::from_pem(pem, passphrase)?)
}

impl Fault {
    fn line(&self) -> String {
        let mut line = self.message.clone();
        let mut cause = self
            .source
            .as_ref()
            .map(|source| &**source as &dyn std::error::Error);
        while let Some(error) = cause {
            line.push_str(&format!(": {error}"));
            cause = error.source();
        }
        line
    }
}
