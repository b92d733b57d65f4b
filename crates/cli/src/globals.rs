//! The options of every command.

use clap::Args;

/// Options that every command accepts.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Globals {
    /// The profile to use in place of the current one; `local` is the sandbox of this machine
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help_heading = "Global options"
    )]
    pub(crate) profile: Option<String>,

    /// Do not ask before something is changed at the live API
    #[arg(short = 'y', long, global = true, help_heading = "Global options")]
    pub(crate) yes: bool,

    /// Print results and errors, and nothing else
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,

    /// Print what happens on the way: spans of calls and of requests
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) verbose: bool,
}

impl Globals {
    /// Those that were given before and after the name of an operation.
    pub(crate) fn and(self, later: Self) -> Self {
        Self {
            profile: later.profile.or(self.profile),
            yes: self.yes || later.yes,
            quiet: self.quiet || later.quiet,
            verbose: self.verbose || later.verbose,
        }
    }
}
