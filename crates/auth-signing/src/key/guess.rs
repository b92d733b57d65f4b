//! What a text or document looks like that is not what was expected.

use der::asn1::AnyRef;
use der::{Decode, Tag, Tagged};

/// A name for what something looks like that was expected in another form.
pub(super) fn looks_like(content: &[u8]) -> Option<&'static str> {
    let content = content.trim_ascii_start();
    let starts = |prefix: &str| content.starts_with(prefix.as_bytes());
    if starts("{") {
        Some("a JWK")
    } else if starts("-----BEGIN") {
        Some("PEM")
    } else if starts("ssh-") || starts("ecdsa-sha2-") {
        Some("an OpenSSH public key")
    } else if starts("PuTTY-User-Key-File") {
        Some("a PuTTY key")
    } else if AnyRef::from_der(content).is_ok_and(|document| document.tag() == Tag::Sequence) {
        Some("DER")
    } else {
        None
    }
}
