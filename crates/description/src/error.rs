//! The error type of everything that reads a description: what was found, where, and what to do
//! about it.

use std::fmt;
use std::path::{Path, PathBuf};

/// Result of everything that reads a description.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Where a fault lies, and so who can correct it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// In the document, or the file: the advice says what to change there.
    Document,
    /// The document may be right, but what it has there is not supported.
    Unsupported,
    /// The document may be right, but leaves open what this extension would decide there, as
    /// `x-rust-name: AnotherName` does.
    Undecided(String),
}

/// A description that cannot be generated from, or a file that cannot be read or written.
///
/// `Display` gives `file#/json/pointer: reason`, and the advice on a separate line, which `{:#}` leaves out.
#[derive(Debug, thiserror::Error)]
pub struct Error {
    file: Option<PathBuf>,
    pointer: Option<Pointer>,
    reason: Box<str>,
    help: Box<str>,
    fault: Fault,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Makes an error with its reason, and with what its reader should do.
    pub fn new(reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            file: None,
            pointer: None,
            reason: reason.into().into(),
            help: help.into().into(),
            fault: Fault::Document,
            source: None,
        }
    }

    /// Makes the error of a file that cannot be read.
    pub fn unreadable(path: &Path, error: std::io::Error) -> Self {
        let reason = "this cannot be read";
        Self::new(reason, "check that it exists and is readable")
            .in_file(path)
            .with_source(error)
    }

    /// Adds the place in the document.
    #[must_use]
    pub fn at(mut self, pointer: &Pointer) -> Self {
        self.pointer = Some(pointer.clone());
        self
    }

    /// Adds the file, unless the error names one already.
    #[must_use]
    pub fn in_file(mut self, file: &Path) -> Self {
        self.file.get_or_insert_with(|| file.to_owned());
        self
    }

    /// What the reader of the error should do.
    pub fn help(&self) -> &str {
        &self.help
    }

    /// Where the fault lies.
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// The file that it was found in, if it was in one.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The same, with a fault that is not in the document.
    #[must_use]
    pub fn with_fault(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }

    /// Whether another error is about the same place of the same file.
    pub fn is_at_place_of(&self, other: &Self) -> bool {
        self.file == other.file && self.pointer == other.pointer
    }

    /// Adds the source of the error.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(file) = &self.file {
            write!(f, "{}", file.display())?;
        }
        if let Some(pointer) = &self.pointer {
            write!(f, "#{pointer}")?;
        }
        if self.file.is_some() || self.pointer.is_some() {
            write!(f, ": ")?;
        }
        write!(f, "{}", self.reason)?;
        if let Some(source) = &self.source {
            write!(f, ": {source}")?;
        }
        match f.alternate() {
            true => Ok(()),
            false => write!(f, "\n  help: {}", self.help),
        }
    }
}

/// A JSON pointer (RFC 6901) into the description.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pointer(String);

impl Pointer {
    /// The whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// Reads a pointer as written in a local `$ref`, without its `#`: a fragment of a URI, in which
    /// any character may be percent-encoded. Returns `None` if the encoding is broken.
    pub fn from_reference(text: &str) -> Option<Self> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            if byte == b'%' {
                let digits = [rest.next()?, rest.next()?];
                let digits = std::str::from_utf8(&digits).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
            } else {
                bytes.push(byte);
            }
        }
        String::from_utf8(bytes).ok().map(Self)
    }

    /// Makes a pointer from its text.
    pub fn from_text(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The last key, unescaped.
    pub fn last(&self) -> Option<String> {
        self.split_last().map(|(_, key)| key)
    }

    /// Adds a key to the pointer, with its `~` and `/` escaped.
    #[must_use]
    pub fn join(&self, key: impl fmt::Display) -> Self {
        let mut text = format!("{}/{key}", self.0);
        let start = self.0.len() + 1;
        if text[start..].contains(['~', '/']) {
            let escaped = text[start..].replace('~', "~0").replace('/', "~1");
            text.replace_range(start.., &escaped);
        }
        Self(text)
    }

    /// Follows the path of a deserializer from here.
    #[must_use]
    pub fn follow(&self, path: &serde_path_to_error::Path) -> Self {
        path.iter()
            .fold(self.clone(), |place, segment| match segment {
                serde_path_to_error::Segment::Seq { index } => place.join(index),
                segment => place.join(segment),
            })
    }

    /// Splits off the last key: returns the pointer without it, and the key. Returns `None` for the
    /// whole document.
    pub fn split_last(&self) -> Option<(Self, String)> {
        let (parent, key) = self.0.rsplit_once('/')?;
        let key = key.replace("~1", "/").replace("~0", "~");
        Some((Self(parent.to_owned()), key))
    }

    /// The pointer as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "/" } else { &self.0 })
    }
}
