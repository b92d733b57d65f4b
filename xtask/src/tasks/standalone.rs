//! A separate workspace for any description: its models and its client, with the handwritten
//! parts that they rest on, and nothing else.

use std::path::{Path, PathBuf};

use toml::Table;

use crate::Outcome;
use crate::check::tree;
use crate::emit::{CLIENT, Files, MODELS};
use upvest_description::error::{Error, Result};
use upvest_description::ir::PROBLEM;

/// The crates, by their names in this workspace and in the new one alike.
const CRATES: &[&str] = &["models", "client", "auth-signing", "http"];

/// What stays behind: it is about the vendored description, or builds nothing that is needed.
const LEFT_BEHIND: &[&str] = &[
    "generated",
    "tests",
    "benches",
    "examples",
    "fuzz",
    "surface.txt",
    "Cargo.toml",
];

/// What manifests say of files that stay behind.
const UNNEEDED: &[&str] = &["test", "bench", "example"];

/// All files of the workspace, by their path in it; `root` is where this one is.
///
/// # Errors
/// When the description has no problem details, or a file of this workspace cannot be read.
pub fn files(root: &Path, outcome: &Outcome) -> Result<Files> {
    if outcome.api.named(PROBLEM).is_none() {
        return Err(Error::new(
            "no operation of this description answers problem details",
            "describe its errors as `application/problem+json`: the client's error holds them",
        ));
    }
    let mut files = shared(root)?;
    for (path, text) in &outcome.files {
        let is_of_a_crate = [MODELS, CLIENT].iter().any(|place| path.starts_with(place));
        if let Ok(below) = path.strip_prefix("crates")
            && is_of_a_crate
        {
            files.insert(below.to_owned(), text.clone());
        }
    }
    Ok(files)
}

/// A workspace in which many descriptions, by name, have a module each, in the models and in the client.
/// What the handwritten parts need of a description they have from the first.
///
/// Their operations become methods of one client, so that no two of them may have the same id.
///
/// # Errors
/// When a file of this workspace cannot be read.
pub fn batch(root: &Path, cases: &[(String, Outcome)]) -> Result<Files> {
    let mut files = shared(root)?;
    for (directory, place) in [(MODELS, "models"), (CLIENT, "client")] {
        let place = Path::new(place).join("src/generated");
        let mut list = String::new();
        for (index, (name, outcome)) in cases.iter().enumerate() {
            list.push_str(&format!("/// A case.\npub mod {name};\n"));
            if index == 0 {
                list.push_str(&format!("pub use {name}::*;\n"));
            }
            let models = format!("use upvest_models::{name} as models;");
            for (path, text) in &outcome.files {
                if let Ok(below) = path.strip_prefix(directory) {
                    let mut text = text.replace("use upvest_models as models;", &models);
                    if directory == MODELS && below == Path::new("mod.rs") {
                        text.push_str(HANDED_ON);
                    }
                    files.insert(place.join(name).join(below), text);
                }
            }
        }
        files.insert(place.join("mod.rs"), list);
    }
    Ok(files)
}

/// What the models of a description hand on besides its types.
const HANDED_ON: &str =
    "pub use crate::{DateTime, Decimal, NaiveDate, Secret, Utc, Uuid, limits};\n";

/// Manifests and handwritten parts.
fn shared(root: &Path) -> Result<Files> {
    let mut files = Files::new();
    files.insert("Cargo.toml".into(), workspace(root)?);
    files.insert("Cargo.lock".into(), text(&root.join("Cargo.lock"))?);
    for name in CRATES {
        let directory = root.join("crates").join(name);
        let mut manifest = manifest(&directory.join("Cargo.toml"))?;
        // The examples in the documentation call what the vendored description has, and the tests of what
        // does not depend on one read files that stay behind.
        let own = Path::new("crates").join(name);
        let is_generated = [MODELS, CLIENT]
            .iter()
            .any(|place| Path::new(place).starts_with(&own));
        let library = Table::from_iter([
            ("doctest".to_owned(), false.into()),
            ("test".to_owned(), is_generated.into()),
        ]);
        manifest.insert("lib".to_owned(), library.into());
        for kind in UNNEEDED {
            manifest.remove(*kind);
        }
        let place = PathBuf::from(name);
        files.insert(place.join("Cargo.toml"), manifest.to_string());
        handwritten(&directory, &place, &mut files)?;
    }
    Ok(files)
}

/// Writes them below a directory, which must not hold anything yet.
///
/// # Errors
/// When it does, or cannot be written to.
pub fn write(directory: &Path, files: &Files) -> Result<()> {
    let is_empty =
        std::fs::read_dir(directory).map_or(true, |mut entries| entries.next().is_none());
    if !is_empty {
        return Err(Error::new(
            "this directory is not empty",
            "name one that is not there yet: nothing is overwritten",
        )
        .in_file(directory));
    }
    files
        .iter()
        .try_for_each(|(path, text)| tree::write(&directory.join(path), text))
}

fn workspace(root: &Path) -> Result<String> {
    let mut manifest = manifest(&root.join("Cargo.toml"))?;
    manifest.remove("profile");
    if let Some(workspace) = manifest
        .get_mut("workspace")
        .and_then(toml::Value::as_table_mut)
    {
        workspace.remove("exclude");
        workspace.insert("members".to_owned(), CRATES.to_vec().into());
        let dependencies = workspace
            .get_mut("dependencies")
            .and_then(toml::Value::as_table_mut);
        for (_, dependency) in dependencies.into_iter().flatten() {
            let place = dependency.get("path").and_then(toml::Value::as_str);
            let place = place.and_then(|place| place.strip_prefix("crates/"));
            if let Some(name) = place
                .filter(|place| CRATES.contains(place))
                .map(str::to_owned)
            {
                dependency["path"] = name.into();
            }
        }
    }
    Ok(manifest.to_string())
}

fn text(path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::unreadable(path, error))?;
    Ok(text.replace("\r\n", "\n"))
}

fn manifest(path: &Path) -> Result<Table> {
    text(path)?.parse().map_err(|error: toml::de::Error| {
        Error::new("this is not a manifest", "correct it: cargo reads it too")
            .in_file(path)
            .with_source(error)
    })
}

fn handwritten(directory: &Path, place: &Path, files: &mut Files) -> Result<()> {
    let unreadable = |error| Error::unreadable(directory, error);
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        if LEFT_BEHIND.iter().any(|left| name == *left) {
            continue;
        }
        let (path, place) = (entry.path(), place.join(name));
        if path.is_dir() {
            handwritten(&path, &place, files)?;
        } else {
            files.insert(place, text(&path)?);
        }
    }
    Ok(())
}
