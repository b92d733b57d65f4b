//! What is read from files and standard input, as editors and shells of all systems write it.

use std::io::Read as _;
use std::path::Path;

use crate::failure::Failure;

/// What some editors begin a text with.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The bytes of a file, or of standard input for `-`, without a byte order mark.
///
/// # Errors
///
/// When it cannot be read.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = match is_stdin(path) {
        true => std::io::stdin().read_to_end(&mut bytes).map(drop),
        false => std::fs::read(path).map(|content| bytes = content),
    };
    read.map_err(|error| Failure::file("read", Path::new(&name(path)), error))?;
    if bytes.starts_with(BYTE_ORDER_MARK.as_bytes()) {
        bytes.drain(..BYTE_ORDER_MARK.len());
    }
    Ok(bytes)
}

/// The same as text.
///
/// # Errors
///
/// When it cannot be read, or is not UTF-8.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes(path)?).map_err(|_| {
        let message = format!("`{}` is not text in UTF-8", name(path));
        Failure::usage(message).help("save it as UTF-8; PowerShell writes UTF-16 with `>`")
    })
}

/// A text without its byte order mark.
pub(crate) fn without_mark(text: &str) -> &str {
    text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)
}

/// What people call it.
pub(crate) fn name(path: &Path) -> String {
    match is_stdin(path) {
        true => "standard input".to_owned(),
        false => path.display().to_string(),
    }
}

/// Whether a path stands for standard input.
pub(crate) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}
