//! One construct each: what it becomes, and that it compiles.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use xtask::Outcome;
use xtask::emit::{CLIENT, Files, MODELS};
use xtask::tasks::standalone;

use crate::support::{assert_success, cargo, directory, workspace};

/// What of the models is optional. The client's own credentials need the operation that issues tokens.
const FEATURES: &str = "upvest-models/schemars,upvest-models/testing";

fn descriptions() -> BTreeMap<String, PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/constructs");
    let entries = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect()
}

fn generate(path: &Path) -> Outcome {
    xtask::generate_from(path).unwrap_or_else(|error| panic!("{error}"))
}

/// The files of one generated directory by name.
fn part<'f>(files: &'f Files, directory: &'f str) -> impl Iterator<Item = (&'f str, &'f String)> {
    files
        .iter()
        .filter(move |(path, _)| path.starts_with(directory))
        .map(|(path, text)| (path.file_name().unwrap().to_str().unwrap(), text))
}

#[test]
fn each_becomes_what_is_expected() {
    for (name, path) in descriptions() {
        let files = generate(&path).files;
        let mut shown = String::new();
        for directory in [MODELS, CLIENT] {
            for (file, text) in part(&files, directory) {
                if !["mod.rs", "common.rs", "examples.rs", "manifest.json"].contains(&file)
                    || file == "common.rs" && text.contains("pub struct")
                {
                    let text: Vec<&str> = text.lines().skip(4).collect();
                    writeln!(shown, "// {directory}/{file}\n{}\n", text.join("\n")).unwrap();
                }
            }
        }
        insta::assert_snapshot!(name, shown);
    }
}

/// One workspace with all constructs, over the handwritten parts of models and client.
#[test]
fn all_of_them_compile_and_keep_their_examples() {
    let mut cases: Vec<(String, Outcome)> = descriptions()
        .into_iter()
        .map(|(name, path)| (format!("{name}_case"), generate(&path)))
        .collect();
    // The handwritten parts need problem details.
    cases.sort_by_key(|(name, _)| name != "problem_details_case");
    let directory = directory("constructs").join("new");
    let files = standalone::batch(&workspace(), &cases).unwrap();
    standalone::write(&directory, &files).unwrap();
    assert_success(&cargo(
        &directory,
        &[
            "test",
            "--workspace",
            "--lib",
            "--features",
            FEATURES,
            "generated",
        ],
    ));
}
