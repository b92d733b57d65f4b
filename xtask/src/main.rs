//! `cargo xtask`: the tasks of this workspace.
//!
//! Exit codes: 0 all is well, 1 what is in the tree differs from what would be written, 2 the
//! description or the command line is wrong, or a file cannot be read or written.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use xtask::tasks;

/// The tasks of the Upvest SDK.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Generate the models and the client from the API description
    Generate(tasks::generate::Generate),
    /// Try the generator on a whole description: generate, build, test, and tell the figures
    Full(tasks::full::Full),
    /// Write down the public API of the models and the client
    Surface(tasks::surface::Surface),
    /// Look at the API description
    Spec(tasks::spec::Spec),
}

fn main() -> ExitCode {
    let task = match Cli::try_parse() {
        Ok(cli) => cli.task,
        Err(error) => return refuse(&error),
    };
    let outcome = match &task {
        Task::Generate(task) => task.run(),
        Task::Full(task) => task.run(),
        Task::Surface(task) => task.run(),
        Task::Spec(task) => task.run(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(tasks::FAILED)
    })
}

/// Says what is wrong with the command line, or shows the help that it asks for.
fn refuse(error: &clap::Error) -> ExitCode {
    // Nothing can be done about a closed terminal.
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { tasks::FAILED } else { 0 })
}
