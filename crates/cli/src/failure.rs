//! Why a command failed, and the exit code for it.

use std::fmt::{self, Display};
use std::io;
use std::path::Path;
use std::process::ExitCode;

use upvest_http::Excerpt;

use crate::output;

/// What went wrong, in the words of the exit codes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// Something else.
    Other,
    /// The command line or an argument of a call.
    Usage,
    /// A profile, a variable of the environment, or a key.
    Configuration,
    /// The API refused the call.
    Refused,
    /// The API did not accept who is calling.
    Authentication,
    /// The API failed, or could not be reached.
    Unavailable,
    /// The user was asked and did not agree.
    NotConfirmed,
    /// Nobody reads standard output any more, which is how `| head` ends a program.
    OutputClosed,
}

impl FailureKind {
    fn code(self) -> u8 {
        match self {
            Self::OutputClosed => 0,
            Self::Other => 1,
            Self::Usage => 2,
            Self::Configuration => 3,
            Self::Refused => 4,
            Self::Authentication => 5,
            Self::Unavailable => 6,
            Self::NotConfirmed => 7,
        }
    }
}

/// The end of a command that failed.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: FailureKind,
    message: String,
    help: Option<String>,
}

impl Failure {
    pub(crate) fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            help: None,
        }
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, message)
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Configuration, message)
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(doing: &str, path: &Path, error: impl Display) -> Self {
        let message = format!("cannot {doing} `{}`: {error}", path.display());
        Self::new(FailureKind::Other, message)
    }

    /// The same with another exit code.
    pub(crate) fn of(mut self, kind: FailureKind) -> Self {
        self.kind = kind;
        self
    }

    /// Adds what to do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Prints it to standard error, and returns its exit code.
    pub(crate) fn tell(&self, is_quiet: bool) -> ExitCode {
        if self.kind != FailureKind::OutputClosed {
            let style = output::Style::of_stderr();
            output::note(&format!("{} {}", style.red("error:"), self.message));
            if let Some(help) = self.help.as_ref().filter(|_| !is_quiet) {
                output::note(&format!("  help: {help}"));
            }
        }
        ExitCode::from(self.kind.code())
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::BrokenPipe => FailureKind::OutputClosed,
            _ => FailureKind::Other,
        };
        Self::new(kind, error.to_string())
    }
}

impl From<upvest_auth_signing::KeyError> for Failure {
    fn from(error: upvest_auth_signing::KeyError) -> Self {
        Self::configuration(with_sources(&error))
    }
}

impl From<upvest::Error> for Failure {
    fn from(error: upvest::Error) -> Self {
        let status = error.status().map(|status| status.as_u16());
        let (kind, help) = match status {
            _ if error.is_configuration() => (FailureKind::Configuration, None),
            _ if error.is_invalid_request() => (FailureKind::Usage, None),
            Some(401) => (FailureKind::Authentication, Some(SIGNATURE_HELP)),
            Some(403) => (FailureKind::Authentication, Some(SCOPE_HELP)),
            Some(500..=599) => (FailureKind::Unavailable, None),
            // If the token endpoint could not be reached, a missing token does not mean that the caller was refused.
            None if error.is_transient() || error.is_tls() => (FailureKind::Unavailable, None),
            _ if error.is_authentication() => (FailureKind::Authentication, None),
            Some(400..=499) => (FailureKind::Refused, None),
            _ => (FailureKind::Unavailable, None),
        };
        Self {
            kind,
            message: error.to_string(),
            help: help.map(str::to_owned),
        }
    }
}

const SIGNATURE_HELP: &str = "`upvest whoami` tries credentials, key and clock; `upvest explain` shows why a signature is wrong";
const SCOPE_HELP: &str =
    "the client may lack a scope: `upvest call OPERATION --help` names those of an operation";

/// An error and what it came from, in one line.
pub(crate) fn with_sources(error: &dyn std::error::Error) -> String {
    let mut line = Excerpt::new(&error.to_string()).to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let text = Excerpt::new(&error.to_string()).to_string();
        // Some errors repeat the text of their source.
        if !line.ends_with(&text) {
            line.push_str(": ");
            line.push_str(&text);
        }
        source = error.source();
    }
    line
}
