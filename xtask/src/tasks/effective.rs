//! `cargo xtask spec effective`.

use std::io::{ErrorKind, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use super::{Source, root};
use upvest_description::error::{Error, Result};
use upvest_description::read::yaml;

/// The description as generation sees it.
#[derive(Args, Debug)]
pub struct Effective {
    #[command(flatten)]
    source: Source,

    /// How to print it
    #[arg(long, value_enum, default_value_t = Format::Yaml)]
    format: Format,

    /// The workspace to read from [default: this one]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Yaml,
    Json,
}

impl Effective {
    /// Prints it.
    ///
    /// # Errors
    /// When the description cannot be read, or is not understood.
    pub fn run(&self) -> Result<ExitCode> {
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
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Error::new(
            "the output cannot be written",
            "check where it goes",
        )
        .with_source(error)),
        _ => Ok(()),
    }
}
