//! `cargo xtask surface`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{root, slashed};
use crate::check::tree::{self, Drift};
use crate::emit::{SURFACE, surface};
use upvest_description::error::Result;

/// The public API of the generated code, as it is written down, and its chapter of the book.
#[derive(Args, Debug)]
pub struct Surface {
    /// Write nothing: compare with what is there, and fail with exit code 1 if it differs
    #[arg(long)]
    check: bool,

    /// The workspace to read from and write to [default: this one]
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
}

impl Surface {
    /// Writes it down, or compares.
    ///
    /// # Errors
    /// When the description is not understood, or a file cannot be read or written.
    pub fn run(&self) -> Result<ExitCode> {
        let root = root(self.root.as_deref())?;
        let outcome = crate::generate_vendored(&root, &[])?;
        let files = surface::files(&outcome.api);
        let drift = tree::compare(&root, &[], &files)?;
        if !self.check {
            if !drift.is_empty() {
                tree::replace(&root, &[], &files)?;
            }
            println!("{} files, {} changed", files.len(), drift.len());
            return Ok(ExitCode::SUCCESS);
        }
        for (path, drift) in &drift {
            println!("{drift:<8} {}", slashed(path));
            if let Drift::Changed(difference) = drift {
                println!("{difference}\n");
            }
        }
        if drift.is_empty() {
            println!("{} files are as recorded", files.len());
        } else {
            eprintln!(
                "error: the public API is not as recorded\n  help: run `{}`, and review what it writes",
                SURFACE
            );
        }
        Ok(ExitCode::from(u8::from(!drift.is_empty())))
    }
}
