//! The file of profiles.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::keyring::InKeyring;
use crate::failure::{Failure, FailureKind};
use crate::input;

/// The variable that names another file.
const VARIABLE: &str = "UPVEST_CONFIG";

/// All profiles, as the file has them. No secret is in it.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profiles {
    /// The one that is used unless another is named.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub(crate) used: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) profiles: BTreeMap<String, Profile>,
    #[serde(skip)]
    path: PathBuf,
}

/// A client of the API. Paths are relative to the directory of the file of profiles.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    /// `sandbox` or `live`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) environment: Option<String>,
    /// Another address of the API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) base_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_secret_file: Option<PathBuf>,
    /// In place of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) client_secret: Option<InKeyring>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) key_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) private_key_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// In place of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) passphrase: Option<InKeyring>,
    /// A remote signer, in the format of `upvest_signers::open`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) signer: Option<String>,
    /// The scopes that the client was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scopes: Option<String>,
}

impl Profiles {
    /// Reads the file. Without a file there are no profiles.
    ///
    /// # Errors
    ///
    /// When it cannot be read, or is not what it should be.
    pub(crate) fn read() -> Result<Self, Failure> {
        let path = path()?;
        let mut profiles: Self = match std::fs::read_to_string(&path) {
            Ok(text) => {
                let text = input::without_mark(&text);
                toml::from_str(text).map_err(|error| malformed(&path, text, &error))?
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::default(),
            Err(error) => {
                return Err(Failure::file("read", &path, error).of(FailureKind::Configuration));
            }
        };
        profiles.path = path;
        Ok(profiles)
    }

    /// Writes the file again. Only its owner can read it.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub(crate) fn write(&self) -> Result<(), Failure> {
        let text = toml::to_string(self).map_err(|error| {
            Failure::configuration(format!("the profiles cannot be written: {error}"))
        })?;
        write_private(&self.path, text.as_bytes(), Existing::Replace)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The directory that paths are relative to.
    pub(crate) fn directory(&self) -> PathBuf {
        let parent = self.path.parent();
        parent.unwrap_or(Path::new(".")).to_owned()
    }
}

/// Whether what is there may be replaced.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Existing {
    Keep,
    Replace,
}

/// Writes a file that, on Unix, only its owner can read and write (mode 0600). It appears when it is
/// complete.
///
/// # Errors
///
/// When it cannot be written, or is there and is to be kept.
pub(crate) fn write_private(
    path: &Path,
    content: &[u8],
    existing: Existing,
) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::file("write", path, error);
    let directory = path.parent().filter(|one| !one.as_os_str().is_empty());
    let directory = directory.unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory).map_err(failed)?;
    // The mode of temporary files is 0600.
    // The error of a temporary file shows its name, which says nothing to the user.
    let begun = tempfile::NamedTempFile::new_in(directory);
    let mut file = begun.map_err(|error| failed(error.kind().into()))?;
    file.write_all(content).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    let persisted = match existing {
        Existing::Replace => file.persist(path),
        Existing::Keep => file.persist_noclobber(path),
    };
    persisted.map(drop).map_err(|error| failed(error.error))
}

fn path() -> Result<PathBuf, Failure> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    place(cfg!(windows), variable).ok_or_else(|| {
        Failure::configuration("there is no home directory").help(format!(
            "set {VARIABLE} to the path of the file of profiles"
        ))
    })
}

/// Where the file is by these variables: in `%APPDATA%` on Windows, elsewhere by the XDG Base Directory
/// Specification.
fn place(is_windows: bool, variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    if let Some(path) = variable(VARIABLE) {
        return Some(path.into());
    }
    let directory = match is_windows {
        true => PathBuf::from(variable("APPDATA")?),
        false => match variable("XDG_CONFIG_HOME") {
            Some(directory) => directory.into(),
            None => PathBuf::from(variable("HOME")?).join(".config"),
        },
    };
    Some(directory.join("upvest").join("config.toml"))
}

/// What toml says of a file quotes the line, which might be a secret that somebody wrote there.
fn malformed(path: &Path, text: &str, error: &toml::de::Error) -> Failure {
    let before = error
        .span()
        .map_or("", |span| &text[..span.start.min(text.len())]);
    let line = before.matches('\n').count() + 1;
    let message = error.message().lines().next().unwrap_or_default();
    Failure::configuration(format!("`{}`, line {line}: {message}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_where_each_system_keeps_such_files() {
        let all = [
            ("APPDATA", r"C:\Users\me\AppData\Roaming"),
            ("HOME", "/home/me"),
            ("XDG_CONFIG_HOME", "/home/me/settings"),
            (VARIABLE, "elsewhere.toml"),
        ];
        let place = |is_windows: bool, known: usize| {
            place(is_windows, |name| {
                let mut known = all[..known].iter();
                known
                    .find(|(one, _)| *one == name)
                    .map(|(_, value)| value.into())
            })
        };
        let below = |directory: &str| {
            let directory = Path::new(directory).join("upvest");
            Some(directory.join("config.toml"))
        };
        let roaming = below(r"C:\Users\me\AppData\Roaming");
        for (is_windows, known, expected) in [
            (true, 0, None),
            (true, 1, roaming.clone()),
            (true, 3, roaming),
            (true, 4, Some("elsewhere.toml".into())),
            (false, 1, None),
            (false, 2, below("/home/me/.config")),
            (false, 3, below("/home/me/settings")),
            (false, 4, Some("elsewhere.toml".into())),
        ] {
            assert_eq!(place(is_windows, known), expected, "{is_windows} {known}");
        }
    }
}
