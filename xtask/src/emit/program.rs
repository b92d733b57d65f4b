//! The description as the command line program embeds it, to compare others with: the document as generation
//! sees it, without words and examples.
//!
//! One JSON document with one operation or schema a line, so that a change of the description shows as a
//! change of few lines. Beside it stand the overlays for other versions, without their reasons, and the names.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use upvest_description::lower::lock::Lock;
use upvest_description::read::document::Document;
use upvest_description::read::walk;

use super::files::{Files, names};

/// The directory that holds the files and nothing else, from the root of the workspace.
pub const DIRECTORY: &str = "crates/cli/src/generated";

/// The files: the document, the lock, and the overlays by the names of their files.
pub fn files(document: &Document, lock: &Lock, overlays: Vec<(&str, Value)>) -> Files {
    let place = |name: &str| PathBuf::from(DIRECTORY).join(name);
    let description = walk::without_words(&document.root);
    let mut files = Files::from([
        (place("names.lock"), names(lock)),
        (
            place("description.json"),
            format!("{}\n", lines(&description, 3)),
        ),
    ]);
    for (file, mut overlay) in overlays {
        for action in overlay["actions"].as_array_mut().into_iter().flatten() {
            if let Some(action) = action.as_object_mut() {
                action.shift_remove("description");
            }
        }
        let name = Path::new(file).with_extension("json");
        let name = name.file_name().unwrap_or_default().to_string_lossy();
        files.insert(place(&name), format!("{}\n", lines(&overlay, 2)));
    }
    files
}

/// An object or list with a line for each member, down to a depth.
fn lines(value: &Value, depth: usize) -> String {
    match value {
        Value::Object(members) if depth > 0 && !members.is_empty() => {
            let members = members.iter();
            let members =
                members.map(|(name, value)| format!("{}:{}", json!(name), lines(value, depth - 1)));
            format!("{{\n{}\n}}", members.collect::<Vec<_>>().join(",\n"))
        }
        Value::Array(items) if depth > 0 && !items.is_empty() => {
            let items = items.iter().map(|item| lines(item, depth - 1));
            format!("[\n{}\n]", items.collect::<Vec<_>>().join(",\n"))
        }
        other => other.to_string(),
    }
}
