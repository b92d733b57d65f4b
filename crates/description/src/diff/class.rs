//! How bad a change is, for whom, and which version step it requires.

use serde::Serialize;

/// What a change does to programs built with the old version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Nothing.
    Harmless,
    /// Nothing, but there is more to use.
    Additive,
    /// They fail, or must be changed to build with the new version.
    Breaking,
}

/// Whom a change concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Audience {
    /// Programs that read it in an answer or in a webhook.
    Reads,
    /// Programs that send it as an argument or in a body.
    Sends,
    /// Programs that name it in Rust.
    Names,
}

/// How the version of a crate must be raised, from 1.0 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionStep {
    /// Not at all: the crate does not change.
    None,
    /// The patch number: nothing that users name has changed.
    Patch,
    /// The minor number: there are more things to name.
    Minor,
    /// The major number: code that uses the crate may have to change.
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

impl VersionStep {
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
