//! PEM blocks (RFC 7468), with the headers of RFC 1421 that OpenSSL still writes.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{KeyError, encoding, error, guess};

pub(super) const EC_PARAMETERS: &str = "EC PARAMETERS";
pub(super) const SEC1: &str = "EC PRIVATE KEY";
pub(super) const PKCS8: &str = "PRIVATE KEY";
pub(super) const ENCRYPTED_PKCS8: &str = "ENCRYPTED PRIVATE KEY";
pub(super) const SPKI: &str = "PUBLIC KEY";

/// What OpenSSL writes in one line.
const LINE_LENGTH: usize = 64;

/// No label is as long, in characters.
const LABEL_LENGTH: usize = 64;

/// One block: what stands between a BEGIN and an END line.
pub(super) struct Block<'a> {
    pub(super) label: &'a str,
    headers: Vec<(&'a str, &'a str)>,
    lines: Vec<&'a str>,
}

impl Block<'_> {
    /// The value of a header such as `DEK-Info`.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find_map(|(key, value)| (*key == name).then_some(*value))
    }

    /// The content.
    pub(super) fn decode(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        // All the room it needs: growing would leave copies behind.
        let length = self.lines.iter().map(|line| line.len()).sum();
        let mut base64 = Zeroizing::new(String::with_capacity(length));
        self.lines.iter().for_each(|line| base64.push_str(line));
        encoding::decode(&STANDARD, &base64).map_err(|reason| self.malformed(reason))
    }

    /// How errors call this block.
    pub(super) fn name(&self) -> String {
        format!("the PEM block `{}`", self.label)
    }

    /// The error for a block that cannot be read.
    pub(super) fn malformed(&self, reason: impl Into<String>) -> KeyError {
        error::malformed(&self.name(), reason)
    }
}

/// All blocks of a text; at least one.
pub(super) fn parse(text: &str) -> Result<Vec<Block<'_>>, KeyError> {
    // Some editors begin a file with a byte order mark.
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(KeyError::Empty);
    }
    let mut blocks = Vec::new();
    let mut lines = text.lines().map(str::trim);
    while let Some(line) = lines.next() {
        if let Some(label) = boundary(line, "BEGIN") {
            blocks.push(block(label, &mut lines)?);
        }
    }
    if !blocks.is_empty() {
        return Ok(blocks);
    }
    if text.contains("-----BEGIN ") {
        return Err(KeyError::LineBreaks);
    }
    Err(KeyError::NotPem {
        looks_like: guess::looks_like(text.as_bytes()),
    })
}

/// The first block with a label that is wanted; else one to say what it is instead.
pub(super) fn choose<'a, 'b>(
    blocks: &'b [Block<'a>],
    wanted: impl Fn(&str) -> bool,
) -> &'b Block<'a> {
    blocks
        .iter()
        .find(|block| wanted(block.label))
        .or_else(|| blocks.iter().find(|block| block.label != EC_PARAMETERS))
        .unwrap_or(&blocks[0])
}

/// One PEM block with this content.
pub(super) fn encode(label: &str, der: &[u8]) -> Zeroizing<String> {
    let length = base64::encoded_len(der.len(), true).expect("documents are small");
    let mut base64 = Zeroizing::new(vec![0; length]);
    STANDARD
        .encode_slice(der, &mut base64)
        .expect("the length is as computed");
    // More than it needs: growing would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(length * 2 + 2 * label.len() + 64));
    text.push_str(&format!("-----BEGIN {label}-----\n"));
    for line in base64.chunks(LINE_LENGTH) {
        text.extend(line.iter().copied().map(char::from));
        text.push('\n');
    }
    text.push_str(&format!("-----END {label}-----\n"));
    text
}

/// The label, when the line is a boundary of this kind. A label is short, printable, and has no
/// hyphens in a row (RFC 7468 section 3): so a whole block on one line is not taken for one.
fn boundary<'a>(line: &'a str, kind: &str) -> Option<&'a str> {
    line.strip_prefix("-----")?
        .strip_suffix("-----")?
        .strip_prefix(kind)?
        .strip_prefix(' ')
        .filter(|label| label.len() <= LABEL_LENGTH && !label.contains("--"))
        .filter(|label| label.bytes().all(|byte| matches!(byte, b' '..=b'~')))
}

/// The rest of a block, after its BEGIN line.
fn block<'a>(
    label: &'a str,
    lines: &mut impl Iterator<Item = &'a str>,
) -> Result<Block<'a>, KeyError> {
    let mut block = Block {
        label,
        headers: Vec::new(),
        lines: Vec::new(),
    };
    for line in lines {
        if let Some(end) = boundary(line, "END") {
            if end == label {
                return Ok(block);
            }
            return Err(block.malformed(format!("its END line is that of `{end}`")));
        }
        if boundary(line, "BEGIN").is_some() {
            break;
        }
        match line.split_once(':') {
            Some((name, value)) => block.headers.push((name.trim(), value.trim())),
            None => block.lines.push(line),
        }
    }
    Err(block.malformed("the END line is missing"))
}
