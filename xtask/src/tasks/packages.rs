//! `cargo xtask packages`: the packages as they are published, built without the workspace.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;

use super::{process, root};
use upvest_description::error::{Error, Result};

/// Packs every crate that is published, and builds the packages and the examples in their docs
/// outside the workspace.
#[derive(Args, Debug)]
pub struct Packages {
    /// Do not run the examples in their docs
    #[arg(long)]
    no_examples: bool,

    /// Demand what only a release sets: the addresses of the repository and of the homepage
    #[arg(long)]
    release: bool,
}

/// The files that every package must have besides its sources.
const CONTENTS: [&str; 4] = ["Cargo.toml", "README.md", "LICENSE-APACHE", "LICENSE-MIT"];

impl Packages {
    /// Does it.
    ///
    /// # Errors
    /// When a crate cannot be packed, a package lacks a file or does not build, or an example fails.
    pub fn run(&self) -> Result<ExitCode> {
        let root = root(None)?;
        // The packages are built offline, so that they take nothing that the workspace was not tested with.
        process::run(&root, "cargo", &["fetch", "--locked", "--quiet"])?;
        if self.release {
            demand_addresses(&metadata(&root, &["--no-deps"])?)?;
        }
        let crates = published(&root)?;
        pack(&root, &crates)?;
        let directory = root.join("target/unpacked");
        unpack(&root, &directory, &crates)?;
        for (name, version) in &crates {
            let package = directory.join(format!("{name}-{version}"));
            for file in CONTENTS {
                if !package.join(file).is_file() {
                    return Err(Error::new(
                        format!("the package {name} has no {file}"),
                        format!("see `include` in the manifest of {name}"),
                    ));
                }
            }
        }
        build(&root, &directory)?;
        if !self.no_examples {
            run_examples(&root, &directory)?;
        }
        println!("{} packages are complete", crates.len());
        Ok(ExitCode::SUCCESS)
    }
}

/// Every package that is published says where its repository and its homepage are.
fn demand_addresses(metadata: &serde_json::Value) -> Result<()> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    for package in packages.filter(|package| package["publish"].is_null()) {
        for key in ["repository", "homepage"] {
            if package[key].as_str().unwrap_or_default().is_empty() {
                return Err(Error::new(
                    format!("the package {} has no {key}", package["name"]),
                    "`cargo xtask release` sets it for the workspace; the manifest has to inherit it",
                ));
            }
        }
    }
    Ok(())
}

/// Names and versions of the crates that are published.
///
/// # Errors
/// When cargo cannot read the workspace.
pub fn published(root: &Path) -> Result<Vec<(String, String)>> {
    let metadata = metadata(root, &["--no-deps"])?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    Ok(packages
        .filter(|package| package["publish"].is_null())
        .map(|package| (text(&package["name"]), text(&package["version"])))
        .collect())
}

/// What `cargo metadata` prints about the workspace.
///
/// # Errors
/// When cargo fails.
pub fn metadata(root: &Path, more: &[&str]) -> Result<serde_json::Value> {
    let arguments = [&["metadata", "--locked", "--format-version", "1"][..], more].concat();
    let text = process::output(root, "cargo", &arguments)?;
    serde_json::from_str(&text).map_err(|error| {
        Error::new(
            "the output of `cargo metadata` is not JSON",
            "see what it writes",
        )
        .with_source(error)
    })
}

fn pack(root: &Path, crates: &[(String, String)]) -> Result<()> {
    let mut arguments = vec![
        "package",
        "--locked",
        "--quiet",
        "--no-verify",
        "--allow-dirty",
    ];
    for (name, _) in crates {
        arguments.extend(["--package", name]);
    }
    process::run(root, "cargo", &arguments)
}

fn unpack(root: &Path, directory: &Path, crates: &[(String, String)]) -> Result<()> {
    let failed = |path: &Path, error: std::io::Error| {
        Error::new(
            "this cannot be written",
            "check its permissions, and whether another program uses it",
        )
        .in_file(path)
        .with_source(error)
    };
    if directory.exists() {
        std::fs::remove_dir_all(directory).map_err(|error| failed(directory, error))?;
    }
    std::fs::create_dir_all(directory).map_err(|error| failed(directory, error))?;
    for (name, version) in crates {
        let archive = root.join(format!("target/package/{name}-{version}.crate"));
        process::run(directory, "tar", &["-xzf", &archive.to_string_lossy()])?;
    }
    let manifest = directory.join("Cargo.toml");
    std::fs::write(&manifest, workspace_of(crates)).map_err(|error| failed(&manifest, error))?;
    // The versions of dependencies that the workspace is tested with.
    let lock: PathBuf = directory.join("Cargo.lock");
    std::fs::copy(root.join("Cargo.lock"), &lock).map_err(|error| failed(&lock, error))?;
    Ok(())
}

/// A workspace of packages, each of which finds the others here and not in a registry.
fn workspace_of(crates: &[(String, String)]) -> String {
    let mut text =
        "[workspace]\nresolver = \"3\"\nmembers = [\"*\"]\n\n[patch.crates-io]\n".to_owned();
    for (name, version) in crates {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name} = {{ path = \"{name}-{version}\" }}");
    }
    text
}

/// Builds libraries and programs.
fn build(root: &Path, directory: &Path) -> Result<()> {
    cargo(root, directory, &["check", "--lib", "--bins"])
}

/// Runs the examples in the docs.
fn run_examples(root: &Path, directory: &Path) -> Result<()> {
    cargo(root, directory, &["test", "--doc"])
}

/// Runs cargo for all packages. Dependencies that the workspace has built already are reused.
fn cargo(root: &Path, directory: &Path, command: &[&str]) -> Result<()> {
    let target = root.join("target");
    let variables = [("CARGO_TARGET_DIR", &*target.to_string_lossy())];
    let arguments = [command, &["--offline", "--workspace", "--all-features"]].concat();
    process::run_with(directory, "cargo", &arguments, &variables)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{demand_addresses, workspace_of};

    #[test]
    fn a_release_needs_addresses_of_all_that_is_published() {
        let inner = json!({ "name": "a", "publish": [], "repository": null, "homepage": null });
        let whole = json!({ "name": "b", "publish": null, "repository": "https://example.org", "homepage": "https://example.org" });
        let metadata = json!({ "packages": [inner, whole] });
        demand_addresses(&metadata).unwrap();
        for key in ["repository", "homepage"] {
            let mut metadata = metadata.clone();
            metadata["packages"][1][key] = json!("");
            let error = demand_addresses(&metadata).unwrap_err().to_string();
            assert!(error.contains(key), "{error}");
        }
    }

    #[test]
    fn each_package_finds_the_others() {
        let crates = [
            ("a".to_owned(), "1.0.0".to_owned()),
            ("b".to_owned(), "1.0.0".to_owned()),
        ];
        let text = workspace_of(&crates);
        assert!(
            text.contains("a = { path = \"a-1.0.0\" }\nb = { path = \"b-1.0.0\" }\n"),
            "{text}"
        );
        assert!(text.parse::<toml::Table>().is_ok(), "{text}");
    }
}
