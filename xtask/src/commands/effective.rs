//! `cargo xtask spec effective`.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use xtask::error::{Error, Result};
use xtask::yaml;

use super::{Source, root};

#[derive(Args)]
pub(crate) struct Effective {
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

impl Effective {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let root = root(self.root.as_deref())?;
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
