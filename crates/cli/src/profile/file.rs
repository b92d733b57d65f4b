//! The file of profiles.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::keyring::InKeyring;
use crate::failure::Failure;
use crate::input;

/// The variable that names another file.
const VARIABLE: &str = "UPVEST_CONFIG";

/// All profiles, as the file has them. No secret is in it.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profiles {
    /// The one that is used unless told otherwise.
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
    /// Any other address.
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
    /// A signer elsewhere, in the words of `upvest_signers::open`.
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
            Err(error) => return Err(Failure::file("read", &path, error)),
        };
        profiles.path = path;
        Ok(profiles)
    }

    /// Writes the file anew. Only its owner can read it.
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
/// whole.
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
    // The error of a temporary file names it, and nobody asked for that name.
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
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(path) = variable(VARIABLE) {
        return Ok(path.into());
    }
    let directory = match cfg!(windows) {
        true => variable("APPDATA").map(PathBuf::from),
        false => variable("XDG_CONFIG_HOME")
            .map(PathBuf::from)
            .or_else(|| Some(PathBuf::from(variable("HOME")?).join(".config"))),
    };
    match directory {
        Some(directory) => Ok(directory.join("upvest").join("config.toml")),
        None => Err(
            Failure::configuration("there is no home directory").help(format!(
                "set {VARIABLE} to the path of the file of profiles"
            )),
        ),
    }
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
