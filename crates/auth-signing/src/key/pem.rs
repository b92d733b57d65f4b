//! PEM blocks (RFC 7468), with the headers of RFC 1421 that OpenSSL still writes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::KeyError;

pub(super) const EC_PARAMETERS: &str = "EC PARAMETERS";
pub(super) const SEC1: &str = "EC PRIVATE KEY";
pub(super) const PKCS8: &str = "PRIVATE KEY";
pub(super) const ENCRYPTED_PKCS8: &str = "ENCRYPTED PRIVATE KEY";
pub(super) const SPKI: &str = "PUBLIC KEY";

/// One block: what stands between a BEGIN and an END line.
pub(super) struct Block<'a> {
    pub(super) label: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    pub(super) der: Zeroizing<Vec<u8>>,
}

impl Block<'_> {
    /// The value of a header such as `DEK-Info`.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find_map(|(key, value)| (*key == name).then_some(*value))
    }
}

/// All blocks of a text; at least one.
pub(super) fn parse(text: &str) -> Result<Vec<Block<'_>>, KeyError> {
    if text.trim().is_empty() {
        return Err(KeyError::Empty);
    }
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if let Some(label) = boundary(line, "BEGIN") {
            blocks.push(block(label, &mut lines, text.len())?);
        }
    }
    if blocks.is_empty() {
        return Err(KeyError::NotPem);
    }
    Ok(blocks)
}

/// One PEM block with this content, 64 characters a line.
pub(super) fn encode(label: &str, der: &[u8]) -> Zeroizing<String> {
    // The exact size is not worth computing; too small a buffer would leave copies behind.
    let mut base64 = Zeroizing::new(vec![0; der.len() * 2 + 4]);
    let length = STANDARD
        .encode_slice(der, &mut base64)
        .expect("base64 takes less than twice the space");
    let mut text = Zeroizing::new(String::with_capacity(length * 2 + 2 * label.len() + 64));
    text.push_str(&format!("-----BEGIN {label}-----\n"));
    for line in base64[..length].chunks(64) {
        text.extend(line.iter().copied().map(char::from));
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

/// The label, when the line is a boundary of this kind.
fn boundary<'a>(line: &'a str, kind: &str) -> Option<&'a str> {
    line.strip_prefix("-----")?
        .strip_suffix("-----")?
        .strip_prefix(kind)?
        .strip_prefix(' ')
}

/// The rest of a block, after its BEGIN line, which is no longer than `limit`.
fn block<'a>(
    label: &'a str,
    lines: &mut impl Iterator<Item = &'a str>,
    limit: usize,
) -> Result<Block<'a>, KeyError> {
    let malformed = |source| KeyError::Malformed {
        label: label.to_owned(),
        source,
    };
    let mut headers = Vec::new();
    // All the room it can need: growing would leave copies behind.
    let mut base64 = Zeroizing::new(String::with_capacity(limit));
    loop {
        let line = lines
            .next()
            .ok_or_else(|| malformed("the END line is missing".into()))?;
        if boundary(line, "END") == Some(label) {
            break;
        }
        match line.split_once(':') {
            Some((name, value)) => headers.push((name.trim(), value.trim())),
            None => base64.push_str(line),
        }
    }
    let mut der = Zeroizing::new(vec![0; base64.len()]);
    let length = STANDARD
        .decode_slice(base64.as_bytes(), &mut der)
        .map_err(|error| malformed(error.into()))?;
    der.truncate(length);
    Ok(Block {
        label,
        headers,
        der,
    })
}
