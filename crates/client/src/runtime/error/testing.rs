//! Errors made for tests.

use bytes::Bytes;

use super::super::BoxError;
use super::super::received::Received;
use super::Error;

impl Error {
    /// The error of a call that the API answered like this, for tests. Status, headers and problem
    /// details are those of the response.
    pub fn of_response(response: &http::Response<Bytes>) -> Self {
        Self::response(Received::of(response)).after(1)
    }

    /// The error of a call whose transport or layer failed like this, for tests: an [`std::io::Error`] of
    /// kind `ConnectionRefused` is no connection, one of kind `TimedOut` a timeout.
    pub fn of_transport(source: impl Into<BoxError>) -> Self {
        Self::from_service(source.into()).after(1)
    }
}
