use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;

/// The body of a request: it arrives over a connection, or is there already.
pub(crate) enum RequestBody {
    Arriving(Incoming),
    Whole(Bytes),
}

impl RequestBody {
    /// The whole body; `None` if it is longer than `limit`, in bytes, or breaks off.
    pub(crate) async fn read(self, limit: usize) -> Option<Bytes> {
        match self {
            Self::Arriving(body) => {
                let body = Limited::new(body, limit).collect().await;
                body.ok().map(|body| body.to_bytes())
            }
            Self::Whole(bytes) => (bytes.len() <= limit).then_some(bytes),
        }
    }
}
