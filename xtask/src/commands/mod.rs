//! One module per task.

use std::path::{Path, PathBuf};

use clap::Args;
use xtask::document::Document;
use xtask::error::{Error, Result};

pub(crate) mod effective;
pub(crate) mod full;
pub(crate) mod generate;
pub(crate) mod spec;
pub(crate) mod surface;

/// The exit code for an error.
pub(crate) const FAILED: u8 = 2;

/// Which description a task works on.
#[derive(Args)]
pub(crate) struct Source {
    /// The API description [default: spec/upvest.yaml, with spec/overlay.yaml]
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,

    /// An OpenAPI Overlay 1.1 to lay over the description, after its own; may be repeated
    #[arg(long, value_name = "FILE")]
    overlay: Vec<PathBuf>,
}

impl Source {
    pub(crate) fn of(file: PathBuf, overlay: Vec<PathBuf>) -> Self {
        Self {
            spec: Some(file),
            overlay,
        }
    }

    /// The document as generation sees it. On any but the vendored one, an action of an overlay
    /// that does nothing is no more than reported.
    pub(crate) fn read(&self, root: &Path) -> Result<Document> {
        let Some(file) = &self.spec else {
            return xtask::vendored(root, &self.overlay);
        };
        let effective = xtask::effective(file, &self.overlay)?;
        for idle in &effective.idle {
            eprintln!("warning: {idle}");
        }
        Ok(effective.document)
    }
}

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
