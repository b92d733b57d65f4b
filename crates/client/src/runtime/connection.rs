//! Telling failures of the connection from all others.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter;

/// How a connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// Whether there was none yet, so that nothing was sent.
    pub(super) connecting: bool,
    /// Whether time ran out.
    pub(super) timed_out: bool,
}

/// The failure of a connection that an error is, or came from.
///
/// Transports of one's own are asked to fail as reqwest does, or with an [`io::Error`].
pub(super) fn failure(error: &(dyn Error + 'static)) -> Option<Failure> {
    iter::successors(Some(error), |&error| error.source()).find_map(|error| {
        if let Some(error) = error.downcast_ref::<reqwest::Error>() {
            return (!error.is_builder()).then(|| Failure {
                connecting: error.is_connect(),
                timed_out: error.is_timeout(),
            });
        }
        let kind = error.downcast_ref::<io::Error>()?.kind();
        let is_connection = matches!(
            kind,
            ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::NotConnected
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof
                | ErrorKind::TimedOut
        );
        is_connection.then_some(Failure {
            connecting: kind == ErrorKind::ConnectionRefused,
            timed_out: kind == ErrorKind::TimedOut,
        })
    })
}

/// What kind of error it is, in the few words that `error.type` takes.
pub(super) fn class(error: &(dyn Error + 'static)) -> &'static str {
    match failure(error) {
        Some(failure) if failure.timed_out => "timeout",
        Some(failure) if failure.connecting => "connect",
        Some(_) => "transport",
        None => "middleware",
    }
}
