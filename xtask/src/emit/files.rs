//! Which files are generated, where they stand, and what writes them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use upvest_description::lower::lock::Lock;

/// The command that writes all generated files.
pub const COMMAND: &str = "cargo xtask generate";

/// The command that writes the files of surfaces.
pub const SURFACE: &str = "cargo xtask surface";

/// Where the models go, from the root of the workspace.
pub const MODELS: &str = "crates/models/src/generated";

/// Where the client goes, from the root of the workspace.
pub const CLIENT: &str = "crates/client/src/generated";

/// The list of all files of a generated directory, which stands among them.
pub(super) const MANIFEST: &str = "manifest.json";

/// Generated files by their path from the root of the workspace.
pub type Files = BTreeMap<PathBuf, String>;

/// The modules of one generated directory, by name.
pub(super) type Modules = BTreeMap<String, String>;

/// The file of the lock of names.
pub fn names(lock: &Lock) -> String {
    format!(
        "# The Rust names of everything. Written by `{COMMAND}`, reviewed like code; only the overlay \
         renames.\n{lock}"
    )
}
