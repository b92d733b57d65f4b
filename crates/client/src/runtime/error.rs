//! The one error of a call.

use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use upvest_models::Problem;

use super::decode::DecodeError;
use super::received::Received;
use super::{BoxError, OperationInfo, connection, problem, response};

mod display;
#[cfg(feature = "testing")]
mod testing;

/// Why a call did not return a value, or why a client could not be built.
///
/// It keeps what arrived: status, headers, request id, raw body, and the problem details if the
/// body holds any. `Display` is one line for the person on call; neither it nor `Debug` shows the
/// body.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    operation: Option<&'static OperationInfo>,
    attempts: u32,
    received: Option<Received>,
    problem: Option<Problem>,
    source: Option<BoxError>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ErrorKind {
    Configuration,
    InvalidRequest,
    Authentication,
    Transport,
    Middleware,
    Timeout,
    Response,
    TooLarge,
    Decode,
    File,
}

impl Error {
    /// Makes the error of a client that cannot be built, with the reason.
    pub fn configuration(message: String) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    /// Makes the error of a call for which no token could be fetched: with the reason, which should
    /// name the status, and with the answer of the token endpoint, if there was one. It is for
    /// layers that fetch tokens. Such a layer must retry by itself, since the call is not sent
    /// again after this error.
    pub fn authentication(
        source: impl Into<BoxError>,
        response: Option<&http::Response<Bytes>>,
    ) -> Self {
        Self::new(ErrorKind::Authentication, String::new())
            .with_source(source)
            .with_received(response.map(Received::of))
    }

    pub(super) fn invalid_request(message: String) -> Self {
        Self::new(ErrorKind::InvalidRequest, message)
    }

    pub(super) fn timeout(limit: Duration) -> Self {
        Self::new(ErrorKind::Timeout, format!("not done within {limit:?}"))
    }

    /// An attempt that took too long, with what had arrived of its response by then.
    pub(super) fn attempt_timeout(limit: Duration, received: Option<Received>) -> Self {
        Self::new(
            ErrorKind::Timeout,
            format!("the attempt was not done within {limit:?}"),
        )
        .with_received(received)
    }

    pub(super) fn response(received: Received) -> Self {
        Self::new(ErrorKind::Response, String::new()).with_received(Some(received))
    }

    pub(super) fn too_large(limit: usize) -> Self {
        let message = format!(
            "the response is larger than {limit} bytes: raise `max_response_bytes` if it may be"
        );
        Self::new(ErrorKind::TooLarge, message)
    }

    /// A malformed response. The error of `serde_json` may quote the body, so this error and its source
    /// give only the place and the kind.
    pub(super) fn decode(received: Received, error: &serde_json::Error) -> Self {
        Self::new(ErrorKind::Decode, "the response cannot be read".to_owned())
            .with_received(Some(received))
            .with_source(DecodeError::of(error))
    }

    /// A list without an end, since the server ignores the offset.
    pub(super) fn list_stands_still(offset: i64) -> Self {
        let message = format!(
            "the page at offset {offset} was requested, but another page was returned: the \
             list cannot be read to its end"
        );
        Self::new(ErrorKind::Decode, message)
    }

    /// A file that cannot be written.
    pub(super) fn file(path: &Path, error: io::Error) -> Self {
        Self::new(
            ErrorKind::File,
            format!("{} cannot be written", path.display()),
        )
        .with_source(error)
    }

    /// The error that the stack of layers returned. Layers may fail with an [`Error`] themselves.
    pub(super) fn from_service(error: BoxError) -> Self {
        match error.downcast::<Self>() {
            Ok(error) => *error,
            Err(error) if connection::failure(&*error).is_some() => {
                Self::new(ErrorKind::Transport, String::new()).with_source(error)
            }
            Err(error) => Self::new(ErrorKind::Middleware, String::new()).with_source(error),
        }
    }

    fn new(kind: ErrorKind, message: String) -> Self {
        Self(Box::new(Inner {
            kind,
            message,
            operation: None,
            attempts: 0,
            received: None,
            problem: None,
            source: None,
        }))
    }

    pub(super) fn of(mut self, operation: &'static OperationInfo) -> Self {
        self.0.operation = Some(operation);
        self
    }

    pub(super) fn after(mut self, attempts: u32) -> Self {
        self.0.attempts = attempts;
        self
    }

