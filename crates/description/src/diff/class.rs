//! How bad a change is, for whom, and what it asks of the next release.

use serde::Serialize;

/// What a change does to programs built with the old version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Nothing.
    Harmless,
    /// Nothing, but there is more to use.
    Additive,
    /// They fail, or have to be changed when they are built with the new version.
    Breaking,
}

/// Whom a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Who reads it: in an answer or in a webhook.
    Reads,
    /// Who sends it: as an argument or in a body.
    Sends,
    /// Who names it in Rust.
    Names,
}

/// How a version of a crate is to be raised, from 1.0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Not at all: the crate stays as it is.
    None,
    /// Nothing that users name has changed.
    Patch,
    /// There is more to name.
    Minor,
    /// Code that uses it may have to change.
    Major,
}

impl Class {
    /// What it is called in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Harmless => "harmless",
            Self::Additive => "additive",
            Self::Breaking => "breaking",
        }
    }
}

impl Step {
    /// What it is called in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}
