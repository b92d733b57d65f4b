//! No chapter is left out: neither of the book, nor of the tests of its examples.

use std::fs;
use std::path::Path;

#[test]
fn every_chapter_with_an_example_is_tested() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let summary = fs::read_to_string(root.join("docs/SUMMARY.md")).unwrap();
    let tested = fs::read_to_string(root.join("crates/book/src/lib.rs")).unwrap();
    let mut chapters = 0;
    for link in summary.split("](").skip(1) {
        let file = link.split(')').next().unwrap();
        let chapter = fs::read_to_string(root.join("docs").join(file)).unwrap();
        let has_example = chapter.contains("```rust");
        let is_tested = tested.contains(&format!("\"../../../docs/{file}\""));
        assert!(
            is_tested || !has_example,
            "add {file} to crates/book/src/lib.rs"
        );
        chapters += 1;
    }
    assert!(chapters > 10, "{chapters} chapters");
}

#[test]
fn every_guide_is_a_chapter() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let summary = fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    for entry in fs::read_dir(docs).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let is_guide = name.ends_with(".md") && name != "SUMMARY.md";
        assert!(
            !is_guide || summary.contains(&format!("]({name})")),
            "{name}"
        );
    }
}
