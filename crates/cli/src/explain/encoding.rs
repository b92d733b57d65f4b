//! Bytes and texts of signatures.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use upvest_auth_signing::content_digest;

/// Base64 in any of its alphabets, with padding or without.
pub(super) fn base64(text: &str) -> Option<Vec<u8>> {
    let engines = [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD];
    engines
        .iter()
        .find_map(|engine| engine.decode(text.trim()).ok())
}

/// Base64 as it has to be.
pub(super) fn is_standard(text: &str) -> bool {
    STANDARD.decode(text).is_ok()
}

/// The SHA-512 of bytes.
pub(super) fn sha_512(bytes: &[u8]) -> Vec<u8> {
    let digest = content_digest(bytes);
    let text = digest.split(':').nth(1).unwrap_or_default();
    STANDARD.decode(text).unwrap_or_default()
}

/// Bytes in hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The two halves of a signature of fixed width as ASN.1 DER.
pub(super) fn der_of_halves(halves: &[u8]) -> Vec<u8> {
    let (r, s) = halves.split_at(halves.len() / 2);
    let content = [integer(r), integer(s)].concat();
    let mut der = vec![0x30];
    der.extend(length(content.len()));
    der.extend(content);
    der
}

fn integer(bytes: &[u8]) -> Vec<u8> {
    let start = bytes.iter().position(|byte| *byte != 0);
    let mut value = bytes[start.unwrap_or(bytes.len().saturating_sub(1))..].to_vec();
    if value.first().is_some_and(|first| first & 0x80 != 0) {
        value.insert(0, 0);
    }
    let mut der = vec![0x02];
    der.extend(length(value.len()));
    der.extend(value);
    der
}

/// A length below 256.
fn length(length: usize) -> Vec<u8> {
    let byte = u8::try_from(length).unwrap_or(u8::MAX);
    match byte < 0x80 {
        true => vec![byte],
        false => vec![0x81, byte],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_become_der() {
        // 1, and 0x8000, which needs a zero in front.
        let der = [0x30, 8, 2, 1, 1, 2, 3, 0, 0x80, 0];
        assert_eq!(der_of_halves(&[0, 1, 0x80, 0]), der);
        assert_eq!(hex(&sha_512(b""))[..8], *"cf83e135");
    }
}
