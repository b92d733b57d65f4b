//! Other versions of the published description, and trees to take them.

use std::path::PathBuf;

use crate::support::{generated_tree, published, xtask};

/// A tree with everything that an update of the description reads and writes.
pub(crate) fn updatable_tree(name: &str) -> PathBuf {
    let root = generated_tree(name);
    assert_eq!(
        xtask(&["surface", "--root", root.to_str().unwrap()]).status,
        Some(0)
    );
    root
}

/// The published description with these replacements, each of which has to find its text.
pub(crate) fn description_with(replacements: &[(&str, &str)]) -> String {
    let mut text = std::fs::read_to_string(published(xtask::DESCRIPTION)).unwrap();
    for (from, to) in replacements {
        assert!(text.contains(from), "{from} is in the description");
        text = text.replace(from, to);
    }
    text
}
