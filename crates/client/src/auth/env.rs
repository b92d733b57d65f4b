//! Settings from environment variables.

use std::ffi::OsString;

use tracing::info;
use upvest_auth_signing::{RequestKey, SigningKey};
use zeroize::Zeroizing;

use super::{Builder, Environment};
use crate::{BoxError, Client, Error};

const ENVIRONMENT: &str = "UPVEST_ENVIRONMENT";
const BASE_URL: &str = "UPVEST_BASE_URL";
const CLIENT_ID: &str = "UPVEST_CLIENT_ID";
const CLIENT_SECRET: &str = "UPVEST_CLIENT_SECRET";
const KEY_ID: &str = "UPVEST_KEY_ID";
const PRIVATE_KEY_FILE: &str = "UPVEST_PRIVATE_KEY_FILE";
const PRIVATE_KEY_PASSPHRASE: &str = "UPVEST_PRIVATE_KEY_PASSPHRASE";
const SIGNER: &str = "UPVEST_SIGNER";

/// What Upvest's own package calls the same.
const OTHER_NAMES: [(&str, &str); 6] = [
    (BASE_URL, "UPVEST_API_BASE_URL"),
    (CLIENT_ID, "UPVEST_API_CLIENT_ID"),
    (CLIENT_SECRET, "UPVEST_API_CLIENT_SECRET"),
    (KEY_ID, "UPVEST_API_KEY_ID"),
    (
        PRIVATE_KEY_FILE,
        "UPVEST_API_HTTP_SIGN_PRIVATE_KEY_FILENAME",
    ),
    (
        PRIVATE_KEY_PASSPHRASE,
        "UPVEST_API_HTTP_SIGN_PRIVATE_KEY_PASSPHRASE",
    ),
];

impl Client {
    /// A client with tokens and signatures, as the environment variables describe it:
    ///
    /// | variable | what it holds |
    /// |---|---|
    /// | `UPVEST_ENVIRONMENT` | `sandbox` or `live` |
    /// | `UPVEST_BASE_URL` | instead of it: any other address |
    /// | `UPVEST_CLIENT_ID` | the client id |
    /// | `UPVEST_CLIENT_SECRET` | the client secret |
    /// | `UPVEST_KEY_ID` | the id that Upvest gave to the public key |
    /// | `UPVEST_PRIVATE_KEY_FILE` | the path of the private key, in PEM |
    /// | `UPVEST_PRIVATE_KEY_PASSPHRASE` | its passphrase, if it has one |
    ///
    /// What Upvest's own package reads is read as well: `UPVEST_API_BASE_URL`,
    /// `UPVEST_API_CLIENT_ID`, `UPVEST_API_CLIENT_SECRET`, `UPVEST_API_KEY_ID`,
    /// `UPVEST_API_HTTP_SIGN_PRIVATE_KEY_FILENAME` and `..._PASSPHRASE`. An event of `tracing` says
    /// which variables were taken.
    ///
    /// A signer elsewhere, as `UPVEST_SIGNER` describes it, takes time to open: see
    /// [`from_env_with`](crate::auth::from_env_with).
    ///
    /// # Errors
    /// When a variable is missing or wrong; the error names all that are.
    pub fn from_env() -> Result<Self, Error> {
        from_env()?.build()
    }
}

/// A builder with everything that the environment variables say which
/// [`Client::from_env`](crate::Client::from_env) reads, for those who want to set more.
///
/// # Errors
/// When a variable is missing or wrong; the error names all that are.
pub fn from_env() -> Result<Builder, Error> {
    read_builder(|name| std::env::var_os(name), None)
}

/// As [`from_env`], with this key or signer instead of a private key in a file, and
/// `UPVEST_KEY_ID` as the id of its public half.
///
/// `upvest_signers::from_env()` opens the signer that the variable `UPVEST_SIGNER` describes.
///
/// # Errors
/// When a variable is missing or wrong; the error names all that are.
pub fn from_env_with(signer: impl Into<RequestKey>) -> Result<Builder, Error> {
    read_builder(|name| std::env::var_os(name), Some(signer.into()))
}

