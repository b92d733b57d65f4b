//! Versions of an API that are compared, with their overlays applied and with their names.

use crate::error::{Error, Result};
use crate::ir::Api;
use crate::lower::{self, lock::Lock};
use crate::read::document::Document;
use crate::read::overlay::Overlay;
use crate::read::replacements;

/// The title of Upvest's API: the overlays and names of the SDK are for documents of this title.
pub const TITLE: &str = "Upvest Investment API";

/// A document as generation sees it: converted, and with its overlays applied.
#[derive(Debug)]
pub struct Effective {
    /// The document.
    pub document: Document,
    /// Warnings about actions of overlays that had no effect.
    pub idle: Vec<Error>,
}

/// Applies the overlays of Upvest's API to a document, if it describes that API. Overlay targets
/// that the document does not have are reported as warnings, not as errors.
///
/// # Errors
/// When an action cannot be applied.
pub fn laid_over(mut document: Document, overlays: &[Overlay]) -> Result<Effective> {
    let mut idle = Vec::new();
    if is_ours(&document) {
        for overlay in overlays {
            idle.extend(overlay.apply(&mut document)?);
        }
        idle.extend(replacements::drop_lost(&mut document)?);
    }
    Ok(Effective { document, idle })
}

fn is_ours(document: &Document) -> bool {
    document.root["info"]["title"] == TITLE
}

/// One of the two versions that are compared.
#[derive(Debug)]
pub struct Version {
    /// The document as the generator sees it.
    pub document: Document,
    /// The typed model of the document.
    pub api: Api,
}

impl Version {
    /// Reads a document as it is, with the names of a lock.
    ///
    /// # Errors
    /// When it is not understood, or cannot be expressed in Rust.
    pub fn of(document: Document, lock: &Lock) -> Result<Self> {
        let api = lower::lower(&document, lock)?;
        Ok(Self { document, api })
    }

    /// Title and version, for people.
    pub fn name(&self) -> String {
        format!("{} {}", self.api.title, self.api.version)
    }
}

/// The overlays and the names of a version.
#[derive(Clone, Debug)]
pub struct Terms {
    overlays: Vec<Overlay>,
    lock: Lock,
    /// Whether the lock takes precedence, since the overlays may have changed since it was written.
    is_held: bool,
}

impl Terms {
    /// Takes these overlays, and the names of a lock where the overlays give no others.
    pub fn new(overlays: Vec<Overlay>, lock: Lock) -> Self {
        Self {
            overlays,
            lock,
            is_held: false,
        }
    }

    /// Takes these overlays, and the names of a lock, which take precedence over the overlays: a
    /// version as it was published.
    pub fn held(overlays: Vec<Overlay>, lock: Lock) -> Self {
        Self {
            is_held: true,
            ..Self::new(overlays, lock)
        }
    }

    /// Reads a version. Overlay targets that the document does not have are returned as warnings.
    ///
    /// # Errors
    /// When it is not understood, or cannot be expressed in Rust.
    pub fn version(&self, document: Document) -> Result<(Version, Vec<Error>)> {
        let none = Lock::default();
        let lock = if is_ours(&document) {
            &self.lock
        } else {
            &none
        };
        let effective = laid_over(document, &self.overlays)?;
        let mut version = Version::of(effective.document, lock)?;
        if self.is_held {
            lock.restore(&mut version.api);
        }
        Ok((version, effective.idle))
    }

    /// Takes the same overlays, and the names of another version.
    #[must_use]
    pub fn after(self, version: &Version) -> Self {
        Self::new(self.overlays, Lock::of(&version.api))
    }
}
