//! `cargo xtask spec`.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand, ValueEnum};
use xtask::error::{Error, Result};
use xtask::yaml;

use super::{Source, workspace};

#[derive(Args)]
pub(crate) struct Spec {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Print the description as generation sees it: as OpenAPI 3.0, with overlays laid over it
    Effective(Effective),
}

#[derive(Args)]
struct Effective {
    #[command(flatten)]
    source: Source,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Yaml)]
    format: Format,

    /// The workspace to read from [default: this one]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Yaml,
    Json,
}

impl Spec {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        match &self.task {
            Task::Effective(task) => task.run(),
        }
    }
}

impl Effective {
    fn run(&self) -> Result<ExitCode> {
        let root = self.root.clone().unwrap_or_else(workspace);
        let document = self.source.read(&root)?;
        let text = match self.format {
            Format::Yaml => yaml::write(&document.root)?,
            Format::Json => format!("{:#}\n", document.root),
        };
        print(&text)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Whoever reads the output may stop before its end, as a pager does.
fn print(text: &str) -> Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Error::new("the output cannot be written", "see where it goes").with_source(error))
        }
        _ => Ok(()),
    }
}
