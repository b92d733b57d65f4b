//! Bodies of requests.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::refusal::Refusal;

/// What a body says, if there is nothing wrong with it.
pub(crate) fn read<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: &[u8],
    check: impl FnOnce(&T) -> Result<(), String>,
) -> Result<T, Refusal> {
    let media_type = headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    if media_type != Some(b"application/json") {
        return Err(bad("The content type is not application/json".to_owned()));
    }
    let request = serde_json::from_slice(body)
        .map_err(|error| bad(format!("The body is not as described: {error}")))?;
    check(&request).map_err(bad)?;
    Ok(request)
}

fn bad(detail: String) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, detail)
}
