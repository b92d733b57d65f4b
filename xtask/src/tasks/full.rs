//! `cargo xtask full`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::Value;

use super::{Source, print_remarks, remarks, root, standalone};
use crate::emit::{CLIENT, Files, MODELS};
use upvest_description::error::{Error, Result};

/// Tries the generator on a whole description.
#[derive(Args, Debug)]
pub struct Full {
    /// The API description
    file: PathBuf,

    /// An OpenAPI Overlay 1.1 to apply to it; may be repeated
    #[arg(long, value_name = "FILE")]
    overlay: Vec<PathBuf>,

    /// List the parts of overlays that have no effect
    #[arg(long)]
    verbose: bool,

    /// Print the figures as JSON
    #[arg(long)]
    json: bool,
}

impl Full {
    /// Does it.
    ///
    /// # Errors
    /// When the description is not understood, or what is generated does not build.
    pub fn run(&self) -> Result<ExitCode> {
        let root = root(None)?;
        let directory = root.join("target/full");
        if directory.exists() {
            std::fs::remove_dir_all(&directory).map_err(|error| {
                Error::new(
                    "this cannot be removed",
                    "check its permissions, and whether another program uses it",
                )
                .in_file(&directory)
                .with_source(error)
            })?;
        }

        progress("generating");
        let started = Instant::now();
        let source = Source::of(self.file.clone(), self.overlay.clone(), self.verbose);
        let outcome = source.generate(&root)?;
        let generated = started.elapsed();
        standalone::write(&directory, &standalone::files(&root, &outcome)?)?;

        progress("checking both crates from nothing");
        let started = Instant::now();
        cargo(&directory, &["check", "--workspace"])?;
        let checked = started.elapsed();

        progress("reading and writing back every example");
        cargo(&directory, &["test", "--workspace", "--all-features"])?;

        let api = &outcome.api;
        let figures = [
            ("operations", api.operations.len().into()),
            ("webhooks", api.webhooks.len().into()),
            ("types", api.defs.len().into()),
            ("examples whole", api.examples.len().into()),
            ("lines of models", lines(&outcome.files, MODELS).into()),
            ("lines of client", lines(&outcome.files, CLIENT).into()),
            ("seconds to generate", seconds(generated)),
            ("seconds to check", seconds(checked)),
        ];
        if self.json {
            let mut report = remarks(api);
            for (name, figure) in figures {
                report[name.replace(' ', "_")] = figure;
            }
            println!("{report:#}");
        } else {
            println!("{} {}", api.title, api.version);
            for (name, figure) in figures {
                println!("  {name:<20} {:>8}", figure.to_string());
            }
            print_remarks(api);
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// How many lines of Rust are generated there, tests left out.
fn lines(files: &Files, directory: &str) -> usize {
    let is_test = |path: &Path| path.file_name().is_some_and(|name| name == "examples.rs");
    let files = files.iter();
    let files = files.filter(|(path, _)| path.starts_with(directory) && !is_test(path));
    files.map(|(_, text)| text.lines().count()).sum()
}

fn progress(what: &str) {
    eprintln!("{what} ...");
}

/// With two decimal places.
fn seconds(duration: Duration) -> Value {
    Value::from((duration.as_secs_f64() * 100.0).round() / 100.0)
}

fn cargo(directory: &Path, arguments: &[&str]) -> Result<()> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(program)
        .args(arguments)
        .arg("--quiet")
        .env("CARGO_TARGET_DIR", directory.join("target"))
        .current_dir(directory)
        .status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(Error::new(
            format!(
                "`cargo {}` fails on what was generated",
                arguments.join(" ")
            ),
            "see above; this is a fault of the generator",
        )
        .in_file(directory)),
        Err(error) => {
            Err(Error::new("cargo cannot be run", "see whether it is installed").with_source(error))
        }
    }
}
