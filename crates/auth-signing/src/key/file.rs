//! Key files.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use uuid::Uuid;
use zeroize::Zeroizing;

use super::{KeyError, guess};

/// More than any key takes, in bytes.
const LIMIT: usize = 64 * 1024;

/// What `parse` makes of the text in a file. The text is wiped from memory afterwards.
pub(super) fn parse<T>(
    path: &Path,
    parse: impl FnOnce(&str) -> Result<T, KeyError>,
) -> Result<T, KeyError> {
    let content = read(path).map_err(|source| KeyError::Unreadable {
        path: path.to_owned(),
        source,
    })?;
    let parsed = if content.len() > LIMIT {
        Err(KeyError::TooLarge { limit: LIMIT })
    } else {
        match std::str::from_utf8(&content) {
            Ok(text) => parse(text),
            Err(_) => Err(KeyError::NotPem {
                looks_like: guess::looks_like(&content),
            }),
        }
    };
    parsed.map_err(|error| KeyError::InFile {
        path: path.to_owned(),
        error: Box::new(error),
    })
}

/// At most one byte more than the limit.
fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    // All the room it can need: growing would leave copies behind.
    let mut content = Zeroizing::new(Vec::with_capacity(LIMIT + 1));
    File::open(path)?
        .take(LIMIT as u64 + 1)
        .read_to_end(&mut content)?;
    Ok(content)
}

/// Writes a new file. It appears under its name when it is complete.
pub(super) fn write_new(path: &Path, content: &str) -> Result<(), KeyError> {
    TemporaryFile::write(path, content)
        .and_then(|file| file.publish(path))
        .map_err(|source| {
            let path = path.to_owned();
            match source.kind() {
                io::ErrorKind::AlreadyExists => KeyError::FileExists { path },
                _ => KeyError::Unwritable { path, source },
            }
        })
}

/// A complete file that does not have its name yet. It is removed when this is dropped.
struct TemporaryFile(PathBuf);

impl TemporaryFile {
    /// Writes the file beside its later name, since a file gets another name only within one file
    /// system. From the start, only its owner can read it.
    fn write(path: &Path, content: &str) -> io::Result<Self> {
        let path = path.with_file_name(format!(".upvest-key-{}", Uuid::new_v4().simple()));
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        let written = Self(path);
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        Ok(written)
    }

    /// Gives the file its name, unless there is one of that name.
    fn publish(&self, path: &Path) -> io::Result<()> {
        match fs::hard_link(&self.0, path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => self.replace_empty(path),
            linked => linked,
        }
    }

    /// The same where there are no hard links, as on FAT: an empty file takes the name, and is
    /// replaced.
    fn replace_empty(&self, path: &Path) -> io::Result<()> {
        File::create_new(path)?;
        fs::rename(&self.0, path).inspect_err(|_| {
            let _ = fs::remove_file(path);
        })
    }
}

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_its_name_without_hard_links() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("key.pem");
        let publish = |content| TemporaryFile::write(&path, content)?.replace_empty(&path);
        publish("key").expect("no file has the name");
        let error = publish("another").expect_err("a file has the name");
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).expect("reads"), b"key");
        assert_eq!(fs::read_dir(&directory).expect("lists").count(), 1);
    }

    #[test]
    fn no_empty_file_is_left_behind() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("key.pem");
        let file = TemporaryFile::write(&path, "key").expect("writes");
        fs::remove_file(&file.0).expect("removes");
        let error = file.replace_empty(&path).expect_err("nothing is left");
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert_eq!(fs::read_dir(&directory).expect("lists").count(), 0);
    }
}
