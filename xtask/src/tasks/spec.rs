//! `cargo xtask spec`.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::effective::Effective;
use crate::error::Result;

/// What is done with a description.
#[derive(Args, Debug)]
pub struct Spec {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Print the description as generation sees it: as OpenAPI 3.0, with overlays laid over it
    Effective(Effective),
}

impl Spec {
    /// Does it.
    ///
    /// # Errors
    /// When a file cannot be read or is not understood.
    pub fn run(&self) -> Result<ExitCode> {
        match &self.task {
            Task::Effective(task) => task.run(),
        }
    }
}
