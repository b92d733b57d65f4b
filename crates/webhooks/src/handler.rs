use std::fmt;

use tower::BoxError;
use upvest_http::one_line;

use crate::Event;

/// Takes events: a closure `Fn(Event) -> impl Future<Output = Result<(), HandlerError>>` is one.
///
/// Upvest waits for the answer to a delivery until the handler is done, and does not publish how
/// long it waits. Put the event into a queue or a table, and do what takes time afterwards.
///
/// A call of the handler goes on when the connection breaks. Its future is dropped when it takes
/// longer than the [timeout](crate::Receiver::timeout) or when the process stops. The event is
/// delivered again then.
pub trait Handler: Send + Sync {
    /// Handles an event.
    ///
    /// # Errors
    ///
    /// A [`HandlerError`], which says whether the event is to be delivered again.
    fn handle(&self, event: Event) -> impl Future<Output = Result<(), HandlerError>> + Send;
}

impl<F, T> Handler for F
where
    F: Fn(Event) -> T + Send + Sync,
    T: Future<Output = Result<(), HandlerError>> + Send,
{
    fn handle(&self, event: Event) -> impl Future<Output = Result<(), HandlerError>> + Send {
        self(event)
    }
}

/// Why an event was not handled, and whether it is to be delivered again.
///
/// | it is | made by | the event |
/// |---|---|---|
/// | retryable | [`retryable`](Self::retryable) | comes again until it is handled, and nothing else is delivered before. Use it only if the error will pass |
/// | permanent | [`permanent`](Self::permanent) | is [parked](crate::Receiver::park) if a place is set, and otherwise counts as handled |
/// | unclassified | `?`, from any error; a panic; a handler that takes too long | comes again, and is parked after some [attempts](crate::Receiver::max_attempts) if a place is set |
///
/// ```
/// use upvest_webhooks::{Event, HandlerError};
///
/// async fn handle(event: Event) -> Result<(), HandlerError> {
///     let content = event.content().map_err(|error| HandlerError::permanent(error.clone()))?;
///     std::fs::write("latest", content.id().to_string())?; // may succeed the next time
///     Ok(())
/// }
/// ```
pub struct HandlerError {
    class: Class,
    source: BoxError,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Retryable,
    Permanent,
    Unclassified,
}

impl HandlerError {
    /// Makes an error that may pass: the event is to be delivered again. The delivery is answered
    /// with 503.
    pub fn retryable(error: impl Into<BoxError>) -> Self {
        Self {
            class: Class::Retryable,
            source: error.into(),
        }
    }

    /// Makes an error that will not pass: the event is parked or counts as handled, and the events
    /// after it go on.
    pub fn permanent(error: impl Into<BoxError>) -> Self {
        Self {
            class: Class::Permanent,
            source: error.into(),
        }
    }

    /// Whether the event is to be delivered again: always, except after a
    /// [`permanent`](Self::permanent) error.
    pub fn is_retryable(&self) -> bool {
        self.class != Class::Permanent
    }

    /// Whether the error was made by `?`, a panic or a timeout, so that it is unknown whether it
    /// passes.
    pub fn is_unclassified(&self) -> bool {
        self.class == Class::Unclassified
    }

    /// The error that it was made of.
    pub fn into_inner(self) -> BoxError {
        self.source
    }

    pub(crate) fn class(&self) -> Class {
        self.class
    }

    /// The error and its sources, in one line.
    pub(crate) fn line(&self) -> String {
        one_line(&*self.source)
    }
}

/// It does not implement [`std::error::Error`], since `?` could not convert from any error then. It
/// shows as the error that it was made of.
impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.source, f)
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerError")
            .field("class", &self.class)
            .field("source", &self.source)
            .finish()
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self {
            class: Class::Unclassified,
            source: error.into(),
        }
    }
}
