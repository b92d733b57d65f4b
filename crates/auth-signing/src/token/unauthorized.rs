//! What a response with status 401 says about the token.

use bytes::Bytes;
use http::Response;
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use serde::Deserialize;
use tower::BoxError;

/// Problem details are far smaller.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// The response again, whole, if it says that the signature is at fault, which no other token
/// would mend. Upvest's problem type is the same for both, so only `detail` tells.
pub(super) async fn blames_signature<B>(response: Response<B>) -> Option<Response<B>>
where
    B: Body<Error: Into<BoxError>> + From<Bytes>,
{
    let (head, body) = response.into_parts();
    let body = Limited::new(body, MAX_BODY_BYTES).collect().await.ok()?;
    let body = body.to_bytes();
    is_signature_problem(&body).then(|| Response::from_parts(head, body.into()))
}

/// Whether this is a problem (RFC 9457) with the signature: `Signature is incorrect` and the like.
pub(super) fn is_signature_problem(body: &[u8]) -> bool {
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
