//! Generates the models and the client from the vendored API description.
//!
//! [`upvest_description`] reads the description and its overlays into a typed model. [`emit`](mod@emit)
//! writes Rust of it. [`check`] compares what was written with what is there, and asks typify for a second
//! opinion. [`tasks`] makes more of it: a separate workspace, or many at once.

#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};

use emit::Files;
use upvest_description::error::Result;
use upvest_description::ir::Api;
use upvest_description::lower::{self, lock::Lock};
use upvest_description::read::document::Document;
use upvest_description::read::overlay::Overlay;
use upvest_description::read::yaml;
use upvest_description::version::{Effective, laid_over};

pub mod check;
pub mod emit;
pub mod tasks;

/// The vendored description, from the root of the workspace.
pub const DESCRIPTION: &str = "spec/upvest.yaml";

/// The overlay of the vendored description, from the root of the workspace.
pub const OVERLAY: &str = "spec/overlay.yaml";

/// Names for whatever else the API has, from the root of the workspace.
pub const WHOLE_API: &str = "spec/overlay-whole-api.yaml";

/// The lock of names, from the root of the workspace.
pub const LOCK: &str = "spec/names.lock";

/// The directories that hold generated files and nothing else, from the root of the workspace.
pub const GENERATED: &[&str] = &[
    emit::MODELS,
    emit::CLIENT,
    emit::sandbox::DIRECTORY,
    emit::program::DIRECTORY,
];

/// An API and what was generated from it.
#[derive(Debug)]
pub struct Outcome {
    /// What the document says.
    pub api: Api,
    /// The generated files, by their path from the root of the workspace.
    pub files: Files,
}

impl Outcome {
    /// Adds what the command line program embeds of the description, with the overlays of the workspace at
    /// `root`.
    ///
    /// # Errors
    /// When an overlay cannot be read, or is not an overlay.
    pub fn embed(&mut self, root: &Path, document: &Document) -> Result<()> {
        let mut overlays = Vec::new();
        for file in [OVERLAY, WHOLE_API] {
            let (path, name) = (root.join(file), Path::new(file));
            if path.exists() {
                let text = yaml::load(&path, name, "the overlay")?;
                // Nothing else reads the overlay for versions other than the vendored one.
                Overlay::parse(&text, name)?;
                overlays.push((file, yaml::parse(&text, name)?));
            }
        }
        let lock = Lock::of(&self.api);
        self.files
            .extend(emit::program::files(document, &lock, overlays));
        Ok(())
    }
}

/// The vendored description below `root`, with its own overlay and then `more` laid over it.
///
/// # Errors
/// When one of the files cannot be read or is not understood, or when an action does nothing.
pub fn vendored(root: &Path, more: &[PathBuf]) -> Result<Document> {
    let document = Document::load(&root.join(DESCRIPTION), Path::new(DESCRIPTION))?;
    as_vendored(root, document, more)
}

/// A document as it would be seen if it were the vendored one of the workspace at `root`. Whatever its
/// overlay says has to have an effect.
///
/// # Errors
/// When an overlay cannot be read or is not understood, or when an action does nothing.
pub fn as_vendored(root: &Path, mut document: Document, more: &[PathBuf]) -> Result<Document> {
    let own = Overlay::load(&root.join(OVERLAY), Path::new(OVERLAY));
    for overlay in std::iter::once(own).chain(load(more)) {
        if let Some(idle) = overlay?.apply(&mut document)?.into_iter().next() {
            return Err(idle);
        }
    }
    Ok(document)
}

/// Any description, with the overlays of the workspace at `root` laid over it if it is one of
/// Upvest's API, and then `more`.
///
/// # Errors
/// When one of the files cannot be read or is not understood.
pub fn effective(root: &Path, file: &Path, more: &[PathBuf]) -> Result<Effective> {
    let mut effective = laid_over(Document::load(file, file)?, &overlays(root)?)?;
    for overlay in load(more) {
        let idle = overlay?.apply(&mut effective.document)?;
        effective.idle.extend(idle);
    }
    Ok(effective)
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

/// Generates from the vendored description below `root`, its overlay and its lock of names, which is
/// among the files.
///
/// # Errors
/// When it cannot be read, is not understood, or cannot be expressed in Rust.
pub fn generate_vendored(root: &Path, more: &[PathBuf]) -> Result<Outcome> {
    let document = vendored(root, more)?;
    let mut outcome = generate_with(&document, &Lock::load(&root.join(LOCK))?)?;
    outcome.embed(root, &document)?;
    let lock = emit::names(&Lock::of(&outcome.api));
    outcome.files.insert(LOCK.into(), lock);
    Ok(outcome)
}

/// Generates from any description, as it stands.
///
/// # Errors
/// When it cannot be read, is not understood, or cannot be expressed in Rust.
pub fn generate_from(file: &Path) -> Result<Outcome> {
    generate(&Document::load(file, file)?)
}

/// Generates from a document whose names are nobody's yet.
///
/// # Errors
/// When it is not understood, or cannot be expressed in Rust.
pub fn generate(document: &Document) -> Result<Outcome> {
    generate_with(document, &Lock::default())
}

pub(crate) fn generate_with(document: &Document, lock: &Lock) -> Result<Outcome> {
    let api = lower::lower(document, lock)?;
    check::opinion::ask(&api).map_err(|error| error.in_file(&document.file))?;
    let mut files = emit::emit(&api);
    let sandbox = emit::sandbox::api(document)?;
    files.insert(emit::sandbox::FILE.into(), sandbox);
    Ok(Outcome { api, files })
}
