//! What the headers say was signed.

use upvest_auth_signing::Explanation;

use super::capture::Capture;
use super::encoding;

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
    /// `None` if the headers cannot be read.
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

/// Whether a request that does not name its version follows the rules of version 15.
pub(super) fn looks_like_15(capture: &Capture) -> bool {
    let input = capture.header("signature-input").unwrap_or_default();
    let told = capture.header("upvest-signature-version");
    match told.as_deref() {
        Some("15") => true,
        Some(_) => false,
        None => input.contains("\"content-digest\"") || !input.contains("\"digest\""),
    }
}
