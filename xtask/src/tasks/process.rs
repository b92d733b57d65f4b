//! Programs that tasks run, and their output.

use std::path::Path;
use std::process::{Command, Stdio};

use upvest_description::error::{Error, Result};

/// A command line as a person would write it.
pub fn shown(program: &str, arguments: &[&str]) -> String {
    let words = std::iter::once(program).chain(arguments.iter().copied());
    words.collect::<Vec<_>>().join(" ")
}

/// Runs a program in a directory, with its output shown.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn run(directory: &Path, program: &str, arguments: &[&str]) -> Result<()> {
    run_with(directory, program, arguments, &[])
}

/// The same, with environment variables set.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn run_with(
    directory: &Path,
    program: &str,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Result<()> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory);
    let status = command.envs(variables.iter().copied()).status();
    let status = status.map_err(|error| not_started(program, error))?;
    if status.success() {
        return Ok(());
    }
    Err(failed(program, arguments, &status.to_string()))
}

/// What a program writes to its standard output.
///
/// # Errors
/// When it cannot be started, or fails.
pub fn output(directory: &Path, program: &str, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory);
    let output = command.stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| not_started(program, error))?;
    if !output.status.success() {
        return Err(failed(program, arguments, &output.status.to_string()));
    }
    String::from_utf8(output.stdout).map_err(|error| {
        Error::new(
            format!("`{program}` does not write UTF-8"),
            "see what it writes",
        )
        .with_source(error)
    })
}

/// Whether a program can be started: `program --version` succeeds.
pub fn is_installed(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).arg("--version");
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn not_started(program: &str, error: std::io::Error) -> Error {
    Error::new(format!("`{program}` cannot be run"), "install it").with_source(error)
}

fn failed(program: &str, arguments: &[&str], status: &str) -> Error {
    Error::new(
        format!("`{}` failed ({status})", shown(program, arguments)),
        "see what it says above",
    )
}