    /// Sets the source of the error.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(super) fn with_received(mut self, received: Option<Received>) -> Self {
        if let Some(received) = received {
            self.0.problem = match received.status.is_success() {
                true => None,
                false => problem::read(received.status, &received.body),
            };
            self.0.received = Some(received);
        }
        self
    }

    /// Adds what was received, unless the error has that already.
    pub(super) fn or_received(self, received: Option<Received>) -> Self {
        match self.0.received {
            Some(_) => self,
            None => self.with_received(received),
        }
    }

    /// The status of the response, if there was one.
    pub fn status(&self) -> Option<StatusCode> {
        self.0.received.as_ref().map(|received| received.status)
    }

    /// The headers of the response, if there was one.
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.0.received.as_ref().map(|received| &received.headers)
    }

    /// The part of the response's body that arrived, in whatever format it has.
    pub fn body(&self) -> Option<&Bytes> {
        self.0.received.as_ref().map(|received| &received.body)
    }

    /// The problem details of the response ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)), if
    /// its body holds any.
    pub fn problem(&self) -> Option<&Problem> {
        self.0.problem.as_ref()
    }

    /// Upvest's id of this exchange: the header `upvest-request-id`, or the `request_id` of the
    /// problem details. Quote it to support.
    pub fn request_id(&self) -> Option<&str> {
        self.headers()
            .and_then(response::request_id)
            .or_else(|| self.problem()?.request_id.as_deref())
    }

    /// The operation that failed; `None` if no call was made.
    pub fn operation(&self) -> Option<&'static OperationInfo> {
        self.0.operation
    }

    /// How many attempts were made: 0 if nothing was sent, and more than 1 if the call was [sent
    /// again](crate::RetryPolicy).
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// How long the API asks to wait by `retry-after`, in seconds or as a date. A date is counted
    /// from the `date` of the response, or from now if it has no `date`. `None` if the API does not
    /// ask to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        upvest_http::retry_after(self.headers()?, SystemTime::now())
    }

    /// What a layer knows about the cause, such as that the clock of this machine is wrong.
    pub fn hint(&self) -> Option<&str> {
        let hint = self.0.received.as_ref()?.hint.as_ref()?;
        Some(hint.as_str())
    }

    /// Whether the client could not be built: an address or a setting is wrong.
    pub fn is_configuration(&self) -> bool {
        self.0.kind == ErrorKind::Configuration
    }

    /// Whether nothing was sent, because an argument did not convert, cannot be sent, or breaks a limit of
    /// the description: the message names each of them.
    pub fn is_invalid_request(&self) -> bool {
        self.0.kind == ErrorKind::InvalidRequest
    }

    /// Whether the API did not accept the caller's identity (401), or no token could be fetched.
    pub fn is_authentication(&self) -> bool {
        self.0.kind == ErrorKind::Authentication || self.status() == Some(StatusCode::UNAUTHORIZED)
    }

    /// Whether the API asks for fewer calls (429).
    pub fn is_rate_limited(&self) -> bool {
        self.status() == Some(StatusCode::TOO_MANY_REQUESTS)
    }

    /// Whether time ran out: for the connection, for an attempt or for the whole call.
    ///
    /// The API may nevertheless have done what the call asked for.
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
            || self.connection().is_some_and(|failure| failure.timed_out)
    }

    /// Whether no connection could be made. The API has seen nothing of the last attempt.
    pub fn is_connect(&self) -> bool {
        self.connection().is_some_and(|failure| failure.connecting)
    }

    /// Whether TLS failed: the certificate has expired, names another host, or was not issued by a
    /// trusted authority. That does not pass, so the call is not sent again.
    pub fn is_tls(&self) -> bool {
        self.connection().is_some_and(|failure| failure.insecure)
    }

    /// Whether the response was refused because it is larger than
    /// [`max_response_bytes`](crate::ClientBuilder::max_response_bytes).
    pub fn is_too_large(&self) -> bool {
        self.0.kind == ErrorKind::TooLarge
    }

    /// Whether a successful response could not be read as its type: look at [`body`](Self::body).
    /// Also whether a list could not be read to its end, because the server answered with another
    /// page than the one requested.
    pub fn is_decode(&self) -> bool {
        self.0.kind == ErrorKind::Decode
    }

    /// Whether the same call may succeed a little later: the API, or a proxy in front of it,
    /// answered with 429, 502, 503 or 504, no connection could be made, the connection broke, or
    /// time ran out.
    ///
    /// Whether the call may be *repeated* is another question: only if it changes nothing, or
    /// carries an idempotency key. A call that may be repeated has been repeated already, as far as
    /// its [`RetryPolicy`](crate::RetryPolicy) allows.
    pub fn is_transient(&self) -> bool {
        self.status().is_some_and(is_transient)
            || self.0.kind == ErrorKind::Timeout
            || self.connection().is_some_and(|failure| !failure.insecure)
    }

    /// Whether it is a reason to make another attempt. A missing token is not one: its fetch has
    /// been repeated already.
    pub(super) fn may_be_retried(&self) -> bool {
        self.is_transient() && self.0.kind != ErrorKind::Authentication
    }

    /// The kind of error, as a value of `error.type`: the status if there is one.
    pub(super) fn class(&self) -> &str {
        match (self.0.kind, &self.0.received) {
            (ErrorKind::Response, Some(received)) => received.status.as_str(),
            (ErrorKind::Response, None) | (ErrorKind::Transport | ErrorKind::Middleware, _) => {
                connection::class(self)
            }
            (ErrorKind::Configuration, _) => "configuration",
            (ErrorKind::InvalidRequest, _) => "invalid_request",
            (ErrorKind::Authentication, _) => "authentication",
            (ErrorKind::Timeout, _) => connection::TIMEOUT,
            (ErrorKind::TooLarge, _) => "too_large",
            (ErrorKind::Decode, _) => "decode",
            (ErrorKind::File, _) => "file",
        }
    }

    /// How the connection failed, if that is what it came from.
    fn connection(&self) -> Option<connection::Failure> {
        connection::failure(self)
    }
}

/// Temporary statuses: the same call may get another one a little later.
pub(super) fn is_transient(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::TOO_MANY_REQUESTS
            | StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT
    )
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|source| &**source as _)
    }
}
