use std::fmt;

use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE, HeaderName, PROXY_AUTHORIZATION};

use super::base::{component, field_value, query};
use super::input::{self, SignatureInput};
use super::{
    ComponentError, EcdsaEncoding, LABEL, Limits, Message, SignatureVersion, VerifyError, ecdsa,
};
use crate::header::{SIGNATURE, SIGNATURE_INPUT, UPVEST_SIGNATURE_VERSION};
use crate::{KeyAlgorithm, VerifyingKey};

const REDACTED: &str = "[redacted]";

/// Explains a signed request to somebody who wonders why the API answers 401: the signature base
/// that this request must have, line by line, beside what the headers of the request claim, and the
/// first difference.
///
/// It looks at the signature labelled `sig1`. It computes digest and length from the body. It lists
/// every component that the signature must cover, whether covered or not. With the public key, it
/// checks the signature as well; it never checks time and nonce.
///
/// Credentials are not shown: only the scheme of `authorization`, and nothing of `cookie` or of
/// header values that are [marked as sensitive](http::HeaderValue::set_sensitive).
///
/// ```
/// use bytes::Bytes;
/// use upvest_auth_signing::{KeyAlgorithm, Signer, SigningKey, explain};
///
/// let key = SigningKey::generate(KeyAlgorithm::Ed25519)?;
/// let mut request = http::Request::post("https://sandbox.upvest.co/users")
///     .header("content-type", "application/json")
///     .body(Bytes::from_static(b"{}"))?;
/// Signer::new(key.clone(), "my-key").sign(&mut request)?;
/// let public = key.verifying_key();
/// assert!(explain(&request, Some(&public)).difference.is_none());
///
/// *request.body_mut() = Bytes::from_static(b"{ }");
/// let explanation = explain(&request, Some(&public));
/// assert!(explanation.difference.is_some());
/// println!("{explanation}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn explain<'a>(message: impl Into<Message<'a>>, key: Option<&VerifyingKey>) -> Explanation {
    let message = message.into();
    let mut lines = Vec::new();
    let difference =
        find(message, key, &mut lines).unwrap_or_else(|refusal| Some(Difference::Headers(refusal)));
    Explanation {
        version: SignatureVersion::of(message.headers).unwrap_or_default(),
        version_header: message.headers.contains_key(UPVEST_SIGNATURE_VERSION),
        lines,
        difference,
    }
}

/// What [`explain()`] finds. `Display` is a table of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Explanation {
    /// The version by which the API judges the request.
    pub version: SignatureVersion,
    /// The lines of the signature base, then the lines that are missing from it.
    pub lines: Vec<ExplainedLine>,
    /// The first thing that is wrong; `None` when nothing is wrong.
    pub difference: Option<Difference>,
    version_header: bool,
}

/// A line of the signature base.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExplainedLine {
    /// The name of the component, or `@signature-params`.
    pub component: String,
    /// Its value for this request, without credentials; `None` when the request has none.
    pub built: Option<String>,
    /// What the headers say about it.
    pub claim: ClaimedLine,
}

/// What the headers of a request say about a line of its signature base.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ClaimedLine {
    /// The same.
    Same,
    /// Something else, which is what was signed.
    Other(String),
    /// `signature-input` lists the component, but the request does not have it, or has it with a
    /// value that cannot be signed.
    Absent,
    /// `signature-input` does not list the component, although it must be covered.
    NotCovered,
}

/// The first thing that is wrong with the signature of a request.
#[derive(Debug)]
#[non_exhaustive]
pub enum Difference {
    /// The headers cannot be read as a signature.
    Headers(VerifyError),
    /// This line of the base, counted from 1, is not as the headers claim.
    Line(usize),
    /// All lines are as they are claimed, but the signature does not match them and the key.
    Signature,
}

/// The first difference, and all lines up to it.
fn find(
    message: Message<'_>,
    key: Option<&VerifyingKey>,
    lines: &mut Vec<ExplainedLine>,
) -> Result<Option<Difference>, VerifyError> {
    let limits = Limits::default();
    let version = SignatureVersion::of(message.headers).ok_or_else(|| VerifyError::Version {
        found: field_value(message.headers, &UPVEST_SIGNATURE_VERSION)
            .map(|found| String::from_utf8_lossy(&found).into_owned()),
        accepted: vec![SignatureVersion::V15, SignatureVersion::V6],
    })?;
    let input = input::value(message.headers, SIGNATURE_INPUT, &limits)?;
    let input = SignatureInput::parse(&input, LABEL, &limits)?;
    let signature = input::value(message.headers, SIGNATURE, &limits)?;
    let signature = input::signature(&signature, LABEL, &limits)?;

    *lines = self::lines(message, version, &input);
    if let Some(index) = lines
        .iter()
        .position(|line| line.claim != ClaimedLine::Same)
    {
        return Ok(Some(Difference::Line(index + 1)));
    }
    let (base, _) = input.base(message, version)?;
    let fits = key.is_none_or(|key| is_valid(key, base.as_bytes(), &signature));
    Ok((!fits).then_some(Difference::Signature))
}

fn lines(
    message: Message<'_>,
    version: SignatureVersion,
    input: &SignatureInput<'_>,
) -> Vec<ExplainedLine> {
    let mut lines: Vec<ExplainedLine> = input
        .components()
        .map(|name| covered(message, version, name))
        .collect();
    lines.push(params(message.headers, input));
    for name in expected(message, version) {
        if !input.covers(&name) {
            lines.push(ExplainedLine {
                claim: ClaimedLine::NotCovered,
                ..covered(message, version, &name)
            });
        }
    }
    lines
}

