//! Generates the models and the client from the vendored API description.
//!
//! The way of a description, one module each: [`document`] reads the file, [`mod@convert`] turns
//! what is written in another way than that of OpenAPI 3.0 into it, [`overlay`] lays names and
//! corrections over it, [`description`] makes operations and [`types`] of it (with [`passes`] over
//! every schema, the rules of [`names`], and the [`events`] of webhooks), [`mod@generate`] writes Rust, and [`tree`] compares what
//! was written with what is there. [`surface`] tells what users of a crate can name. [`diff`] tells
//! what a new version changes, [`update`] takes it, and [`changelog`] notes it. [`standalone`] makes a
//! workspace of its own of any description. [`untyped`] tells what has no type.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};

use description::Description;
use document::Document;
use error::{Error, Result};
use generate::Files;
use overlay::Overlay;

pub mod changelog;
pub mod convert;
pub mod cursor;
pub mod description;
pub mod diff;
pub mod document;
pub mod emit;
pub mod error;
pub mod events;
pub mod examples;
pub mod generate;
pub mod names;
pub mod overlay;
pub mod passes;
pub mod standalone;
pub mod surface;
pub mod tree;
pub mod types;
pub mod untyped;
pub mod update;
pub mod yaml;

/// The vendored description, from the root of the workspace.
pub const DESCRIPTION: &str = "spec/upvest.yaml";

/// The overlay of the vendored description, from the root of the workspace.
pub const OVERLAY: &str = "spec/overlay.yaml";

/// Names for whatever else the API has, from the root of the workspace.
pub const WHOLE_API: &str = "spec/overlay-whole-api.yaml";

/// What Upvest calls its API: the overlays of this workspace are for documents of this title.
pub const TITLE: &str = "Upvest Investment API";

/// The directories that hold generated files and nothing else, from the root of the workspace.
pub const GENERATED: &[&str] = &[generate::MODELS, generate::CLIENT, emit::sandbox::DIRECTORY];

/// A description and what was generated from it.
#[derive(Debug)]
pub struct Outcome {
    /// What the document says.
    pub description: Description,
    /// The generated files, by their path from the root of the workspace.
    pub files: Files,
}

/// A document as generation sees it: converted, and with its overlays laid over it.
#[derive(Debug)]
pub struct Effective {
    /// The document.
    pub document: Document,
    /// What there is to say of actions that did nothing.
    pub idle: Vec<Error>,
}

/// The vendored description below `root`, with its own overlay and then `more` laid over it.
///
/// # Errors
/// When one of the files cannot be read or is not understood, or when an action does nothing.
pub fn vendored(root: &Path, more: &[PathBuf]) -> Result<Document> {
    let document = Document::load(&root.join(DESCRIPTION), Path::new(DESCRIPTION))?;
    let own = Overlay::load(&root.join(OVERLAY), Path::new(OVERLAY))?;
    let effective = lay_over(document, std::iter::once(Ok(own)).chain(load(more)))?;
    match effective.idle.into_iter().next() {
        None => Ok(effective.document),
        Some(idle) => Err(idle),
    }
}

/// Any description, with the overlays of the workspace at `root` laid over it if it is one of
/// Upvest's API, and then `more`.
///
/// # Errors
/// When one of the files cannot be read or is not understood.
pub fn effective(root: &Path, file: &Path, more: &[PathBuf]) -> Result<Effective> {
    let document = Document::load(file, file)?;
    let own = if document.root["info"]["title"] == TITLE {
        overlays(root)?
    } else {
        Vec::new()
    };
    lay_over(document, own.into_iter().map(Ok).chain(load(more)))
}

/// The overlays of the workspace at `root` for all of the API, as far as there are any.
///
/// # Errors
/// When one of them cannot be read or is not understood.
pub fn overlays(root: &Path) -> Result<Vec<Overlay>> {
    [OVERLAY, WHOLE_API]
        .into_iter()
        .filter(|file| root.join(file).exists())
        .map(|file| Overlay::load(&root.join(file), Path::new(file)))
        .collect()
}

fn load(files: &[PathBuf]) -> impl Iterator<Item = Result<Overlay>> {
    files.iter().map(|file| Overlay::load(file, file))
}

fn lay_over(
    mut document: Document,
    overlays: impl Iterator<Item = Result<Overlay>>,
) -> Result<Effective> {
    let mut idle = Vec::new();
    for overlay in overlays {
        idle.extend(overlay?.apply(&mut document)?);
    }
    Ok(Effective { document, idle })
}

/// Generates from the vendored description below `root` and its overlay.
///
/// # Errors
/// When it cannot be read, is not understood, or cannot be expressed in Rust.
pub fn generate_vendored(root: &Path) -> Result<Outcome> {
    generate(&vendored(root, &[])?)
}

/// Generates from any description, as it stands.
///
/// # Errors
/// When it cannot be read, is not understood, or cannot be expressed in Rust.
pub fn generate_from(file: &Path) -> Result<Outcome> {
    generate(&Document::load(file, file)?)
}

/// Generates from a document.
///
/// # Errors
/// When it is not understood, or cannot be expressed in Rust.
pub fn generate(document: &Document) -> Result<Outcome> {
    document.check_structure()?;
    let description = Description::read(document)?;
    let mut files =
        generate::generate(&description).map_err(|error| error.in_file(&document.file))?;
    files.insert(
        emit::sandbox::FILE.into(),
        emit::sandbox::api(&document.root).map_err(|error| error.in_file(&document.file))?,
    );
    Ok(Outcome { description, files })
}
