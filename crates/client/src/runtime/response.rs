//! What a successful call returns.

use std::ops::{Deref, DerefMut};
use std::time::UNIX_EPOCH;

use http::header::DATE;
use http::{HeaderMap, StatusCode};
use upvest_models::{DateTime, Utc};

use super::received::Received;

/// The header by which Upvest names an exchange.
const REQUEST_ID: &str = "upvest-request-id";

/// The value that the API answered with, and the status and headers of the answer. It dereferences
/// to the value.
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

    /// Makes a response like that of a call, with status 200 and no headers, for tests.
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

    /// Upvest's id of this exchange (`upvest-request-id`). Log it, and quote it to support.
    pub fn request_id(&self) -> Option<&str> {
        request_id(&self.headers)
    }

    /// When the answer was made, in whole seconds and by the clock of the server that made it: the
    /// header `date` ([RFC 9110, section
    /// 6.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-6.6.1)), in any of the three forms of
    /// section 5.6.7. `None` if there is no such header, or if it cannot be read.
    pub fn date(&self) -> Option<DateTime<Utc>> {
        let date = self.headers.get(DATE)?.to_str().ok()?;
        let date = httpdate::parse_http_date(date).ok()?;
        let since_1970 = date.duration_since(UNIX_EPOCH).ok()?;
        DateTime::from_timestamp(i64::try_from(since_1970.as_secs()).ok()?, 0)
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

#[cfg(test)]
#[cfg(feature = "testing")]
mod tests {
    use super::*;

    fn date(text: &str) -> Option<DateTime<Utc>> {
        let mut response = Response::new(());
        response.headers_mut().insert(DATE, text.parse().unwrap());
        response.date()
    }

    #[test]
    fn a_response_has_the_headers_that_it_is_given() {
        let mut response = Response::new(7);
        response
            .headers_mut()
            .insert(REQUEST_ID, "abc".parse().unwrap());
        assert_eq!(response.headers()[REQUEST_ID], "abc");
        assert_eq!(response.request_id(), Some("abc"));
        *response += 1;
        assert_eq!(
            (response.status(), response.into_inner()),
            (StatusCode::OK, 8)
        );
    }

    #[test]
    fn what_is_not_a_date_is_none() {
        assert_eq!(Response::new(()).date(), None);
        for text in [
            "",
            "soon",
            "784111777",
            "Sun, 06 Nov",
            "1994-11-06T08:49:37Z",
        ] {
            assert_eq!(date(text), None, "{text:?}");
        }
    }

    /// The examples of RFC 9110, section 5.6.7.
    #[test]
    fn dates_of_all_three_forms_are_read() {
        let expected = DateTime::from_timestamp(784_111_777, 0);
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(date(text), expected, "{text:?}");
        }
    }
}
