//! Changes in generated Rust, as the generator reports them.

use std::fmt;

use serde::Serialize;

use super::class::{Class, VersionStep};

/// A generated crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Crate {
    /// `upvest-models`.
    #[serde(rename = "upvest-models")]
    Models,
    /// `upvest-client`.
    #[serde(rename = "upvest-client")]
    Client,
}

impl fmt::Display for Crate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Models => "upvest-models",
            Self::Client => "upvest-client",
        })
    }
}

/// One public item that is added, removed or changed. The parts of an item that is added or removed
/// as a whole are not listed separately.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RustChange {
    /// The crate that has it.
    #[serde(rename = "crate")]
    pub of: Crate,
    /// The item as it was, unless it is new.
    pub old: Option<String>,
    /// The item as it is now, unless it was removed.
    pub new: Option<String>,
    /// The class: what the change does to programs.
    pub class: Class,
    /// The version step that it requires of the crate.
    pub step: VersionStep,
}
