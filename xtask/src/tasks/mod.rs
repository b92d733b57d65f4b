//! The tasks of `cargo xtask`, one module each.

use std::path::{Path, PathBuf};

use crate::Outcome;
use clap::Args;
use serde_json::{Value, json};
use upvest_description::error::{Error, Pointer, Result};
use upvest_description::ir::{Api, Def};
use upvest_description::names;
use upvest_description::read::document::Document;

pub mod book;
pub mod changelog;
pub mod ci;
pub mod effective;
pub mod full;
pub mod generate;
pub mod msrv;
pub mod packages;
pub mod process;
pub mod release;
pub mod semver;
pub mod spec;
pub mod standalone;
pub mod surface;
pub mod unreleased;
pub mod update;
pub mod versions;

/// The exit code for an error.
pub const FAILED: u8 = 2;

/// Which description a task works on.
#[derive(Args, Debug)]
pub struct Source {
    /// The API description [default: spec/upvest.yaml, with spec/overlay.yaml]
    #[arg(long, value_name = "FILE")]
    spec: Option<PathBuf>,

    /// An OpenAPI Overlay 1.1 to apply to the description, after its own; may be repeated
    #[arg(long, value_name = "FILE")]
    overlay: Vec<PathBuf>,

    /// List the parts of overlays that have no effect
    #[arg(long)]
    verbose: bool,
}

impl Source {
    /// This file, with these overlays. With `verbose`, every action that does nothing is reported.
    pub fn of(file: PathBuf, overlay: Vec<PathBuf>, verbose: bool) -> Self {
        Self {
            spec: Some(file),
            overlay,
            verbose,
        }
    }

    /// What is generated from it. Names of the vendored one are held by its lock.
    ///
    /// # Errors
    /// When it cannot be read, is not understood, or cannot be expressed in Rust.
    pub fn generate(&self, root: &Path) -> Result<Outcome> {
        match &self.spec {
            None => crate::generate_vendored(root, &self.overlay),
            Some(_) => {
                let document = self.read(root)?;
                let mut outcome = crate::generate(&document)?;
                outcome.embed(root, &document)?;
                Ok(outcome)
            }
        }
    }

    /// The document as generation sees it. On any but the vendored one, actions of overlays that do
    /// nothing are only reported.
    ///
    /// # Errors
    /// When it cannot be read, or is not understood.
    pub fn read(&self, root: &Path) -> Result<Document> {
        let Some(file) = &self.spec else {
            return crate::vendored(root, &self.overlay);
        };
        let effective = crate::effective(root, file, &self.overlay)?;
        warn_of_idle(&effective.idle, self.verbose);
        Ok(effective.document)
    }
}

/// Reports the parts of overlays that have no effect: how many they are, or each of them.
fn warn_of_idle(idle: &[Error], verbose: bool) {
    if verbose {
        for one in idle {
            eprintln!("warning: {one}");
        }
    } else if !idle.is_empty() {
        let number = idle.len();
        eprintln!("warning: parts of overlays without effect: {number} (`--verbose` lists them)");
    }
}

/// The workspace that this program was built in.
fn workspace() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// The workspace to work in: the one named, or this one.
///
/// # Errors
/// When there is no such directory.
pub fn root(named: Option<&Path>) -> Result<PathBuf> {
    let root = named.map_or_else(workspace, Path::to_owned);
    if !root.is_dir() {
        return Err(
            Error::new("there is no such directory", "name the root of a workspace").in_file(&root),
        );
    }
    Ok(root)
}

/// Prints what should be reviewed: what is left out, what has no type, and which types need a better
/// name.
pub fn print_remarks(api: &Api) {
    for left_out in &api.left_out {
        println!("left out: {}: {}", left_out.pointer, left_out.reason);
    }
    for (pointer, reason) in api.untyped() {
        println!("untyped: {pointer}: {reason}");
    }
    for def in makeshift(api) {
        println!("to be named: {}: `{}`", def.pointer(), def.name);
    }
}

/// The same for programs, with what the description is.
pub fn remarks(api: &Api) -> Value {
    let place =
        |pointer: &Pointer, reason: &str| json!({ "pointer": pointer.as_str(), "reason": reason });
    let left_out = api.left_out.iter();
    let untyped = api.untyped().into_iter();
    let to_be_named = makeshift(api);
    json!({
        "title": api.title,
        "version": api.version,
        "left_out": left_out.map(|one| place(&one.pointer, &one.reason)).collect::<Vec<_>>(),
        "untyped": untyped.map(|(pointer, reason)| place(&pointer, reason)).collect::<Vec<_>>(),
        "to_be_named": to_be_named.map(|one| one.name.as_str()).collect::<Vec<_>>(),
    })
}

/// The types whose names a person would not have chosen.
fn makeshift(api: &Api) -> impl Iterator<Item = &Def> {
    api.defs.iter().filter(|def| names::is_makeshift(&def.name))
}

/// A path as it is written everywhere but on Windows.
pub fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
