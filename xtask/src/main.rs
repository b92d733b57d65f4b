//! `cargo xtask`: the tasks of this workspace.
//!
//! Exit codes: 0 all is well, 1 what is in the tree differs from what would be written, 2 the
//! description or the command line is wrong, or a file cannot be read or written. `spec diff` says
//! with 1 and 2 what it found, and exits with 3 where the other tasks exit with 2.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use upvest_description::error::{Error, Fault};
use xtask::{OVERLAY, tasks};

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
    /// Try the generator on a whole description: generate, build, test, and print the figures
    Full(tasks::full::Full),
    /// Record the public API of the models and the client
    Surface(tasks::surface::Surface),
    /// Print the API description, compare versions of it, and take a new one
    Spec(tasks::spec::Spec),
    /// List for users what the description changes since the last release
    Changelog(tasks::unreleased::Changelog),
    /// Run everything that a change has to pass
    Ci(tasks::ci::Ci),
    /// Check the links of the book, which `mdbook build` has built
    Book(tasks::book::Book),
    /// Compute the oldest Rust that each crate can promise
    Msrv(tasks::msrv::Msrv),
    /// Pack every published crate, and build the packages outside the workspace
    Packages(tasks::packages::Packages),
    /// Make a release: version, changelog, packages, commit and tag
    Release(tasks::release::Release),
    /// Compare the public API with that of the last release
    Semver(tasks::semver::Semver),
}

fn main() -> ExitCode {
    let task = match Cli::try_parse() {
        Ok(cli) => cli.task,
        Err(error) => return refuse(&error),
    };
    let (outcome, code) = match &task {
        Task::Generate(task) => (task.run(), tasks::FAILED),
        Task::Full(task) => (task.run(), tasks::FAILED),
        Task::Surface(task) => (task.run(), tasks::FAILED),
        Task::Spec(task) => (task.run(), task.code_of_error()),
        Task::Changelog(task) => (task.run(), tasks::FAILED),
        Task::Ci(task) => (task.run(), tasks::FAILED),
        Task::Book(task) => (task.run(), tasks::FAILED),
        Task::Msrv(task) => (task.run(), tasks::FAILED),
        Task::Packages(task) => (task.run(), tasks::FAILED),
        Task::Release(task) => (task.run(), tasks::FAILED),
        Task::Semver(task) => (task.run(), tasks::FAILED),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}{}", by_overlay(&error));
        ExitCode::from(code)
    })
}

/// Further advice about an error, since overlays can correct a description.
fn by_overlay(error: &Error) -> String {
    match error.fault() {
        Fault::Document => String::new(),
        Fault::Unsupported => format!(", in the description or in an overlay ({OVERLAY})"),
        Fault::Undecided(extension) => {
            format!(", or say `{extension}` there in an overlay ({OVERLAY})")
        }
    }
}

/// Prints what is wrong with the command line, or the help that it asks for.
fn refuse(error: &clap::Error) -> ExitCode {
    // A closed terminal is not reported.
    let _ = error.print();
    let is_diff = std::env::args().skip(1).take(2).eq(["spec", "diff"]);
    match (error.use_stderr(), is_diff) {
        (false, _) => ExitCode::SUCCESS,
        (true, true) => ExitCode::from(tasks::spec::NOT_COMPARED),
        (true, false) => ExitCode::from(tasks::FAILED),
    }
}
