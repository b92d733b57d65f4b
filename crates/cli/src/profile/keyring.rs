//! Secrets in the keyring of the system: Keychain on macOS, Credential Manager on Windows, and elsewhere the
//! Secret Service, which GNOME and KDE have.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::failure::Failure;

/// What stands before the name of a secret in the file of profiles.
const SCHEME: &str = "keyring:";

/// A secret of this program in the keyring, by its name. The file of profiles has it as `keyring:NAME`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct InKeyring {
    name: String,
}

impl InKeyring {
    pub(super) fn new(name: String) -> Self {
        Self { name }
    }

    /// Reads the secret.
    ///
    /// # Errors
    ///
    /// When the keyring has no such secret, is locked, or cannot be reached.
    pub(super) fn read(&self) -> Result<Zeroizing<String>, Failure> {
        store::read(&self.name)
    }

    /// Writes the secret, in place of the one that was there.
    ///
    /// # Errors
    ///
    /// When the keyring is locked or cannot be reached.
    pub(super) fn write(&self, secret: &str) -> Result<(), Failure> {
        store::write(&self.name, secret)
    }

    /// Removes the secret, if it is there.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub(super) fn remove(&self) -> Result<(), Failure> {
        store::remove(&self.name)
    }
}

impl TryFrom<String> for InKeyring {
    type Error = &'static str;

    /// Any other text might be a secret, so an error does not show it.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = Zeroizing::new(text);
        match text.strip_prefix(SCHEME).filter(|name| !name.is_empty()) {
            Some(name) => Ok(Self::new(name.to_owned())),
            None => Err("write `keyring:NAME`: a secret itself does not belong here"),
        }
    }
}

impl From<InKeyring> for String {
    fn from(secret: InKeyring) -> Self {
        format!("{SCHEME}{}", secret.name)
    }
}

#[cfg(feature = "keyring")]
mod store {
    use std::sync::Arc;

    use keyring_core::{CredentialStore, Entry, Error, get_default_store, set_default_store};
    use zeroize::Zeroizing;

    use upvest_http::Excerpt;

    use crate::failure::Failure;

    /// What the secrets of this program belong to.
    const SERVICE: &str = "upvest";

    pub(super) fn read(name: &str) -> Result<Zeroizing<String>, Failure> {
        let secret = entry(name).and_then(|entry| entry.get_password());
        secret.map(Zeroizing::new).map_err(|error| match error {
            Error::NoEntry => Failure::configuration(format!("the keyring has no secret {name:?}"))
                .help("`upvest init NAME --keyring` puts it there"),
            error => failed(&error),
        })
    }

    pub(super) fn write(name: &str, secret: &str) -> Result<(), Failure> {
        let written = entry(name).and_then(|entry| entry.set_password(secret));
        written.map_err(|error| failed(&error))
    }

    pub(super) fn remove(name: &str) -> Result<(), Failure> {
        match entry(name).and_then(|entry| entry.delete_credential()) {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(failed(&error)),
        }
    }

    fn entry(name: &str) -> keyring_core::Result<Entry> {
        if get_default_store().is_none() {
            set_default_store(open()?);
        }
        Entry::new(SERVICE, name)
    }

    #[cfg(any(target_os = "linux", target_os = "freebsd"))]
    fn open() -> keyring_core::Result<Arc<CredentialStore>> {
        Ok(zbus_secret_service_keyring_store::Store::new()?)
    }

    #[cfg(target_os = "macos")]
    fn open() -> keyring_core::Result<Arc<CredentialStore>> {
        Ok(apple_native_keyring_store::keychain::Store::new()?)
    }

    #[cfg(windows)]
    fn open() -> keyring_core::Result<Arc<CredentialStore>> {
        Ok(windows_native_keyring_store::Store::new()?)
    }

    #[cfg(not(any(
        target_os = "linux",
        target_os = "freebsd",
        target_os = "macos",
        windows
    )))]
    fn open() -> keyring_core::Result<Arc<CredentialStore>> {
        Err(Error::NoDefaultStore)
    }

    fn failed(error: &Error) -> Failure {
        let (state, help) = match error {
            Error::NoStorageAccess(_) => ("is locked", "unlock it, or"),
            _ => ("cannot be used", "see whether it runs, or"),
        };
        // The errors around the cause only repeat it.
        let mut cause: &dyn std::error::Error = error;
        while let Some(source) = cause.source() {
            cause = source;
        }
        let cause = cause.to_string();
        let cause = Excerpt::new(&cause);
        let failure = Failure::configuration(format!("the keyring of the system {state}: {cause}"));
        failure.help(format!(
            "{help} keep the secret in a file: `upvest init NAME --client-secret-file PATH`"
        ))
    }
}

#[cfg(not(feature = "keyring"))]
mod store {
    use zeroize::Zeroizing;

    use crate::failure::Failure;

    pub(super) fn read(_: &str) -> Result<Zeroizing<String>, Failure> {
        Err(missing())
    }

    pub(super) fn write(_: &str, _: &str) -> Result<(), Failure> {
        Err(missing())
    }

    pub(super) fn remove(_: &str) -> Result<(), Failure> {
        Err(missing())
    }

    fn missing() -> Failure {
        Failure::configuration("this program was built without the keyring of the system")
            .help("build it with `--features keyring`, or keep the secret in a file")
    }
}

#[cfg(all(test, feature = "keyring"))]
pub(super) mod tests {
    use std::sync::Once;

    use super::*;

    /// Replaces the keyring of the system by one in memory, for all tests.
    pub(in crate::profile) fn in_memory() {
        static BEGIN: Once = Once::new();
        BEGIN.call_once(|| {
            let store = keyring_core::mock::Store::new().expect("a store");
            keyring_core::set_default_store(store);
        });
    }

    #[test]
    fn a_secret_is_kept_in_the_keyring() {
        in_memory();
        let one = InKeyring::new("one.secret".to_owned());
        let missing = one.read().expect_err("nothing is there");
        assert!(format!("{missing:?}").contains("--keyring"), "{missing:?}");
        for secret in ["hush", "hush again"] {
            one.write(secret).expect("it can be written");
            assert_eq!(*one.read().expect("it is there"), secret);
        }
        let other = InKeyring::new("other.secret".to_owned());
        assert!(other.read().is_err(), "each name has its own secret");
        one.remove().expect("it can be removed");
        one.read().expect_err("it is gone");
        one.remove().expect("what is not there is gone");
    }

    #[test]
    fn the_file_names_it_and_has_no_secret() {
        let text = |text: &str| InKeyring::try_from(text.to_owned());
        let named = text("keyring:mine.secret").expect("a name");
        assert_eq!(String::from(named), "keyring:mine.secret");
        for wrong in ["hush", "keyring:", "file:hush", ""] {
            let error = text(wrong).expect_err(wrong);
            assert!(!error.contains("hush"), "{error}");
        }
    }
}
