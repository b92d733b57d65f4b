//! A request as it was seen on the wire.

use std::time::SystemTime;

use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, HeaderName, Request};

/// A request, and what else is known about it.
pub(super) struct Capture {
    pub(super) request: Request<Bytes>,
    /// Whether the body was seen. Without it, the headers are assumed to be right about it.
    pub(super) has_body: bool,
    /// When it arrived, as far as that is known.
    pub(super) time: Option<SystemTime>,
}

impl Capture {
    pub(super) fn set_body(&mut self, body: Vec<u8>) {
        *self.request.body_mut() = body.into();
        self.has_body = true;
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        self.request.headers()
    }

    /// The value of a header as text, its lines joined as they are signed.
    pub(super) fn header(&self, name: &str) -> Option<String> {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let lines = self.headers().get_all(name).iter();
        let lines: Vec<String> = lines
            .map(|line| String::from_utf8_lossy(line.as_bytes()).trim().to_owned())
            .collect();
        (!lines.is_empty()).then(|| lines.join(", "))
    }

    /// Whether a component that should be signed is not there to be signed, since the tool that showed
    /// the request showed no body.
    pub(super) fn lacks(&self, component: &str) -> bool {
        !self.has_body && !component.starts_with('@') && self.header(component).is_none()
    }

    /// The length that the headers state.
    pub(super) fn declared_length(&self) -> Option<usize> {
        self.header(CONTENT_LENGTH.as_str())?.parse().ok()
    }
}
