use std::fmt;

use http::{HeaderMap, Method, Request, Uri};

/// The parts of a request that a signature can cover, borrowed.
///
/// It is made from a whole request with `Message::from(&request)`, or from the parts that a server
/// framework hands out.
///
/// ```
/// use upvest_auth_signing::Message;
///
/// let message = Message {
///     method: &http::Method::POST,
///     uri: &http::Uri::from_static("/webhooks?source=upvest"),
///     headers: &http::HeaderMap::new(),
///     body: b"{}",
/// };
/// # let _ = message;
/// ```
#[derive(Clone, Copy)]
pub struct Message<'a> {
    /// The method.
    pub method: &'a Method,
    /// The path and query as the sender wrote them, with or without the authority. Behind a proxy
    /// that rewrites paths, this is the URI that the proxy received.
    pub uri: &'a Uri,
    /// All header fields.
    pub headers: &'a HeaderMap,
    /// The bytes of the body as they came over the wire, before anything parses them.
    pub body: &'a [u8],
}

impl<'a, B: AsRef<[u8]>> From<&'a Request<B>> for Message<'a> {
    fn from(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            body: request.body().as_ref(),
        }
    }
}

/// Shows method, URI and the length of the body; header values and body may be secret.
impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("method", self.method)
            .field("uri", self.uri)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
