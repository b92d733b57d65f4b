//! Header fields as a signer writes them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};

use super::{LABEL, SignError};

/// Makes one line of several lines of a field (RFC 9110 section 5.3).
pub(super) fn join_lines(headers: &mut HeaderMap, name: &HeaderName) {
    if headers.get_all(name).iter().nth(1).is_none() {
        return;
    }
    let mut joined = Vec::new();
    let mut sensitive = false;
    for line in headers.get_all(name) {
        if !joined.is_empty() {
            joined.extend_from_slice(b", ");
        }
        joined.extend_from_slice(line.as_bytes());
        sensitive |= line.is_sensitive();
    }
    let mut value =
        HeaderValue::from_maybe_shared(Bytes::from(joined)).expect("joined from header values");
    value.set_sensitive(sensitive);
    headers.insert(name, value);
}

/// Adds a string of a structured field (RFC 8941 section 4.1.6).
pub(super) fn push_string(
    input: &mut Vec<u8>,
    what: &'static str,
    text: &str,
) -> Result<(), SignError> {
    input.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => input.extend([b'\\', byte]),
            b' '..=b'~' => input.push(byte),
            _ => return Err(SignError::NotAscii { what }),
        }
    }
    input.push(b'"');
    Ok(())
}

/// The value of `signature`.
pub(super) fn labelled(signature: &[u8]) -> Vec<u8> {
    let mut value = String::with_capacity(LABEL.len() + 3 + signature.len().div_ceil(3) * 4);
    value.push_str(LABEL);
    value.push_str("=:");
    STANDARD.encode_string(signature, &mut value);
    value.push(':');
    value.into_bytes()
}

/// A header value from text that was built of ASCII.
pub(super) fn ascii(text: Vec<u8>) -> HeaderValue {
    HeaderValue::from_maybe_shared(Bytes::from(text)).expect("structured fields are ASCII")
}
