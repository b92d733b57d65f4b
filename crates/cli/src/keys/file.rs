//! Files with keys in any form.

use std::path::Path;

use upvest_auth_signing::{KeyError, SigningKey, VerifyingKey};
use zeroize::Zeroizing;

use crate::failure::{Failure, FailureKind};
use crate::input;

/// What a file has.
pub(super) enum Key {
    Private(SigningKey),
    Public(VerifyingKey),
}

impl Key {
    pub(super) fn public(&self) -> VerifyingKey {
        match self {
            Self::Private(key) => key.verifying_key(),
            Self::Public(key) => key.clone(),
        }
    }

    pub(super) fn private(self) -> Result<SigningKey, Failure> {
        Ok(self.private_half()?)
    }

    pub(super) fn private_half(self) -> Result<SigningKey, KeyError> {
        match self {
            Self::Private(key) => Ok(key),
            Self::Public(_) => Err(KeyError::PublicKey),
        }
    }
}

/// Reads a private or a public key. The passphrase is asked for if it is needed.
///
/// # Errors
///
/// When the file or the passphrase cannot be read. What is wrong with the key is the inner
/// error.
pub(super) fn read(
    path: &Path,
    passphrase: impl FnOnce() -> Result<Zeroizing<String>, Failure>,
) -> Result<Result<Key, KeyError>, Failure> {
    let content = std::fs::read(path).map(Zeroizing::new);
    let content = content
        .map_err(|error| Failure::file("read", path, error).of(FailureKind::Configuration))?;
    match private(&content, None) {
        Ok(key) => Ok(Ok(Key::Private(key))),
        Err(KeyError::PassphraseMissing) => {
            let passphrase = passphrase()?;
            Ok(private(&content, Some(&passphrase)).map(Key::Private))
        }
        Err(KeyError::PublicKey) => Ok(public(&content).map(Key::Public)),
        Err(error) => Ok(Err(error)),
    }
}

fn private(content: &[u8], passphrase: Option<&str>) -> Result<SigningKey, KeyError> {
    match std::str::from_utf8(content).map(input::without_mark) {
        Ok(text) if text.trim_start().starts_with('{') => {
            SigningKey::from_jwk(text).map(|jwk| jwk.key)
        }
        Ok(text) => SigningKey::from_pem(text, passphrase),
        Err(_) => SigningKey::from_der(content, passphrase),
    }
}

fn public(content: &[u8]) -> Result<VerifyingKey, KeyError> {
    match std::str::from_utf8(content).map(input::without_mark) {
        Ok(text) if text.trim_start().starts_with('{') => {
            VerifyingKey::from_jwk(text).map(|jwk| jwk.key)
        }
        Ok(text) => VerifyingKey::from_pem(text),
        Err(_) => VerifyingKey::from_der(content),
    }
}

/// The mode of a file that others than its owner may read or write.
#[cfg(unix)]
pub(super) fn mode_for_others(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// On other systems, files have no modes.
#[cfg(not(unix))]
pub(super) fn mode_for_others(_: &Path) -> Option<u32> {
    None
}
