//! Runs the sandbox as a separate process and prints what a client needs to talk to it.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser;
use upvest_sandbox::program;

/// A stand-in for the Upvest Investment API on this machine.
///
/// Prints the variables that make a client talk to it, ready for a shell to read, and runs until
/// Ctrl-C. The credentials are made up at each start and valid only for this sandbox.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(flatten)]
    options: program::Options,
}

#[tokio::main]
async fn main() -> ExitCode {
    match program::run(Arguments::parse().options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
