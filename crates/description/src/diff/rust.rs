//! What changes in generated Rust, as whoever generates it tells.

use std::fmt;

use serde::Serialize;

use super::class::{Class, Step};

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

/// One public item that comes, goes or changes. What belongs to an item that comes or goes as a
/// whole is not listed by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RustChange {
    /// The crate that has it.
    #[serde(rename = "crate")]
    pub of: Crate,
    /// The item as it was, unless it is new.
    pub old: Option<String>,
    /// The item as it is, unless it is gone.
    pub new: Option<String>,
    /// What that does to programs.
    pub class: Class,
    /// What it asks of the crate.
    pub step: Step,
}
