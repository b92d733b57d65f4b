//! What a layer knows about a failure.

use std::fmt;

/// What a layer knows about the cause of an error response. Put it into the extensions of the
/// response, and [`Error`](crate::Error) shows it.
///
/// It must be one sentence without a full stop, such as "the clock of this machine is 90 seconds
/// behind", and must not hold secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint(String);

impl Hint {
    /// Makes a hint with this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_shows_as_its_text() {
        let hint = Hint::new("the clock is wrong");
        assert_eq!(
            (hint.to_string().as_str(), hint.as_str()),
            ("the clock is wrong", "the clock is wrong")
        );
    }
}
