use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, Response, StatusCode};
use serde_json::Value;

use crate::refusal::Refusal;

/// An answer, or the reason why there is no answer.
pub(crate) type Outcome = Result<Answer, Refusal>;

/// An answer for an operation, instead of the sandbox's own. It is given to
/// [`Sandbox::answer`](crate::Sandbox::answer).
///
/// ```
/// use serde_json::json;
/// use upvest_sandbox::{Answer, Sandbox};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> std::io::Result<()> {
/// let sandbox = Sandbox::start().await?;
/// // Every instrument is unknown from now on.
/// sandbox.answer("retrieve_instrument", Answer::status(404));
/// // The next order is answered as accepted without being placed, and the one after it is refused.
/// // After these, orders are placed as usual.
/// sandbox.answer(
///     "place_order",
///     [Answer::json(json!({ "status": "PROCESSING" })), Answer::status(409)],
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[must_use = "nothing is answered before it is given to a sandbox"]
pub struct Answer {
    status: Option<StatusCode>,
    headers: HeaderMap,
    body: Option<Bytes>,
}

impl Answer {
    /// Makes an answer with this body, and the success status that the description gives the
    /// operation. The body is sent as it is: nothing is checked.
    pub fn json(body: impl Into<Value>) -> Self {
        Self::body("application/json", body.into().to_string())
    }

    /// Makes an answer with a body of another media type, such as a file.
    ///
    /// # Panics
    ///
    /// When the media type cannot be the value of a header.
    pub fn body(media_type: &str, body: impl Into<Bytes>) -> Self {
        let media_type = HeaderValue::from_str(media_type).expect("a media type is visible ASCII");
        Self {
            status: None,
            headers: HeaderMap::from_iter([(CONTENT_TYPE, media_type)]),
            body: Some(body.into()),
        }
    }

    /// Makes an answer without a body; with problem details if the status is that of an error.
    ///
    /// # Panics
    ///
    /// When it is not an HTTP status, 100 to 999.
    pub fn status(status: u16) -> Self {
        Self {
            status: None,
            headers: HeaderMap::new(),
            body: None,
        }
        .with_status(status)
    }

    /// Sets the status of the answer.
    ///
    /// # Panics
    ///
    /// When it is not an HTTP status, 100 to 999.
    pub fn with_status(mut self, status: u16) -> Self {
        let status = StatusCode::from_u16(status);
        self.status = Some(status.expect("a status is a number from 100 to 999"));
        self
    }

    /// Sets a header of the answer, and replaces any header of that name.
    pub fn with_header(mut self, name: http::HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    pub(crate) fn empty(status: StatusCode) -> Self {
        Self {
            status: Some(status),
            headers: HeaderMap::new(),
            body: None,
        }
    }

    /// Whether it reports success.
    pub(crate) fn is_success(&self) -> bool {
        self.status.is_none_or(|status| status.is_success())
    }

    /// As a response, with this status unless another one is set.
    ///
    /// # Errors
    ///
    /// When it has the status of an error and no body: its body will be problem details.
    pub(crate) fn into_response(self, usual: StatusCode) -> Result<Response<Bytes>, Refusal> {
        let status = self.status.unwrap_or(usual);
        if self.body.is_none() && (status.is_client_error() || status.is_server_error()) {
            let refusal = Refusal::new(status, "The sandbox was instructed to answer this");
            return Err(refusal.headers(self.headers));
        }
        let mut response = Response::new(self.body.unwrap_or_default());
        *response.status_mut() = status;
        *response.headers_mut() = self.headers;
        Ok(response)
    }
}

/// One answer that is given from now on, or several that are given one after the other. See
/// [`Sandbox::answer`](crate::Sandbox::answer).
#[derive(Clone, Debug)]
pub struct Answers {
    pub(crate) answers: Vec<Answer>,
    /// Whether the last one stays.
    pub(crate) for_good: bool,
}

impl From<Answer> for Answers {
    fn from(answer: Answer) -> Self {
        Self {
            answers: vec![answer],
            for_good: true,
        }
    }
}

impl From<Vec<Answer>> for Answers {
    fn from(answers: Vec<Answer>) -> Self {
        Self {
            answers,
            for_good: false,
        }
    }
}

impl<const N: usize> From<[Answer; N]> for Answers {
    fn from(answers: [Answer; N]) -> Self {
        Vec::from(answers).into()
    }
}
