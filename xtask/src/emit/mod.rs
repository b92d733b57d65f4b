//! Writing Rust: all generated files of an API, in memory, each written once.

use std::path::PathBuf;

use serde_json::json;

use upvest_description::ir::Api;

mod client;
mod events;
mod examples;
mod files;
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

pub use files::{CLIENT, COMMAND, Files, MODELS, SURFACE, names};
use files::{MANIFEST, Modules};

/// Writes everything.
pub fn emit(api: &Api) -> Files {
    let mut files = Files::new();
    add(&mut files, MODELS, api, models::modules(api));
    add(&mut files, CLIENT, api, client::modules(api));
    files
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
