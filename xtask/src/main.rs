//! `cargo xtask`: the tasks of this workspace.
//!
//! Exit codes: 0 all is well, 1 the generated code differs from the description, 2 the description
//! or the command line is wrong, or a file cannot be read or written.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};

mod commands;

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
    Generate(commands::generate::Generate),
    /// Look at the API description
    Spec(commands::spec::Spec),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().task {
        Task::Generate(task) => task.run(),
        Task::Spec(task) => task.run(),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::from(2)
    })
}
