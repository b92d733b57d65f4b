use std::fmt;

use tower::BoxError;

use crate::Event;

/// Takes events: a closure `Fn(Event) -> impl Future<Output = Result<(), HandlerError>>` is one.
///
/// Whatever sends the deliveries waits until it is done, and how long it waits is not published. Put
/// the event into a queue or a table, and do what takes time afterwards.
///
/// The future may be dropped before it is done, like any other, when the connection breaks off or
/// the process stops. The event comes again then.
pub trait Handler: Send + Sync {
    /// Takes an event.
    ///
    /// # Errors
    ///
    /// A [`HandlerError`], which says whether the event is to come again.
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

/// Why an event was not taken, and whether it is to come again.
///
/// Any error becomes one by `?`, and is taken for one that passes. Nothing else comes before the
/// event has been taken, so be sure that it does pass. What does not is
/// [`permanent`](Self::permanent).
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
    is_retryable: bool,
    source: BoxError,
}

impl HandlerError {
    /// An error that passes: the event is to come again. The delivery is answered with 503.
    pub fn retryable(error: impl Into<BoxError>) -> Self {
        Self {
            is_retryable: true,
            source: error.into(),
        }
    }

    /// An error that stays: the event counts as handled, and those after it go on.
    pub fn permanent(error: impl Into<BoxError>) -> Self {
        Self {
            is_retryable: false,
            source: error.into(),
        }
    }

    /// Whether the event is to come again.
    pub fn is_retryable(&self) -> bool {
        self.is_retryable
    }

    /// What it was made of.
    pub fn into_inner(self) -> BoxError {
        self.source
    }
}

/// It is no [`std::error::Error`] itself, for `?` could not make it of any error then. It shows as
/// what it was made of.
impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.source, f)
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandlerError")
            .field("is_retryable", &self.is_retryable)
            .field("source", &self.source)
            .finish()
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self::retryable(error)
    }
}
