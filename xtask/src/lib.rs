//! Generates the models and the client from the vendored API description.
//!
//! The way of a description, one module each: [`document`] reads the file, [`corrections`] puts
//! right what is wrong with this one, [`description`] makes operations and [`types`] of it (with
//! [`passes`] over every schema and the rules of [`names`]), [`mod@generate`] writes Rust, and
//! [`tree`] compares what was written with what is there. [`surface`] tells what users of a crate
//! can name. [`diff`] tells what a new version changes, [`update`] takes it, and [`changelog`]
//! notes it.

#![forbid(unsafe_code)]

use std::path::Path;

use corrections::CORRECTIONS;
use description::Description;
use document::Document;
use error::Result;
use generate::Files;

pub mod changelog;
pub mod corrections;
pub mod cursor;
pub mod description;
pub mod diff;
pub mod document;
pub mod error;
pub mod examples;
pub mod generate;
pub mod names;
pub mod passes;
pub mod surface;
pub mod tree;
pub mod types;
pub mod update;

/// The vendored description, from the root of the workspace.
pub const DESCRIPTION: &str = "spec/upvest.yaml";

/// The directories that hold generated files and nothing else, from the root of the workspace.
pub const GENERATED: &[&str] = &[generate::MODELS, generate::CLIENT];

/// A description and what was generated from it.
#[derive(Debug)]
pub struct Outcome {
    /// What the document says.
    pub description: Description,
    /// The generated files, by their path from the root of the workspace.
    pub files: Files,
}

/// Generates from the vendored description below `root`, corrections applied.
///
/// # Errors
/// When it cannot be read, is not understood, or cannot be expressed in Rust.
pub fn generate_vendored(root: &Path) -> Result<Outcome> {
    let mut document = Document::load(&root.join(DESCRIPTION), Path::new(DESCRIPTION))?;
    corrections::apply(&mut document, CORRECTIONS)?;
    generate(&document)
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
    let description = Description::read(document)?;
    let files = generate::generate(&description).map_err(|error| error.in_file(&document.file))?;
    Ok(Outcome { description, files })
}
