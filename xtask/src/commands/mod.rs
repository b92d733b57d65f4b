//! One module per task.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};
use xtask::description::Description;
use xtask::document::Document;
use xtask::error::{Error, Pointer, Result};
use xtask::names::is_makeshift;
use xtask::types::Type;
use xtask::untyped;

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
        let effective = xtask::effective(root, file, &self.overlay)?;
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

/// Prints what somebody should look at: what is left out, what has no type, and which types want a
/// better name.
pub(crate) fn print_remarks(description: &Description) {
    for left_out in &description.left_out {
        println!("left out: {}: {}", left_out.pointer, left_out.reason);
    }
    for untyped in untyped::find(description) {
        println!("untyped: {}: {}", untyped.pointer, untyped.reason);
    }
    for kind in makeshift(description) {
        println!("to be named: {}: `{}`", kind.pointer, kind.name);
    }
}

/// The same for programs, with what the description is.
pub(crate) fn remarks(description: &Description) -> Value {
    let place =
        |pointer: &Pointer, reason: &str| json!({ "pointer": pointer.as_str(), "reason": reason });
    let left_out = description.left_out.iter();
    let untyped = untyped::find(description).into_iter();
    let to_be_named = makeshift(description);
    json!({
        "title": description.title,
        "version": description.version,
        "left_out": left_out.map(|one| place(&one.pointer, &one.reason)).collect::<Vec<_>>(),
        "untyped": untyped.map(|one| place(&one.pointer, one.reason)).collect::<Vec<_>>(),
        "to_be_named": to_be_named.map(|one| one.name.as_str()).collect::<Vec<_>>(),
    })
}

/// The types whose names no person would have chosen.
fn makeshift(description: &Description) -> impl Iterator<Item = &Type> {
    description.types().filter(|kind| is_makeshift(&kind.name))
}

/// A path as it is written everywhere but on Windows.
pub(crate) fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
