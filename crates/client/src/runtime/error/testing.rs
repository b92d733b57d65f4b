//! Errors made for tests.

use bytes::Bytes;

use super::super::BoxError;
use super::super::received::Received;
use super::Error;

impl Error {
    /// Makes the error of a call that the API answered with this response, for tests. Status,
    /// headers and problem details are those of the response.
    pub fn of_response(response: &http::Response<Bytes>) -> Self {
        Self::response(Received::of(response)).after(1)
    }

    /// Makes the error of a call whose transport or layer failed with this source, for tests. An
    /// [`std::io::Error`] of kind `ConnectionRefused` counts as a failed connection, and one of
    /// kind `TimedOut` as a timeout.
    pub fn of_transport(source: impl Into<BoxError>) -> Self {
        Self::from_service(source.into()).after(1)
    }
}