/// A builder with everything that the variables say; `lookup` reads one of them.
fn read_builder(
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
    let key = signer.or_else(|| settings.signing_key().map(RequestKey::from));
    match (base_url, client_id, client_secret, key_id, key) {
        (Some(base_url), Some(id), Some(secret), Some(key_id), Some(key))
            if settings.faults.is_empty() =>
        {
            let variables = settings.taken.join(", ");
            info!(variables, "settings were taken from the environment");
            Ok(super::builder()
                .base_url(base_url)
                .credentials(id, secret.as_str())
                .signer(key, key_id))
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
    /// The value under this name, or that which Upvest's own package has for it.
    fn optional(&mut self, name: &'static str) -> Option<String> {
        let other = OTHER_NAMES.iter().find(|(ours, _)| *ours == name);
        let other = other.and_then(|(_, other)| Some((*other, self.read(other)?)));
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
        let file = self.required(PRIVATE_KEY_FILE)?;
        SigningKey::from_pem_file(file, passphrase.as_ref().map(|text| text.as_str()))
            .map_err(|error| self.fault(PRIVATE_KEY_FILE.to_owned(), Some(error.into())))
            .ok()
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

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use upvest_auth_signing::KeyAlgorithm;

    use super::*;

    fn error(variables: &[(&str, &str)]) -> String {
        read(variables).unwrap_err().to_string()
    }

    fn read(variables: &[(&str, &str)]) -> Result<Builder, Error> {
        let variables: HashMap<&str, &str> = variables.iter().copied().collect();
        read_builder(|name| variables.get(name).map(OsString::from), None)
    }

    const ALL_BUT_KEY: [(&str, &str); 4] = [
        (ENVIRONMENT, "Sandbox"),
        (CLIENT_ID, "id"),
        (CLIENT_SECRET, "hush"),
        (KEY_ID, "key id"),
    ];

    fn with(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        [&ALL_BUT_KEY[..], more].concat()
    }

    #[test]
    fn all_that_is_missing_or_wrong_is_named() {
        let key = (PRIVATE_KEY_FILE, "no/such/key.pem");
        let errors = [
            error(&[]),
            error(&ALL_BUT_KEY),
            error(&with(&[(CLIENT_ID, ""), key])),
            error(&with(&[(ENVIRONMENT, "production"), key])),
            error(&with(&[(BASE_URL, "https://a.example"), key])),
            error(&with(&[key])),
        ];
        // Each system has its own words for a file that is not there.
        let not_there = std::fs::read("no/such/key.pem").unwrap_err().to_string();
        insta::assert_snapshot!(errors.join("\n").replace(&not_there, "(not there)"));
        assert!(!errors.join("").contains("hush"));
    }

    #[test]
    fn the_names_of_upvests_own_package_are_read() {
        let variables = [
            ("UPVEST_API_BASE_URL", "https://sandbox.upvest.co"),
            ("UPVEST_API_CLIENT_ID", "id"),
            ("UPVEST_API_CLIENT_SECRET", "hush"),
            ("UPVEST_API_KEY_ID", "key id"),
        ];
        assert_eq!(error(&variables), "UPVEST_PRIVATE_KEY_FILE is not set");
        let both = [&variables[..], &[(CLIENT_ID, "id")]].concat();
        let expected = "UPVEST_CLIENT_ID and UPVEST_API_CLIENT_ID are both set: keep one";
        assert!(error(&both).starts_with(expected), "{}", error(&both));

        let variables: HashMap<&str, &str> = variables.into();
        let key = SigningKey::generate(KeyAlgorithm::Ed25519).unwrap();
        let lookup = |name: &str| variables.get(name).map(OsString::from);
        read_builder(lookup, Some(key.into()))
            .unwrap()
            .build()
            .unwrap();
    }

    #[test]
    fn a_signer_is_not_overlooked() {
        let key = (PRIVATE_KEY_FILE, "no/such/key.pem");
        let error = error(&with(&[key, (SIGNER, "ssh-agent:upvest")]));
        assert!(
            error.starts_with("UPVEST_SIGNER is set: open it"),
            "{error}"
        );
    }

    #[test]
    fn the_only_thing_wrong_is_the_source_of_the_error() {
        use std::error::Error as _;
        let error = read(&with(&[(PRIVATE_KEY_FILE, "no/such/key.pem")])).unwrap_err();
        assert!(
            error
                .source()
                .unwrap()
                .is::<upvest_auth_signing::KeyError>()
        );
    }

    #[test]
    fn what_is_complete_makes_a_client() {
        let file = std::env::temp_dir().join(format!("upvest-env-test-{}.pem", std::process::id()));
        let key = SigningKey::generate(KeyAlgorithm::Ed25519).unwrap();
        std::fs::write(&file, key.to_pkcs8_pem().as_bytes()).unwrap();
        let path = file.to_str().unwrap();
        let mut variables = vec![(PRIVATE_KEY_FILE, path)];
        variables.extend(ALL_BUT_KEY);
        let client = read(&variables).unwrap().build().unwrap();
        std::fs::remove_file(&file).unwrap();
        let shown = format!("{client:?}");
        assert!(
            shown.contains("https://sandbox.upvest.co") && !shown.contains("hush"),
            "{shown}"
        );
    }
}