/// The components of this request that the API requires to be covered.
fn expected(message: Message<'_>, version: SignatureVersion) -> Vec<String> {
    let mut names = vec!["@method".to_owned(), "@path".to_owned()];
    if query(message.uri).is_some() {
        names.push("@query".to_owned());
    }
    if message.headers.contains_key(AUTHORIZATION) {
        names.push(AUTHORIZATION.to_string());
    }
    if !message.body.is_empty() {
        names.push("content-length".to_owned());
        names.push("content-type".to_owned());
        names.push(version.digest_header().to_string());
    }
    names
}

fn covered(message: Message<'_>, version: SignatureVersion, name: &str) -> ExplainedLine {
    let (built, claim) = match component(message, name) {
        Err(ComponentError::NotAscii { .. }) => {
            (Some("(not visible ASCII)".to_owned()), ClaimedLine::Absent)
        }
        Err(_) => (None, ClaimedLine::Absent),
        Ok(value) if name == version.digest_header() => {
            match version.verify_body_digest(&value, message.body) {
                Ok(()) => (Some(value), ClaimedLine::Same),
                Err(_) => (
                    Some(version.body_digest(message.body)),
                    ClaimedLine::Other(value),
                ),
            }
        }
        Ok(value) if name == CONTENT_LENGTH => {
            let length = message.body.len().to_string();
            let claim = if value == length {
                ClaimedLine::Same
            } else {
                ClaimedLine::Other(value)
            };
            (Some(length), claim)
        }
        Ok(value) => (Some(shown(message.headers, name, value)), ClaimedLine::Same),
    };
    ExplainedLine {
        component: name.to_owned(),
        built,
        claim,
    }
}

/// The line of the parameters. A signer may have written it in the header in another way.
fn params(headers: &HeaderMap, input: &SignatureInput<'_>) -> ExplainedLine {
    let header = field_value(headers, &SIGNATURE_INPUT).unwrap_or_default();
    let header = String::from_utf8_lossy(&header);
    ExplainedLine {
        component: "@signature-params".to_owned(),
        built: Some(input.params.clone()),
        claim: if header.contains(&input.params) {
            ClaimedLine::Same
        } else {
            ClaimedLine::Other(header.into_owned())
        },
    }
}

/// A value without its secret parts.
fn shown(headers: &HeaderMap, name: &str, value: String) -> String {
    let Ok(name) = HeaderName::from_lowercase(name.as_bytes()) else {
        return value;
    };
    if name == AUTHORIZATION || name == PROXY_AUTHORIZATION {
        return match value.split_once(' ') {
            Some((scheme, _)) => format!("{scheme} {REDACTED}"),
            None => REDACTED.to_owned(),
        };
    }
    let sensitive = headers
        .get_all(&name)
        .iter()
        .any(|line| line.is_sensitive());
    if sensitive || name == COOKIE {
        return REDACTED.to_owned();
    }
    value
}

fn is_valid(key: &VerifyingKey, base: &[u8], signature: &[u8]) -> bool {
    match key.algorithm() {
        KeyAlgorithm::EcdsaP521Sha512 => ecdsa::verify(key, EcdsaEncoding::Der, base, signature),
        KeyAlgorithm::Ed25519 => key.verify(base, signature),
    }
    .is_ok()
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "signature `{LABEL}` of version {}", self.version)?;
        if !self.version_header {
            f.write_str(", since there is no header upvest-signature-version")?;
        }
        f.write_str("\n\n")?;
        if !self.lines.is_empty() {
            self.table(f)?;
            f.write_str("\n")?;
        }
        match &self.difference {
            None => f.write_str("no difference")?,
            Some(Difference::Headers(refusal)) => write!(f, "the headers: {refusal}")?,
            Some(Difference::Line(number)) => {
                write!(f, "first difference in line {number}")?;
                if let Some(line) = self.lines.get(number - 1) {
                    write!(f, ", {}: {}", line.component, line.claim.in_words())?;
                }
            }
            Some(Difference::Signature) => f.write_str(
                "no difference in the lines, but the signature does not match them and the key: \
                 another key signed, or the request was changed",
            )?,
        }
        let redacted = self.lines.iter().any(|line| {
            line.built
                .as_deref()
                .is_some_and(|built| built.contains(REDACTED))
        });
        if redacted {
            write!(
                f,
                "\n{REDACTED} stands for credentials: they are in the base, but not shown"
            )?;
        }
        Ok(())
    }
}

impl Explanation {
    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self
            .lines
            .iter()
            .map(|line| line.component.len())
            .max()
            .unwrap_or_default();
        writeln!(f, "line  {:width$}  claim        value", "component")?;
        for (index, line) in self.lines.iter().enumerate() {
            let number = index + 1;
            let (component, claim) = (&line.component, line.claim.word());
            let built = line.built.as_deref().unwrap_or("(none)");
            writeln!(f, "{number:>4}  {component:width$}  {claim:11}  {built}")?;
            if let ClaimedLine::Other(claimed) = &line.claim {
                writeln!(f, "{:>4}  {:width$}  {:11}  {claimed}", "", "", "in header")?;
            }
        }
        Ok(())
    }
}

impl ClaimedLine {
    fn word(&self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Other(_) => "differs",
            Self::Absent => "absent",
            Self::NotCovered => "not covered",
        }
    }

    fn in_words(&self) -> &'static str {
        match self {
            Self::Same => "as claimed",
            Self::Other(_) => "the header and the request differ",
            Self::Absent => {
                "it is signed, but the request does not have it, or its value is not visible ASCII"
            }
            Self::NotCovered => "it is not signed, but must be",
        }
    }
}
