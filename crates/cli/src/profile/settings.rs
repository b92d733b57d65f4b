//! Settings by the names of environment variables, wherever they are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use upvest::variables::{
    BASE_URL, CLIENT_ID, CLIENT_SECRET, ENVIRONMENT, KEY_ID, PRIVATE_KEY_FILE,
    PRIVATE_KEY_PASSPHRASE, SCOPES, SIGNER, alternatives, other_name,
};
use upvest::{Builder, Environment, RequestKey};
use zeroize::Zeroizing;

use super::keyring::InKeyring;
use super::local::plain;
use super::{Admin, LOCAL, Profile, Profiles};
use crate::failure::{Failure, FailureKind, with_sources};
use crate::globals::Globals;
use crate::input;
use crate::prompt;

/// What a client is built from.
pub(crate) struct Settings {
    /// The profile, if there is one.
    pub(crate) name: Option<String>,
    /// What the profile says, by the names of variables.
    variables: Vec<(String, Zeroizing<String>)>,
}

impl Settings {
    /// Those of a profile, or of the one in use.
    ///
    /// # Errors
    ///
    /// When there is no such profile, its files cannot be read, or no sandbox answers for `local`.
    pub(crate) async fn load(name: Option<&str>) -> Result<Self, Failure> {
        let profiles = Profiles::read()?;
        let variable = || {
            std::env::var("UPVEST_PROFILE")
                .ok()
                .filter(|text| !text.is_empty())
        };
        let name = name
            .map(str::to_owned)
            .or_else(variable)
            .or_else(|| profiles.used.clone());
        let variables = match &name {
            None => Vec::new(),
            Some(name) => match profiles.profiles.get(name) {
                Some(profile) => of_profile(profile, &profiles.directory())?,
                None if name == LOCAL => of_map(Admin::at(None).variables().await?),
                None => {
                    let path = profiles.path().display();
                    let failure =
                        Failure::configuration(format!("`{path}` has no profile {name:?}"));
                    return Err(failure.help(format!("make it with `upvest init {name}`")));
                }
            },
        };
        Ok(Self { name, variables })
    }

    /// The value of a variable: that of the environment, or else that of the profile.
    pub(crate) fn get(&self, name: &str) -> Option<OsString> {
        let given = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        if let Some(value) = given(name) {
            return Some(value);
        }
        // An alternative variable of the environment takes precedence, too.
        if alternatives(name).any(|name| given(name).is_some()) {
            return None;
        }
        let (_, value) = self.variables.iter().find(|(one, _)| one == name)?;
        Some(value.as_str().into())
    }

    /// As [`get`](Self::get), under the name or under that of Upvest's own package.
    fn text(&self, name: &str) -> Option<String> {
        let mut names = std::iter::once(name).chain(other_name(name));
        names.find_map(|name| self.get(name)?.into_string().ok())
    }

    /// Client id and secret, for a call that sends them as arguments.
    pub(crate) fn credentials(&self) -> Option<(String, Zeroizing<String>)> {
        let secret = Zeroizing::new(self.text(CLIENT_SECRET)?);
        Some((self.text(CLIENT_ID)?, secret))
    }

    /// The scopes that the client was granted, if the settings say so.
    pub(crate) fn scopes(&self) -> Option<String> {
        self.text(SCOPES)
    }

    /// The address of the API; nothing if it is not set, or set wrongly.
    pub(crate) fn base_url(&self) -> Option<String> {
        match self.text(ENVIRONMENT) {
            Some(name) => Some(name.parse::<Environment>().ok()?.base_url().to_owned()),
            None => self.text(BASE_URL),
        }
    }

    /// Whether calls reach the live API.
    pub(crate) fn is_live(&self) -> bool {
        let host = |url: &str| Some(url::Url::parse(url).ok()?.host_str()?.to_owned());
        let live = host(Environment::Live.base_url());
        self.base_url().and_then(|url| host(&url)) == live
    }

    /// Whether the API is on this machine, and speaks no TLS.
    fn is_here(&self) -> bool {
        let url = self.base_url().and_then(|url| url::Url::parse(&url).ok());
        url.is_some_and(|url| {
            let host = url.host_str().unwrap_or_default();
            url.scheme() == "http" && matches!(host, "localhost" | "127.0.0.1" | "[::1]")
        })
    }

    /// Asks before something is changed at the live API: `what` says what that is.
    ///
    /// # Errors
    ///
    /// When the answer is no, or there is no terminal.
    pub(crate) fn confirm(&self, globals: &Globals, what: &str) -> Result<(), Failure> {
        if globals.yes || !self.is_live() || prompt::confirm(&format!("{what} Go on? [y/N] "))? {
            return Ok(());
        }
        Err(Failure::new(FailureKind::NotConfirmed, what).help("add `--yes` to go ahead"))
    }

