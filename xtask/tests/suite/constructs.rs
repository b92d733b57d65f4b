//! One construct each: what it becomes, and that it compiles.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use xtask::generate::{CLIENT, Files, MODELS};

use crate::support::{assert_success, cargo, directory, workspace};

fn descriptions() -> BTreeMap<String, PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/constructs");
    let entries = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_stem().unwrap().to_str().unwrap().to_owned(), path))
        .collect()
}

fn generate(path: &Path) -> Files {
    xtask::generate_from(path)
        .unwrap_or_else(|error| panic!("{error}"))
        .files
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
        let files = generate(&path);
        let mut shown = String::new();
        for directory in [MODELS, CLIENT] {
            for (file, text) in part(&files, directory) {
                if !["mod.rs", "common.rs", "examples.rs", "manifest.json"].contains(&file)
                    || file == "common.rs" && text.contains("pub struct")
                {
                    let text: Vec<&str> = text.lines().skip(3).collect();
                    writeln!(shown, "// {directory}/{file}\n{}\n", text.join("\n")).unwrap();
                }
            }
        }
        insta::assert_snapshot!(name, shown);
    }
}

/// One crate with all constructs, over the handwritten parts of models and client.
#[test]
fn all_of_them_compile_and_keep_their_examples() {
    let directory = directory("constructs");
    let crates = workspace().join("crates");
    let mut root = String::from("#![allow(dead_code, unused_imports)]\n");
    for (module, path) in [
        ("decimal", "models/src/decimal.rs"),
        ("event", "models/src/event.rs"),
        ("open_enum", "models/src/open_enum.rs"),
        ("nullable", "models/src/nullable.rs"),
        ("secret", "models/src/secret.rs"),
        ("union", "models/src/union.rs"),
        ("runtime", "client/src/runtime/mod.rs"),
        ("examples", "models/src/examples.rs"),
    ] {
        let path = crates.join(path);
        let test = if module == "examples" {
            "#[cfg(test)] "
        } else {
            ""
        };
        writeln!(root, "{test}#[path = {path:?}] pub mod {module};").unwrap();
    }
    root.push_str(
        "pub use chrono::{DateTime, NaiveDate, Utc};\npub use secret::Secret;\npub use runtime::Client;\npub use uuid::Uuid;\n",
    );
    for (name, path) in descriptions() {
        writeln!(
            root,
            "pub mod {name}_case {{ pub mod models; pub mod client; }}"
        )
        .unwrap();
        let files = generate(&path);
        for (source, target) in [(MODELS, "models"), (CLIENT, "client")] {
            let target = directory
                .join("src")
                .join(format!("{name}_case"))
                .join(target);
            std::fs::create_dir_all(&target).unwrap();
            for (file, text) in part(&files, source) {
                let text = text.replace(
                    "upvest_models as models",
                    &format!("crate::{name}_case::models"),
                );
                std::fs::write(target.join(file), text).unwrap();
            }
        }
    }
    std::fs::write(directory.join("src/lib.rs"), root).unwrap();
    std::fs::write(directory.join("Cargo.toml"), manifest(&crates)).unwrap();
    assert_success(&cargo(&directory, &["test", "--lib", "--all-features"]));
}

/// The dependencies of models and client together.
fn manifest(crates: &Path) -> String {
    let workspace: toml::Table = read(&crates.join("../Cargo.toml"));
    let versions = &workspace["workspace"]["dependencies"];
    let mut dependencies = toml::Table::new();
    let [models, client] =
        ["models", "client"].map(|name| read(&crates.join(name).join("Cargo.toml")));
    for used in [
        &models["dependencies"],
        &client["dependencies"],
        &client["dev-dependencies"],
    ] {
        for (dependency, used) in used.as_table().unwrap() {
            let version = versions[dependency].as_table().unwrap().clone();
            let known = dependencies
                .remove(dependency)
                .and_then(|known| known.try_into().ok());
            let mut merged: toml::Table = known.unwrap_or(version);
            if dependency == "upvest-models" {
                merged = toml::Table::from_iter([(
                    "path".to_owned(),
                    crates.join("models").to_str().unwrap().into(),
                )]);
            }
            let features = used
                .get("features")
                .and_then(|features| features.as_array());
            let known = merged
                .entry("features")
                .or_insert(toml::Value::Array(Vec::new()));
            known
                .as_array_mut()
                .unwrap()
                .extend(features.cloned().unwrap_or_default());
            if used.get("optional").is_some() {
                merged.insert("optional".to_owned(), true.into());
            }
            dependencies.insert(dependency.clone(), merged.into());
        }
    }
    let edition = workspace["workspace"]["package"]["edition"]
        .as_str()
        .unwrap();
    let mut manifest: toml::Table = toml::from_str(&format!(
        "[workspace]\n[package]\nname = 'constructs'\nversion = '0.0.0'\nedition = '{edition}'\n[features]\nschemars = ['dep:schemars']\n"
    ))
    .unwrap();
    manifest.insert("dependencies".to_owned(), dependencies.into());
    toml::to_string(&manifest).unwrap()
}

fn read(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}
