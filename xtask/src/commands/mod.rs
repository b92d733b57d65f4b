//! One module per task.

use std::path::{Path, PathBuf};

use xtask::error::{Error, Result};

pub(crate) mod generate;
pub(crate) mod spec;
pub(crate) mod surface;

/// The exit code for an error.
pub(crate) const FAILED: u8 = 2;

/// The workspace that this program was built in.
fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// The workspace to work in: the one named, or this one.
pub(crate) fn root(named: Option<&Path>) -> Result<PathBuf> {
    let root = named.map_or_else(workspace, Path::to_owned);
    if !root.is_dir() {
        return Err(
            Error::new("there is no such directory", "name the root of a workspace").in_file(&root),
        );
    }
    Ok(root)
}

/// A path as it is written everywhere but on Windows.
pub(crate) fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
