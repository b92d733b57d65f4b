//! Reading and writing YAML, and JSON, which is a subset of YAML.

use std::path::Path;

use serde_json::Value;

use crate::error::{Error, Result};

/// Reads a file, with its line ends as LF. Errors name the file `name`, and its content `what`.
///
/// # Errors
/// When the file cannot be read.
pub fn load(path: &Path, name: &Path, what: &str) -> Result<String> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Error::new(
            format!("{what} cannot be read"),
            "name a document in YAML or JSON",
        )
        .in_file(name)
        .with_source(error)
    })?;
    Ok(text.replace("\r\n", "\n"))
}

/// Parses a text. Timestamps stay strings.
///
/// # Errors
/// When the text is neither YAML nor JSON.
pub fn parse(text: &str, name: &Path) -> Result<Value> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| {
        Error::new("this is not YAML", "correct the syntax at that line")
            .in_file(name)
            .with_source(error)
    })
}

/// Writes a value as YAML.
///
/// # Errors
/// When it cannot be written as YAML.
pub fn write(value: &Value) -> Result<String> {
    serde_saphyr::to_string(value).map_err(|error| {
        Error::new("this cannot be written as YAML", "write it as JSON").with_source(error)
    })
}

/// Published descriptions are large (the 1.9.0 document has more than a megabyte), and trusted.
/// `no` is a country, not a boolean.
fn options() -> serde_saphyr::Options {
    serde_saphyr::options! { budget: None, strict_booleans: true }
}
