//! What the headers say was signed.

use upvest_auth_signing::{Explanation, SignatureVersion, VerifyError};
use upvest_http::Excerpt;

use super::capture::Capture;
use super::cause::Cause;
use super::{Case, encoding};

const LABEL: &str = "sig1";

/// The lines of the base by the headers, and the signature.
pub(super) struct Signed {
    /// Names and values of the components, credentials included: not to be shown.
    pub(super) lines: Vec<(String, String)>,
    /// The components and parameters, as `signature-input` has them.
    pub(super) params: String,
    pub(super) signature: Vec<u8>,
    /// The signature as it stands in the header.
    pub(super) encoded: String,
}

impl Signed {
    /// Nothing if the headers are not to be read.
    pub(super) fn of(capture: &Capture, explanation: &Explanation) -> Option<Self> {
        let input = capture.header("signature-input")?;
        let params = input.strip_prefix(LABEL)?.strip_prefix('=')?.to_owned();
        let header = capture.header("signature")?;
        let encoded = header.strip_prefix(LABEL)?.strip_prefix('=')?;
        let encoded = encoded.trim_matches(':').to_owned();
        let signature = encoding::base64(&encoded)?;
        let known = explanation.lines.iter().map(|line| line.component.clone());
        let names = match explanation.lines.is_empty() {
            true => components(&params),
            false => known
                .take_while(|name| name != "@signature-params")
                .collect(),
        };
        let lines = names.into_iter().filter_map(|name| {
            let value = value(capture, &name)?;
            Some((name, value))
        });
        Some(Self {
            lines: lines.collect(),
            params,
            signature,
            encoded,
        })
    }

    /// A parameter of the signature, without quotes.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let (_, parameters) = self.params.rsplit_once(')')?;
        parameters.split(';').find_map(|one| {
            let (key, value) = one.trim().split_once('=')?;
            (key == name).then(|| value.trim_matches('"'))
        })
    }
}

/// The quoted names in the list at the beginning.
fn components(params: &str) -> Vec<String> {
    let list = params.split(')').next().unwrap_or_default();
    list.split('"')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// The value of a component for a request.
fn value(capture: &Capture, name: &str) -> Option<String> {
    let uri = capture.request.uri();
    match name {
        "@method" => Some(capture.request.method().to_string()),
        "@path" => Some(match uri.path() {
            "" => "/".to_owned(),
            path => path.to_owned(),
        }),
        "@query" => uri.query().map(|query| format!("?{query}")),
        name if name.starts_with('@') => None,
        name => capture.header(name),
    }
}

/// Whether a request that says nothing of its version is made by the rules of version 15.
pub(super) fn looks_like_15(capture: &Capture) -> bool {
    let input = capture.header("signature-input").unwrap_or_default();
    let told = capture.header("upvest-signature-version");
    match told.as_deref() {
        Some("15") => true,
        Some(_) => false,
        None => input.contains("\"content-digest\"") || !input.contains("\"digest\""),
    }
}

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
pub(super) fn headers(case: &Case<'_>, error: &VerifyError) -> Option<Cause> {
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
            "the signature has another label than `sig1`, or not the same in both headers",
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
