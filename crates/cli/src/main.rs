//! `upvest`, the command line program for the Upvest Investment API: calls of every operation, keys,
//! profiles, and a stand-in for the API.

#![forbid(unsafe_code)]

mod arguments;
mod bind;
mod call;
mod clock;
mod completions;
mod description;
mod explain;
mod failure;
mod globals;
mod inbox;
mod input;
mod keys;
mod kinds;
mod near;
mod output;
mod profile;
mod prompt;
mod proxy;
mod sandbox;
mod spec;
mod stop;
mod verbose;
mod view;
mod webhooks;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command};
use failure::Failure;

fn main() -> ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| spec::refuse(&error));
    let is_quiet = arguments.globals.quiet;
    match run(arguments) {
        Ok(code) => code,
        Err(failure) => failure.tell(is_quiet),
    }
}

fn run(arguments: Arguments) -> Result<ExitCode, Failure> {
    let Arguments { globals, command } = arguments;
    if globals.verbose {
        verbose::begin();
    }
    match command {
        Command::Init(arguments) => profile::init(arguments),
        Command::Profiles(arguments) => profile::profiles(arguments),
        Command::Use(arguments) => profile::select(arguments),
        Command::Whoami(arguments) => block_on(profile::whoami::run(&arguments, &globals)),
        Command::Keys(arguments) => keys::run(arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Proxy(arguments) => block_on(proxy::run(&arguments, &globals)),
        Command::Webhooks(arguments) => block_on(webhooks::run(*arguments, &globals)),
        Command::Inbox(arguments) => block_on(inbox::run(*arguments)),
        Command::Sandbox(arguments) => block_on(sandbox::run(*arguments)),
        Command::Spec(arguments) => spec::run(&arguments),
        Command::Completions(arguments) => completions::write(&arguments),
        Command::Man(arguments) => completions::write_man(&arguments),
        Command::Call(arguments) => block_on(call::run(&arguments, globals)),
    }
}

/// Runs a future on a runtime of one thread.
fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(Failure::from)?;
    runtime.block_on(future)
}
