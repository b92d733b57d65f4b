//! Base64 in both alphabets, into memory that is wiped.

use base64::engine::GeneralPurpose;
use base64::{DecodeError, DecodeSliceError, Engine};
use zeroize::Zeroizing;

/// The bytes that a text stands for, or what is wrong with it. No part of the text is in the
/// answer: it may be secret.
pub(super) fn decode(engine: &GeneralPurpose, text: &str) -> Result<Zeroizing<Vec<u8>>, String> {
    let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(text.len())]);
    let length = engine
        .decode_slice(text, &mut bytes)
        .map_err(|error| match error {
            DecodeSliceError::DecodeError(
                DecodeError::InvalidByte(offset, _) | DecodeError::InvalidLastSymbol(offset, _),
            ) => format!("the character at offset {offset} is not valid base64 there"),
            _ => "the length or the padding is not valid base64".to_owned(),
        })?;
    bytes.truncate(length);
    Ok(bytes)
}
