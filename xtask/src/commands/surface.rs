//! `cargo xtask surface`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use xtask::error::Result;
use xtask::generate::Files;
use xtask::surface;
use xtask::tree::{self, Drift};

use super::{root, slashed};

#[derive(Args)]
pub(crate) struct Surface {
    /// Write nothing: compare with what is there, and fail with exit code 1 if it differs
    #[arg(long)]
    check: bool,

    /// The workspace to read from and write to [default: this one]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

impl Surface {
    pub(crate) fn run(&self) -> Result<ExitCode> {
        let root = root(self.root.as_deref())?;
        let generated = tree::read(&root, xtask::GENERATED)?;
        let files: Files = surface::files(&root, &generated)?;
        let drift = tree::compare(&root, &[], &files)?;
        if !self.check {
            if !drift.is_empty() {
                tree::replace(&root, &[], &files)?;
            }
            println!("{} surfaces, {} changed", files.len(), drift.len());
            return Ok(ExitCode::SUCCESS);
        }
        for (path, drift) in &drift {
            println!("{drift:<8} {}", slashed(path));
            if let Drift::Changed(difference) = drift {
                println!("{difference}\n");
            }
        }
        if drift.is_empty() {
            println!("{} surfaces are as written down", files.len());
        } else {
            eprintln!(
                "error: the public API is not as written down\n  help: run `{}`, and review what it writes",
                surface::COMMAND
            );
        }
        Ok(ExitCode::from(u8::from(!drift.is_empty())))
    }
}
