//! Writing Rust: all generated files of an API, in memory, each written once.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use upvest_description::ir::Api;
use upvest_description::lower::lock::Lock;

mod client;
mod events;
mod examples;
mod limits;
mod models;
pub mod program;
pub mod reference;
pub mod sandbox;
mod structs;
pub mod surface;
mod table;
mod text;
mod types;
mod unions;

/// The command that writes all generated files.
pub const COMMAND: &str = "cargo xtask generate";

/// The command that writes the files of surfaces.
pub const SURFACE: &str = "cargo xtask surface";

/// Where the models go, from the root of the workspace.
pub const MODELS: &str = "crates/models/src/generated";

/// Where the client goes, from the root of the workspace.
pub const CLIENT: &str = "crates/client/src/generated";

/// The list of all files of a generated directory, which stands among them.
const MANIFEST: &str = "manifest.json";

/// Generated files by their path from the root of the workspace.
pub type Files = BTreeMap<PathBuf, String>;

/// The modules of one generated directory, by name.
type Modules = BTreeMap<String, String>;

/// Writes everything.
pub fn emit(api: &Api) -> Files {
    let mut files = Files::new();
    add(&mut files, MODELS, api, models::modules(api));
    add(&mut files, CLIENT, api, client::modules(api));
    files
}

/// The file of the lock of names.
pub fn names(lock: &Lock) -> String {
    format!(
        "# The Rust names of everything. Written by `{COMMAND}`, reviewed like code; only the overlay \
         renames.\n{lock}"
    )
}

fn add(files: &mut Files, directory: &str, api: &Api, modules: Modules) {
    let mut names: Vec<String> = modules
        .keys()
        .map(|module| format!("{module}.rs"))
        .collect();
    names.push(MANIFEST.to_owned());
    names.sort_unstable();
    let manifest = json!({
        "command": COMMAND,
        "description": {
            "title": api.title,
            "version": api.version,
            "sha256": api.digest,
        },
        "files": names,
    });
    for (module, content) in modules {
        let text = format!("{}{content}", text::header(api));
        files.insert(PathBuf::from(directory).join(format!("{module}.rs")), text);
    }
    files.insert(
        PathBuf::from(directory).join(MANIFEST),
        format!("{manifest:#}\n"),
    );
}
