//! The two servers of Upvest.

use std::fmt;
use std::str::FromStr;

/// One of the servers of the API that Upvest runs. For any other address, use
/// [`Builder::base_url`](super::Builder::base_url).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// For development: no real money.
    Sandbox,
    /// For production: real money.
    Live,
}

impl Environment {
    /// The address of this server.
    pub const fn base_url(self) -> &'static str {
        match self {
            Self::Sandbox => "https://sandbox.upvest.co",
            Self::Live => "https://api.upvest.co",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sandbox => "sandbox",
            Self::Live => "live",
        })
    }
}

/// Reads `sandbox` or `live`, in upper or lower case.
impl FromStr for Environment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Sandbox, Self::Live]
            .into_iter()
            .find(|one| text.eq_ignore_ascii_case(&one.to_string()))
            .ok_or_else(|| format!("{text:?} is not an environment: write `sandbox` or `live`"))
    }
}
