//! Distinguishes failures of the connection from all others.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter;

/// How a connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// Whether TLS failed: the certificate is not that of the server, or not trusted.
    pub(super) insecure: bool,
    /// Whether no connection was made, so that nothing was sent.
    pub(super) connecting: bool,
    /// Whether time ran out.
    pub(super) timed_out: bool,
}

/// The failure of a connection that an error is, or came from.
///
/// Other transports should fail as reqwest does, or with an [`io::Error`].
pub(super) fn failure(error: &(dyn Error + 'static)) -> Option<Failure> {
    causes(error)
        .take_while(|&cause| !is_signing(cause))
        .find_map(|cause| of_reqwest(cause).or_else(|| of_io(cause)))
}

/// Whether a request could not be signed. That a remote signer cannot be reached says nothing
/// about the connection to the API.
#[cfg(feature = "auth")]
fn is_signing(error: &(dyn Error + 'static)) -> bool {
    error.is::<upvest_auth_signing::SignError>()
}

#[cfg(not(feature = "auth"))]
fn is_signing(_: &(dyn Error + 'static)) -> bool {
    false
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| error.source())
}

#[cfg(feature = "transport")]
fn of_reqwest(error: &(dyn Error + 'static)) -> Option<Failure> {
    let error = error.downcast_ref::<reqwest::Error>()?;
    (!error.is_builder()).then(|| Failure {
        insecure: error.is_connect() && causes(error).any(is_refusal),
        connecting: error.is_connect(),
        timed_out: error.is_timeout(),
    })
}

/// Whether TLS refused the other side: that comes with this kind, within another one.
#[cfg(feature = "transport")]
fn is_refusal(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| {
        error.kind() == ErrorKind::InvalidData
            || error.get_ref().is_some_and(|inner| is_refusal(inner))
    })
}

#[cfg(not(feature = "transport"))]
fn of_reqwest(_: &(dyn Error + 'static)) -> Option<Failure> {
    None
}

fn of_io(error: &(dyn Error + 'static)) -> Option<Failure> {
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
        insecure: false,
        connecting: kind == ErrorKind::ConnectionRefused,
        timed_out: kind == ErrorKind::TimedOut,
    })
}

/// The `error.type` of what took too long.
pub(super) const TIMEOUT: &str = "timeout";

/// The kind of error, as a value of `error.type`.
pub(super) fn class(error: &(dyn Error + 'static)) -> &'static str {
    match failure(error) {
        Some(failure) if failure.insecure => "tls",
        Some(failure) if failure.timed_out => TIMEOUT,
        Some(failure) if failure.connecting => "connect",
        Some(_) => "transport",
        None => "middleware",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_input_and_output_are_of_the_connection_or_not() {
        for (kind, expected) in [
            (ErrorKind::ConnectionRefused, "connect"),
            (ErrorKind::ConnectionReset, "transport"),
            (ErrorKind::ConnectionAborted, "transport"),
            (ErrorKind::NotConnected, "transport"),
            (ErrorKind::BrokenPipe, "transport"),
            (ErrorKind::UnexpectedEof, "transport"),
            (ErrorKind::TimedOut, TIMEOUT),
            (ErrorKind::NotFound, "middleware"),
            (ErrorKind::InvalidData, "middleware"),
        ] {
            assert_eq!(class(&io::Error::from(kind)), expected, "{kind}");
        }
    }

    #[test]
    #[cfg(feature = "auth")]
    fn a_signer_that_cannot_be_reached_is_not_a_failure_of_the_connection() {
        use upvest_auth_signing::{SignError, SignerError};

        let unreachable =
            || SignerError::unavailable(io::Error::from(ErrorKind::ConnectionRefused));
        assert!(failure(&SignError::from(unreachable())).is_none());
        // The same error counts if it does not come from a signer.
        assert!(failure(&unreachable()).is_some());
    }
}
