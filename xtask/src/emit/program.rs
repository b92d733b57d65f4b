//! The description as the command line program embeds it, to compare others with: the document as generation
//! sees it, without words and examples.
//!
//! One JSON document with one operation or schema a line, so that a change of the description shows as a
//! change of few lines. Beside it stand the overlays for other versions, and the names.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use upvest_description::read::document::Document;
use upvest_description::read::walk;

use super::Files;

/// The directory that holds the files and nothing else, from the root of the workspace.
pub const DIRECTORY: &str = "crates/cli/src/generated";

/// The files: the document, and the texts of overlays and lock by their names.
pub fn files<'t>(document: &Document, texts: impl Iterator<Item = (&'t str, String)>) -> Files {
    let place = |name: &str| PathBuf::from(DIRECTORY).join(name);
    let named = texts.filter_map(|(file, text)| {
        let name = Path::new(file).file_name()?;
        Some((place(&name.to_string_lossy()), text))
    });
    let description = lines(&walk::without_words(&document.root), 3);
    let described = (place("description.json"), format!("{description}\n"));
    named.chain([described]).collect()
}

/// An object with a line for each member, down to a depth.
fn lines(value: &Value, depth: usize) -> String {
    match value {
        Value::Object(members) if depth > 0 && !members.is_empty() => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}:{}", json!(name), lines(value, depth - 1)))
                .collect();
            format!("{{\n{}\n}}", members.join(",\n"))
        }
        other => other.to_string(),
    }
}
