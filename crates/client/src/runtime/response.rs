//! What a successful call returns.

use std::ops::{Deref, DerefMut};

use http::{HeaderMap, StatusCode};

use super::attempt::Received;

/// The header by which Upvest names an exchange.
const REQUEST_ID: &str = "upvest-request-id";

/// The value that the API answered with, and what came with it. Use it like the value itself.
#[derive(Clone, Debug)]
pub struct Response<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
    attempts: u32,
}

impl<T> Response<T> {
    pub(super) fn received(value: T, received: Received, attempts: u32) -> Self {
        Self {
            value,
            status: received.status,
            headers: received.headers,
            attempts,
        }
    }

    /// A response as a call returns it, with status 200 and no headers, for tests.
    #[cfg(feature = "testing")]
    pub fn new(value: T) -> Self {
        Self {
            value,
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            attempts: 1,
        }
    }

    /// The headers, to be set for a test.
    #[cfg(feature = "testing")]
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        &mut self.headers
    }

    /// The value alone.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The status, one of 200 to 299.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// How many attempts were made: more than 1 if the call was
    /// [sent again](crate::RetryPolicy), and 0 if a layer answered in place of the API.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// What Upvest calls this exchange (`upvest-request-id`). Log it, and quote it to support.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Response<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

pub(super) fn request_id(headers: &HeaderMap) -> Option<&str> {
    headers.get(REQUEST_ID)?.to_str().ok()
}
