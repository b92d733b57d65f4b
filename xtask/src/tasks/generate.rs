//! `cargo xtask generate`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use super::{Source, print_remarks, remarks, root, slashed, standalone};
use crate::check::tree::{self, Drift};
use crate::emit::{COMMAND, Files};
use crate::{GENERATED, Outcome};
use upvest_description::error::Result;

/// Generates, or finds drift.
#[derive(Args, Debug)]
pub struct Generate {
    /// Write nothing: compare with what is there, and fail with exit code 1 if it differs
    #[arg(long)]
    check: bool,

    #[command(flatten)]
    source: Source,

    /// The workspace to read from and write to [default: this one]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,

    /// Write a separate workspace there instead, with the handwritten parts, to build and to test
    #[arg(long, value_name = "DIR", conflicts_with_all = ["check", "root"])]
    out: Option<PathBuf>,

    /// Print the outcome as JSON
    #[arg(long)]
    json: bool,
}

impl Generate {
    /// Does it.
    ///
    /// # Errors
    /// When the description is not understood, or a file cannot be read or written.
    pub fn run(&self) -> Result<ExitCode> {
        let started = Instant::now();
        let root = root(self.root.as_deref())?;
        let outcome = self.source.generate(&root)?;
        if let Some(directory) = &self.out {
            let files = standalone::files(&root, &outcome)?;
            standalone::write(directory, &files)?;
            self.report(&outcome, files.len(), started);
            return Ok(ExitCode::SUCCESS);
        }
        if self.check {
            return self.check(&root, &outcome.files);
        }
        let drift = tree::compare(&root, GENERATED, &outcome.files)?;
        if !drift.is_empty() {
            tree::replace(&root, GENERATED, &outcome.files)?;
        }
        self.report(&outcome, drift.len(), started);
        Ok(ExitCode::SUCCESS)
    }

    fn check(&self, root: &Path, files: &Files) -> Result<ExitCode> {
        let drift = tree::compare(root, GENERATED, files)?;
        if self.json {
            let drift: Vec<_> = drift
                .iter()
                .map(|(path, drift)| json!({ "file": slashed(path), "drift": drift.to_string() }))
                .collect();
            println!("{:#}", json!({ "files": files.len(), "drift": drift }));
        } else if drift.is_empty() {
            println!(
                "{} generated files are what the description makes",
                files.len()
            );
        } else {
            for (path, drift) in &drift {
                println!("{drift:<8} {}", slashed(path));
                if let Drift::Changed(difference) = drift {
                    println!("{difference}\n");
                }
            }
            eprintln!(
                "error: the generated code differs from the description\n  help: run `{COMMAND}`"
            );
        }
        Ok(ExitCode::from(u8::from(!drift.is_empty())))
    }

    fn report(&self, outcome: &Outcome, changed: usize, started: Instant) {
        let api = &outcome.api;
        let lines: usize = outcome
            .files
            .values()
            .map(|text| text.lines().count())
            .sum();
        let seconds = started.elapsed().as_secs_f64();
        let rows = [
            ("operations", api.operations.len()),
            ("webhooks", api.webhooks.len()),
            ("types", api.defs.len()),
            ("files", outcome.files.len()),
            ("lines", lines),
            ("changed", changed),
        ];
        if self.json {
            let mut report = remarks(api);
            report["seconds"] = seconds.into();
            for (name, count) in rows {
                report[name] = count.into();
            }
            report["names"] = api
                .defs
                .iter()
                .map(|one| (one.name.clone(), one.pointer().as_str().into()))
                .collect::<serde_json::Map<_, _>>()
                .into();
            println!("{report:#}");
        } else {
            println!("{} {}", api.title, api.version);
            for (name, count) in rows {
                println!("  {name:<10} {count:>6}");
            }
            println!("  {:<10} {seconds:>6.2}", "seconds");
            print_remarks(api);
        }
    }
}
