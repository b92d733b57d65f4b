//! What a response with status 401 says: whether the token is at fault, or the signature.

use std::pin::pin;

use bytes::{Buf, Bytes};
use http::Response;
use http_body::Body;
use http_body_util::BodyExt;
use serde::Deserialize;
use tower::BoxError;

/// Problem details are far smaller.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Returns the response again, and whether it says that the signature is at fault, which another
/// token would not mend. Upvest's problem type is the same for both, so only `detail` says which
/// it is. A body that is too long or breaks off says nothing; the response that is returned has the
/// part that was read.
pub(crate) async fn read<B>(response: Response<B>) -> (Response<B>, bool)
where
    B: Body<Error: Into<BoxError>> + From<Bytes>,
{
    let (head, body) = response.into_parts();
    let mut body = pin!(body);
    let mut read = Vec::new();
    let is_whole = loop {
        match body.frame().await {
            None => break true,
            Some(Err(_)) => break false,
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    let room = MAX_BODY_BYTES - read.len();
                    let fits = data.remaining() <= room;
                    bytes::BufMut::put(&mut read, data.take(room));
                    if !fits {
                        break false;
                    }
                }
            }
        }
    };
    let blames_signature = is_whole && is_signature_problem(&read);
    let body = Bytes::from(read).into();
    (Response::from_parts(head, body), blames_signature)
}

/// Whether this is a problem (RFC 9457) with the signature: `Signature is incorrect` and the like.
pub(crate) fn is_signature_problem(body: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Problem {
        detail: String,
    }

    const SIGNATURE: &str = "signature";

    serde_json::from_slice(body).is_ok_and(|Problem { detail }| {
        detail
            .trim_start()
            .get(..SIGNATURE.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(SIGNATURE))
    })
}
