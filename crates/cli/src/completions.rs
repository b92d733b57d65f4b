//! Completion scripts and manual pages.

use std::process::ExitCode;

use clap::CommandFactory;
use clap::builder::PossibleValuesParser;

use crate::arguments::{Arguments, CompletionsArguments, ManArguments};
use crate::failure::Failure;
use crate::output;

/// Prints the script for a shell. It completes operations by their ids.
pub(crate) fn write(arguments: &CompletionsArguments) -> Result<ExitCode, Failure> {
    let ids = upvest::OPERATIONS.iter().map(|operation| operation.id);
    let ids = PossibleValuesParser::new(ids.collect::<Vec<_>>());
    let mut command = Arguments::command().mut_subcommand("call", |call| {
        call.mut_arg("operation", |operation| operation.value_parser(ids))
    });
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "upvest", &mut script);
    output::print(&script)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the page of the program, or writes the pages of all commands.
pub(crate) fn write_man(arguments: &ManArguments) -> Result<ExitCode, Failure> {
    let command = Arguments::command();
    match &arguments.directory {
        Some(directory) => {
            std::fs::create_dir_all(directory)
                .and_then(|()| clap_mangen::generate_to(command, directory))
                .map_err(|error| Failure::file("write", directory, error))?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command).render(&mut page)?;
            output::print(&page)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
