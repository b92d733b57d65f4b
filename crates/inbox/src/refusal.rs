use http::StatusCode;
use tower::BoxError;
use upvest_webhooks::DeliveryError;

use crate::Error;

/// Why a request was not answered with 200.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The method is not `POST`.
    #[error("the method is {:?}; deliveries are POST", .0.as_str())]
    Method(http::Method),
    /// The body is too long.
    #[error("the body is longer than {limit} bytes")]
    TooLong {
        /// How long a body may be.
        limit: usize,
    },
    /// The body broke off, or did not arrive in time.
    #[error("the body cannot be read")]
    Body(#[source] BoxError),
    /// The request is not a delivery of Upvest, or the keys to verify it are not available.
    #[error("the delivery cannot be verified")]
    Verify(#[source] DeliveryError),
    /// The events cannot be stored.
    #[error("the delivery cannot be stored")]
    Store(#[source] Error),
}

impl Refusal {
    /// The status with which the request is answered.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLong { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(_) => StatusCode::BAD_REQUEST,
            Self::Verify(error) if is_transient(error) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Verify(_) => StatusCode::UNAUTHORIZED,
            Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

/// Whether the keys are missing, rather than the signature being wrong.
fn is_transient(error: &DeliveryError) -> bool {
    matches!(error, DeliveryError::Keys(_))
}
