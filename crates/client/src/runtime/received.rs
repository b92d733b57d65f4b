//! What has arrived of a response.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::Hint;

/// Everything of a response, decoded or not.
#[derive(Clone)]
pub(super) struct Received {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) hint: Option<Hint>,
    pub(super) body: Bytes,
}

impl Received {
    pub(super) fn of(response: &http::Response<Bytes>) -> Self {
        Self {
            status: response.status(),
            headers: response.headers().clone(),
            hint: response.extensions().get().cloned(),
            body: response.body().clone(),
        }
    }
}
