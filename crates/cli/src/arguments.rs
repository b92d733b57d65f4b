//! The command line.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::explain::ExplainArguments;
use crate::globals::Globals;
use crate::inbox::InboxArguments;
use crate::keys::KeysArguments;
use crate::profile::whoami::WhoamiArguments;
use crate::profile::{InitArguments, ProfilesArguments, UseArguments};
use crate::proxy::ProxyArguments;
use crate::sandbox::SandboxArguments;
use crate::spec::SpecArguments;
use crate::webhooks::WebhooksArguments;

/// What each exit code means.
const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  what was looked at is not in order, or something else went wrong
  2  the command line or the arguments of a call are wrong; nothing was sent
  3  the profile, the environment or a key is missing or wrong
  4  the API refused the call (400 to 499)
  5  the API did not accept who is calling (401, 403), or issued no token
  6  the API failed (500 to 599) or could not be reached in time
  7  it was not confirmed";

/// The command line program for the Upvest Investment API
#[derive(Parser)]
#[command(name = "upvest", version, after_help = EXIT_CODES, propagate_version = true)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    Call(CallArguments),
    Init(InitArguments),
    Profiles(ProfilesArguments),
    Use(UseArguments),
    Whoami(WhoamiArguments),
    Keys(KeysArguments),
    Explain(ExplainArguments),
    Proxy(ProxyArguments),
    Webhooks(Box<WebhooksArguments>),
    Inbox(Box<InboxArguments>),
    Sandbox(Box<SandboxArguments>),
    Spec(SpecArguments),
    Completions(CompletionsArguments),
    Man(ManArguments),
}

/// Call an operation of the API
///
/// Arguments are options or pairs: `--account-group-id ID` or `account_group_id=ID`. Fields within
/// fields are `address.city=Berlin`, and `name:=JSON` takes anything. All of it is checked before
/// anything is sent. `upvest call OPERATION --help` lists the arguments of an operation.
#[derive(Args)]
pub(crate) struct CallArguments {
    /// List the operations, or those with this word in their id, path, tag, scopes or summary
    #[arg(long, value_name = "WORD", num_args = 0..=1, default_missing_value = "")]
    pub(crate) list: Option<String>,

    /// The operation, `retrieve_cash_balances` for example, and its arguments
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_names = ["OPERATION", "ARGUMENTS"],
        num_args = 1..,
        required_unless_present = "list"
    )]
    pub(crate) operation: Vec<OsString>,
}

/// Print a script that completes commands, options and operations in a shell
#[derive(Args)]
pub(crate) struct CompletionsArguments {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// Print the manual page, or write those of all commands
#[derive(Args)]
pub(crate) struct ManArguments {
    /// Write a page for each command into this directory
    #[arg(long, value_name = "PATH")]
    pub(crate) directory: Option<PathBuf>,
}
