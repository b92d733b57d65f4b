//! Why a body cannot be read.

use std::fmt;

/// Where and how a body is malformed, without a word of its content.
#[derive(Debug)]
pub(super) struct DecodeError {
    category: serde_json::error::Category,
    line: usize,
    column: usize,
}

impl DecodeError {
    pub(super) fn of(error: &serde_json::Error) -> Self {
        Self {
            category: error.classify(),
            line: error.line(),
            column: error.column(),
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use serde_json::error::Category;
        let what = match self.category {
            Category::Eof => "it ends too early",
            Category::Data => "a value does not match its type",
            Category::Syntax | Category::Io => "it is not JSON",
        };
        write!(f, "{what} at line {} column {}", self.line, self.column)
    }
}

impl std::error::Error for DecodeError {}
