//! Mistakes in the headers of a signature.

use upvest_auth_signing::{SignatureVersion, VerifyError};
use upvest_http::Excerpt;

use super::case::Case;
use super::cause::Cause;
use super::encoding;

/// What is wrong with the header of the version.
pub(super) fn version(case: &Case<'_>) -> Option<Cause> {
    match case.capture.header("upvest-signature-version") {
        None if case.version == SignatureVersion::V15 => Some(Cause::new(
            "version-missing",
            "the header `upvest-signature-version: 15` is missing",
            "send it: without it, the API judges the request by the rules of version 6",
        )),
        Some(found) if found != "15" => Some(Cause::new(
            "version-unknown",
            format!("upvest-signature-version is {}", Excerpt::new(&found)),
            "send `upvest-signature-version: 15`",
        )),
        _ => None,
    }
}

/// What is wrong with headers that cannot be read.
pub(super) fn unreadable(case: &Case<'_>, error: &VerifyError) -> Option<Cause> {
    let capture = case.capture;
    let signature = capture.header("signature").unwrap_or_default();
    let input = capture.header("signature-input").unwrap_or_default();
    match error {
        VerifyError::Version { .. } => None,
        VerifyError::MissingHeader { name } => Some(Cause::new(
            "header-missing",
            format!("the header `{name}` is missing"),
            "send both `signature-input` and `signature`; something on the way may have removed it",
        )),
        VerifyError::MissingLabel { .. } => Some(Cause::new(
            "label",
            "the label of the signature is not `sig1`, or differs between the two headers",
            "begin both headers with `sig1=`",
        )),
        VerifyError::MalformedHeader { name, .. } if name == "signature" => {
            Some(malformed_signature(&signature))
        }
        VerifyError::MalformedHeader { .. } if input.starts_with('(') => Some(Cause::new(
            "label",
            "signature-input has no label before its list",
            "write `signature-input: sig1=(...)`",
        )),
        VerifyError::MalformedParameter { .. } => Some(Cause::new(
            "parameter",
            error.to_string(),
            "write `keyid` and `nonce` in quotes, `created` and `expires` as whole seconds without",
        )),
        other => Some(Cause::new(
            "headers",
            other.to_string(),
            "write `signature-input: sig1=(\"@method\" ...);keyid=\"...\";created=...;expires=...;nonce=\"...\"`",
        )),
    }
}

fn malformed_signature(header: &str) -> Cause {
    let value = header.split_once('=').map_or(header, |(_, value)| value);
    if !value.starts_with(':') || !value.ends_with(':') || value.len() < 2 {
        return Cause::new(
            "colons",
            "the signature does not stand between colons",
            "write `signature: sig1=:BASE64:`, colons included",
        );
    }
    let inner = value.trim_matches(':');
    match encoding::is_standard(inner) {
        true => Cause::new(
            "signature-header",
            "the header signature is malformed",
            "write `signature: sig1=:BASE64:`",
        ),
        false => Cause::new(
            "base64",
            "the signature is not in the standard alphabet of base64 with padding",
            "use `+`, `/` and `=` (RFC 4648, section 4), not the alphabet for URLs",
        ),
    }
}