    /// A builder of a client.
    ///
    /// # Errors
    ///
    /// When something is missing or wrong, or a signer cannot be opened.
    pub(crate) async fn builder(&self) -> Result<Builder, Failure> {
        let signer = match self.get(SIGNER) {
            None => None,
            Some(description) => {
                let description = description.to_string_lossy().into_owned();
                let signer = upvest_signers::open(&description).await;
                let signer =
                    signer.map_err(|error| Failure::configuration(with_sources(&error)))?;
                Some(RequestKey::from(signer))
            }
        };
        // The signer is open, so its variable is not read again.
        let is_open = signer.is_some();
        let lookup = |name: &str| match name {
            SIGNER if is_open => None,
            name => self.get(name),
        };
        let builder = upvest::from_variables(lookup, signer).map_err(|error| self.unset(error))?;
        Ok(match self.is_here() {
            true => builder.transport(plain()?),
            false => builder,
        })
    }

    fn unset(&self, error: upvest::Error) -> Failure {
        let failure = Failure::from(error);
        match &self.name {
            Some(name) => failure.help(format!("`upvest init {name}` asks for what is missing")),
            None => failure.help(
                "make a profile with `upvest init`, or add `--profile local` for a running `upvest sandbox`",
            ),
        }
    }
}

fn of_map(variables: Map<String, Value>) -> Vec<(String, Zeroizing<String>)> {
    let text = |(name, value): (String, Value)| match value {
        Value::String(text) => Some((name, Zeroizing::new(text))),
        _ => None,
    };
    variables.into_iter().filter_map(text).collect()
}

fn of_profile(
    profile: &Profile,
    directory: &Path,
) -> Result<Vec<(String, Zeroizing<String>)>, Failure> {
    let text = |value: &Option<String>| value.clone().map(Zeroizing::new);
    let kept = |path: &Option<PathBuf>, keyring: &Option<InKeyring>| match (path, keyring) {
        (Some(_), Some(_)) => Err(Failure::configuration(
            "the profile has a secret in a file and in the keyring: keep one",
        )),
        (Some(path), None) => secret(&directory.join(path)).map(Some),
        (None, keyring) => keyring.as_ref().map(InKeyring::read).transpose(),
    };
    let key_file = profile.private_key_file.as_ref();
    let key_file = key_file.map(|path| directory.join(path).to_string_lossy().into_owned());
    let all = [
        (ENVIRONMENT, text(&profile.environment)),
        (BASE_URL, text(&profile.base_url)),
        (CLIENT_ID, text(&profile.client_id)),
        (
            CLIENT_SECRET,
            kept(&profile.client_secret_file, &profile.client_secret)?,
        ),
        (KEY_ID, text(&profile.key_id)),
        (PRIVATE_KEY_FILE, key_file.map(Zeroizing::new)),
        (
            PRIVATE_KEY_PASSPHRASE,
            kept(&profile.passphrase_file, &profile.passphrase)?,
        ),
        (SIGNER, text(&profile.signer)),
        (SCOPES, text(&profile.scopes)),
    ];
    let set = all
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Ok(set.collect())
}

/// The secret in a file, without the end of its line.
///
/// # Errors
///
/// When it cannot be read.
pub(crate) fn secret(path: &Path) -> Result<Zeroizing<String>, Failure> {
    let text = std::fs::read_to_string(path).map(Zeroizing::new);
    let text =
        text.map_err(|error| Failure::file("read", path, error).of(FailureKind::Configuration))?;
    let secret = input::without_mark(&text).trim_end_matches(['\r', '\n']);
    Ok(Zeroizing::new(secret.to_owned()))
}

#[cfg(all(test, feature = "keyring"))]
mod tests {
    use super::*;

    #[test]
    fn secrets_of_a_profile_come_from_the_keyring() {
        crate::profile::keyring::tests::in_memory();
        let [secret, passphrase] = ["hush", "hush, too"].map(|text| {
            let kept = InKeyring::new(format!("settings.{text}"));
            kept.write(text).expect("it can be written");
            Some(kept)
        });
        let profile = Profile {
            client_secret: secret,
            passphrase,
            ..Profile::default()
        };
        let found = of_profile(&profile, Path::new(".")).expect("they are there");
        let value = |name: &str| {
            let found = found.iter().find(|(one, _)| one == name);
            found.map(|(_, value)| value.as_str())
        };
        assert_eq!(value(CLIENT_SECRET), Some("hush"));
        assert_eq!(value(PRIVATE_KEY_PASSPHRASE), Some("hush, too"));
        let missing = Profile {
            client_secret: Some(InKeyring::new("nobody".to_owned())),
            ..Profile::default()
        };
        assert!(of_profile(&missing, Path::new(".")).is_err());
    }
}
