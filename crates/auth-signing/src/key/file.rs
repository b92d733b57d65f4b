//! Key files.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

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
    let unwritable = |source| KeyError::Unwritable {
        path: path.to_owned(),
        source,
    };
    // In the same directory, since a file moves at once only within one file system.
    let directory = Path::new(".").join(path.parent().unwrap_or(path));
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o600));
    }
    let mut file = builder
        .prefix(".upvest-key-")
        .tempfile_in(directory)
        .map_err(unwritable)?;
    file.write_all(content.as_bytes()).map_err(unwritable)?;
    file.as_file().sync_all().map_err(unwritable)?;
    match file.persist_noclobber(path) {
        Ok(_) => Ok(()),
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
            Err(KeyError::FileExists {
                path: path.to_owned(),
            })
        }
        Err(error) => Err(unwritable(error.error)),
    }
}
