use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// A private key in a file that is removed when this value is dropped.
pub(crate) struct KeyFile(PathBuf);

impl KeyFile {
    /// Writes a key to a new file that only its owner may read. An existing file is
    /// never overwritten: it might be somebody's real key.
    pub(crate) fn create(path: &Path, pem: &str) -> io::Result<Self> {
        let in_file = |error: io::Error| {
            let text = format!("cannot write the key file `{}`: {error}", path.display());
            io::Error::new(error.kind(), text)
        };
        let path = std::path::absolute(path).map_err(in_file)?;
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).map_err(in_file)?;
        let key_file = Self(path.clone());
        file.write_all(pem.as_bytes()).map_err(in_file)?;
        Ok(key_file)
    }

    /// Where it is: an absolute path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        // It may have been removed already.
        let _ = fs::remove_file(&self.0);
    }
}
