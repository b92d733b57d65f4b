use std::time::Duration;

use http::{Method, StatusCode};
use tower::BoxError;
use upvest_auth_signing::Excerpt;
use upvest_models::Uuid;

use crate::DeliveryError;

/// The outcome, and the `error.type`, of work that ends in a panic.
pub(crate) const PANIC: &str = "panic";

/// Why a request was not answered with 200.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The method is not `POST`.
    #[error("the method is {}; deliveries are POST", Excerpt::new(.0.as_str()))]
    Method(Method),
    /// The body is too long.
    #[error("the body is longer than {limit} bytes")]
    TooLong {
        /// How long a body may be.
        limit: usize,
    },
    /// The body did not arrive within the time limit.
    #[error("the body did not arrive within {} s", limit.as_secs_f64())]
    TooSlow {
        /// See [`Receiver::body_timeout`](crate::Receiver::body_timeout).
        limit: Duration,
    },
    /// The body broke off.
    #[error("the body cannot be read")]
    Body(#[source] BoxError),
    /// The request is for another host.
    #[error(
        "the request is for the host `{}`, which is not one of those expected",
        Excerpt::new(found.as_deref().unwrap_or_default())
    )]
    Host {
        /// The host, if there is one.
        found: Option<String>,
    },
    /// The request is not a delivery of Upvest, or no key is known to verify it with.
    #[error(transparent)]
    Verify(#[from] DeliveryError),
    /// An event belongs to the subscription of somebody else.
    #[error("the delivery belongs to the subscription {found}, which is not one of those expected")]
    Subscription {
        /// The `webhook_id` of one of its events.
        found: Uuid,
    },
    /// The handler failed with an error that may pass.
    #[error("the event {key} cannot be handled at the moment")]
    Handler {
        /// The key of the event.
        key: Uuid,
        /// What the handler failed with.
        source: BoxError,
    },
    /// An event cannot be parked.
    #[error("the event {key} cannot be parked")]
    Park {
        /// The key of the event.
        key: Uuid,
        /// What parking failed with.
        source: BoxError,
    },
    /// The inbox failed.
    #[error("the inbox cannot be queried")]
    Inbox(#[source] BoxError),
    /// The inbox, [`park`](crate::Receiver::park) or the observer panicked. (A handler that panics is an
    /// error like any other: [`Handler`](Self::Handler).)
    #[error("handling the delivery panicked")]
    Panicked,
    /// Handling was interrupted, since the process stops.
    #[error("handling the delivery was interrupted")]
    BrokenOff,
}

impl Refusal {
    /// The status with which the request is answered.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Body(_) => StatusCode::BAD_REQUEST,
            Self::Host { .. } => StatusCode::MISDIRECTED_REQUEST,
            Self::Verify(DeliveryError::Signature(_)) => StatusCode::UNAUTHORIZED,
            Self::Subscription { .. } => StatusCode::FORBIDDEN,
            Self::Verify(DeliveryError::Keys(_))
            | Self::Handler { .. }
            | Self::Park { .. }
            | Self::Inbox(_)
            | Self::Panicked
            | Self::BrokenOff => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The value of `error.type`: one of a few words.
    pub(crate) fn error_type(&self) -> &'static str {
        match self {
            Self::Method(_) => "method",
            Self::TooLong { .. } => "body_too_long",
            Self::TooSlow { .. } => "body_timeout",
            Self::Body(_) => "body",
            Self::Host { .. } => "host",
            Self::Verify(DeliveryError::Signature(_)) => "signature",
            Self::Verify(DeliveryError::Keys(_)) => "keys",
            Self::Subscription { .. } => "subscription",
            Self::Handler { .. } => "handler",
            Self::Park { .. } => "park",
            Self::Inbox(_) => "inbox",
            Self::Panicked => PANIC,
            Self::BrokenOff => "broken_off",
        }
    }
}
